// Chapter 4: activation functions.
import { activation, dense, RandomState, relu, sigmoid, softmax, tensor } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { drawn } from './lines.mjs'

const inputs = tensor([0, 2, -1, 3.3, -2.7, 1.1, 2.2, -100])
console.log(`step    ${activation('step').apply(inputs)}`)
console.log(`linear  ${activation('linear').apply(inputs)}`)
console.log(`sigmoid ${sigmoid([0, 2, -1])}`)
console.log(`relu    ${relu(inputs)}`)

// Softmax: exponentials, then each divided by their sum. The row's maximum is subtracted first, so nothing overflows.
const outputs = tensor([[4.8, 1.21, 2.385]])
const powers = outputs.exp()
console.log(String(powers))
console.log(String(powers.div(powers.sum({ axis: 1, keepdims: true }))))
console.log(String(softmax(outputs)))
console.log(String(softmax([[1000, 999, 998]])))

const generator = new RandomState(0)
const { x } = spiral(100, 3, { generator })
const first = dense(3, { activation: 'relu', ...drawn(generator) })
const second = dense(3, { activation: 'softmax', ...drawn(generator) })
console.log(String(first.apply(x).at(':5')))
console.log(String(second.apply(first.apply(x)).at(':5')))
