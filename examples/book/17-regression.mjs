// Chapter 17: a sine. A prediction counts as right within a 250th of the targets' standard deviation.
import { adam, dense, Model, RandomState } from 'chainrule'
import { sine } from 'chainrule/datasets'
import { drawn, epochsOr, printEpochs } from './lines.mjs'

const generator = new RandomState(0)
const data = sine(1000)
const hidden = () => dense(64, { activation: 'relu', ...drawn(generator, 0.1) })
const model = new Model([hidden(), hidden(), dense(1, drawn(generator, 0.1))])
const optimizer = adam({ learningRate: 0.005, decay: 1e-3 })
model.compile({ optimizer, loss: 'meanSquaredError', metrics: ['accuracy'] })
printEpochs(await model.fit(data, { epochs: epochsOr(10001), batchSize: 1000, shuffle: false }))
