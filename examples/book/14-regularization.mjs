// Chapter 14: L2 on weights and biases of the first layer.
import { adam, dense, l2, Model, RandomState } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { drawn, epochsOr, printEpochs, printValidation } from './lines.mjs'

const generator = new RandomState(0)
const data = spiral(100, 3, { generator })
const penalties = { kernelRegularizer: l2(5e-4), biasRegularizer: l2(5e-4) }
const hidden = dense(64, { activation: 'relu', ...drawn(generator), ...penalties })
const model = new Model([hidden, dense(3, { activation: 'softmax', ...drawn(generator) })])
const optimizer = adam({ learningRate: 0.02, decay: 5e-7 })
model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
printEpochs(await model.fit(data, { epochs: epochsOr(10001), batchSize: 300, shuffle: false }))

printValidation(await model.evaluate(spiral(100, 3, { generator })))
