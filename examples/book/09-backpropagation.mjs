// Chapter 9: the gradients of a network by hand, and the same by the chain rule.
import { gradient, losses, mean, RandomState, relu, softmax, tensor } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { ActivationReLU, ActivationSoftmaxLoss, LayerDense } from './by-hand.mjs'

const generator = new RandomState(0)
const { x, y } = spiral(100, 3, { generator })
const dense1 = new LayerDense(2, 3, generator)
const activation1 = new ActivationReLU()
const dense2 = new LayerDense(3, 3, generator)
const lossActivation = new ActivationSoftmaxLoss()

dense1.forward(x)
activation1.forward(dense1.output)
dense2.forward(activation1.output)
lossActivation.forward(dense2.output, y)
console.log(String(lossActivation.output.at(':5')))
console.log(`loss: ${lossActivation.loss.item().toFixed(7)}`)
console.log(`acc: ${lossActivation.accuracy.item().toFixed(2)}`)

lossActivation.backward(y)
dense2.backward(lossActivation.dinputs)
activation1.backward(dense2.dinputs)
dense1.backward(activation1.dinputs)
const byHand = [dense1.dweights, dense1.dbiases, dense2.dweights, dense2.dbiases]
for (const g of byHand) console.log(String(g))

// By the chain rule: the same network as one expression.
const parameters = [dense1.weights, dense1.biases, dense2.weights, dense2.biases]
const [w1, b1, w2, b2] = parameters
const output = softmax(relu(x.dot(w1).add(b1)).dot(w2).add(b2))
const loss = mean(losses.categoricalCrossentropy(y, output))
const byRule = gradient(loss, parameters)
const worst = byRule.map((g, i) => g.sub(byHand[i]).abs().max().item())
console.log(`largest difference to gradient(loss, parameters): ${Math.max(...worst).toExponential(1)}`)

// One layer alone: gradient(y, of, dvalues).
const [inputs, dvalues] = [tensor([[1, 2]]), tensor([[1, -1, 0.5]])]
dense1.forward(inputs)
dense1.backward(dvalues)
const [dweights, dinputs] = gradient(inputs.dot(w1).add(b1), [w1, inputs], dvalues)
console.log(String(dweights), String(dweights) === String(dense1.dweights))
console.log(String(dinputs), String(dinputs) === String(dense1.dinputs))

// And softmax: its Jacobian, a row at a time.
const z = tensor([[0.7, 0.1, 0.2]]).log()
z.data() // computed, so a leaf
for (const row of [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
])
  console.log(String(gradient(softmax(z), z, [row])))
