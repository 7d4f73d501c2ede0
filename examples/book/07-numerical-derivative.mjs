// Chapter 7: the derivative of 2x², from two points near each other, and by the chain rule.
import { grad } from 'chainrule'

const f = (x) => 2 * x ** 2
const delta = 0.0001 // float64: in float32 the difference would drown
const derivative = grad((x) => x.square().mul(2))

for (let x = 0; x < 5; x++) {
  const slope = (f(x + delta) - f(x)) / delta
  console.log(`Approximate derivative for f(x) where x = ${x} is ${slope.toFixed(6)}, exactly ${derivative(x).item()}`)
}

// Of a neuron: relu(x·w + b) with the gradient 1 from the next layer, as in chapter 9.
const [x, w, b] = [[1, -2, 3], [-3, -1, 2], 1]
const neuron = (...z) => z[0].mul(z[1]).sum().add(z[2]).relu()
console.log(`dx = ${grad(neuron)(x, w, b)}, dw = ${grad((w, x, b) => neuron(x, w, b))(w, x, b)}`)
