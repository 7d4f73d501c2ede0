// Chapters 11 and 12: data that the network has not seen.
import { adam, dense, Model, RandomState } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { drawn, epochsOr, printEpochs, printValidation } from './lines.mjs'

const generator = new RandomState(0)
const data = spiral(100, 3, { generator })
const hidden = dense(64, { activation: 'relu', ...drawn(generator) })
const model = new Model([hidden, dense(3, { activation: 'softmax', ...drawn(generator) })])
const optimizer = adam({ learningRate: 0.05, decay: 5e-7 })
model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
printEpochs(await model.fit(data, { epochs: epochsOr(10001), batchSize: 300, shuffle: false }), { parts: false })

const test = spiral(100, 3, { generator }) // the next numbers of the same generator
printValidation(await model.evaluate(test))
