// Chapter 16: two classes, one output with a sigmoid.
import { adam, dense, l2, Model, RandomState } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { drawn, epochsOr, printEpochs, printValidation } from './lines.mjs'

const generator = new RandomState(0)
const data = spiral(100, 2, { generator }) // y [200] stands for [200, 1]
const penalties = { kernelRegularizer: l2(5e-4), biasRegularizer: l2(5e-4) }
const hidden = dense(64, { activation: 'relu', ...drawn(generator), ...penalties })
const model = new Model([hidden, dense(1, { activation: 'sigmoid', ...drawn(generator) })])
model.compile({ optimizer: adam({ decay: 5e-7 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] })
printEpochs(await model.fit(data, { epochs: epochsOr(10001), batchSize: 200, shuffle: false }))

printValidation(await model.evaluate(spiral(100, 2, { generator })))
