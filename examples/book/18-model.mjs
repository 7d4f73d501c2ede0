// Chapter 18: the model as an object. Here the test data are drawn before the weights.
import { adam, dense, dropout, l2, Model, RandomState } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { drawn, epochsOr, printModelEpochs, printValidation } from './lines.mjs'

const generator = new RandomState(0)
const data = spiral(1000, 3, { generator })
const validation = spiral(100, 3, { generator })
const penalties = { kernelRegularizer: l2(5e-4), biasRegularizer: l2(5e-4) }
const model = new Model(
  [
    dense(512, { activation: 'relu', ...drawn(generator), ...penalties }),
    dropout(0.1),
    dense(3, { activation: 'softmax', ...drawn(generator) }),
  ],
  { seed: 0 },
)
model.build([2])
console.log(model.summary())
const optimizer = adam({ learningRate: 0.05, decay: 5e-5 })
model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
printModelEpochs(await model.fit(data, { epochs: epochsOr(10000), batchSize: 3000, shuffle: false }))
printValidation(await model.evaluate(validation))
