// Chapter 15: dropout, on ten times the data.
import { adam, dense, dropout, l2, Model, RandomState } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { drawn, epochsOr, printEpochs, printValidation } from './lines.mjs'

const generator = new RandomState(0)
const data = spiral(1000, 3, { generator })
const penalties = { kernelRegularizer: l2(5e-4), biasRegularizer: l2(5e-4) }
const hidden = dense(64, { activation: 'relu', ...drawn(generator), ...penalties })
const output = dense(3, { activation: 'softmax', ...drawn(generator) })
const model = new Model([hidden, dropout(0.1), output], { seed: 0 })
const optimizer = adam({ learningRate: 0.05, decay: 5e-5 })
model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
printEpochs(await model.fit(data, { epochs: epochsOr(10001), batchSize: 3000, shuffle: false }))

printValidation(await model.evaluate(spiral(100, 3, { generator })))
