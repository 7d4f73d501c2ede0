// Chapter 3: two layers, the dense layer, and data that no line can separate.
import { dense, matmul, RandomState, tensor } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { drawn, rounded } from './lines.mjs'

const inputs = tensor([
  [1, 2, 3, 2.5],
  [2, 5, -1, 2],
  [-1.5, 2.7, 3.3, -0.8],
])
const weights = tensor([
  [0.2, 0.8, -0.5, 1],
  [0.5, -0.91, 0.26, -0.5],
  [-0.26, -0.27, 0.17, 0.87],
])
const weights2 = tensor([
  [0.1, -0.14, 0.5],
  [-0.5, 0.12, -0.33],
  [-0.44, 0.73, -0.13],
])
const first = matmul(inputs, weights.T).add([2, 3, 0.5])
console.log(rounded(matmul(first, weights2.T).add([-1, 2, -0.5])))

const generator = new RandomState(0)
const { x } = spiral(100, 3, { generator })
console.log(String(x.at(':5')))
const layer = dense(3, drawn(generator)) // weights 2×3, biases 0
console.log(String(layer.apply(x).at(':5')))
