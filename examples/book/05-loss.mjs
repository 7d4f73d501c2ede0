// Chapter 5: how wrong a prediction is.
import { argmax, dense, equal, losses, mean, RandomState, tensor } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { drawn } from './lines.mjs'

console.log(Math.log(1), Math.log(0.8).toFixed(4), Math.log(0.01).toFixed(3)) // the loss is −ln of the confidence

const outputs = tensor([
  [0.7, 0.1, 0.2],
  [0.1, 0.5, 0.4],
  [0.02, 0.9, 0.08],
])
const labels = tensor(Int32Array.of(0, 1, 1)) // class numbers; one-hot rows do as well
const perSample = losses.categoricalCrossentropy(labels, outputs)
console.log(String(perSample), mean(perSample).item().toFixed(7))
console.log('acc:', mean(equal(argmax(outputs, { axis: 1 }), labels)).item())

const generator = new RandomState(0)
const { x, y } = spiral(100, 3, { generator })
const first = dense(3, { activation: 'relu', ...drawn(generator) })
const second = dense(3, { activation: 'softmax', ...drawn(generator) })
const predictions = second.apply(first.apply(x))
const loss = mean(losses.categoricalCrossentropy(y, predictions))
const accuracy = mean(equal(argmax(predictions, { axis: 1 }), y))
console.log(String(predictions.at(':5')))
console.log('loss:', loss.item().toFixed(7))
console.log('acc:', accuracy.item().toFixed(2))
