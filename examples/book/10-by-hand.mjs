// Chapter 10: stochastic gradient descent with the hand-written classes.
import { RandomState } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { ActivationReLU, ActivationSoftmaxLoss, LayerDense, OptimizerSGD } from './by-hand.mjs'
import { epochsOr } from './lines.mjs'

const generator = new RandomState(0)
const { x, y } = spiral(100, 3, { generator })
const dense1 = new LayerDense(2, 64, generator)
const activation1 = new ActivationReLU()
const dense2 = new LayerDense(64, 3, generator)
const lossActivation = new ActivationSoftmaxLoss()
const optimizer = new OptimizerSGD(1)

for (let epoch = 0; epoch < epochsOr(10001); epoch++) {
  dense1.forward(x)
  activation1.forward(dense1.output)
  dense2.forward(activation1.output)
  lossActivation.forward(dense2.output, y)
  lossActivation.backward(y)
  dense2.backward(lossActivation.dinputs)
  activation1.backward(dense2.dinputs)
  dense1.backward(activation1.dinputs)
  // Reading computes what is pending; once per epoch keeps that little.
  const [accuracy, loss] = [lossActivation.accuracy.item(), lossActivation.loss.item()]
  if (epoch % 100 === 0) console.log(`epoch: ${epoch}, acc: ${accuracy.toFixed(3)}, loss: ${loss.toFixed(3)}`)
  optimizer.update(dense1)
  optimizer.update(dense2)
}
