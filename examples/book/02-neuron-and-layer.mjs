// Chapter 2: a neuron, a layer of neurons, the dot product.
import { dot, tensor } from 'chainrule'
import { rounded } from './lines.mjs'

const inputs = tensor([1, 2, 3, 2.5])

// One neuron: the sum of inputs times weights, plus a bias.
console.log(dot(inputs, [0.2, 0.8, -0.5, 1]).add(2).item().toFixed(1))

// A layer: every neuron sees the same inputs, with weights and a bias of its own.
const weights = tensor([
  [0.2, 0.8, -0.5, 1],
  [0.5, -0.91, 0.26, -0.5],
  [-0.26, -0.27, 0.17, 0.87],
])
const biases = [2, 3, 0.5]
console.log(rounded(dot(weights, inputs).add(biases)))

console.log(dot([1, 2, 3], [2, 3, 4]).item())
try {
  dot([1, 2, 3], [2, 3])
} catch (error) {
  console.log(`${error.code}: vectors of different length have no dot product`)
}
