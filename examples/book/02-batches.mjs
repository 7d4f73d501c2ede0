// Chapter 2: a batch of samples through a layer is one matrix product.
import { matmul, tensor } from 'chainrule'
import { rounded } from './lines.mjs'

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
const biases = [2, 3, 0.5]
const outputs = matmul(inputs, weights.T).add(biases)
console.log(
  `inputs ${inputs.shape.join('×')}, weights ${weights.T.shape.join('×')}, outputs ${outputs.shape.join('×')}`,
)
console.log(rounded(outputs))
