import { adam, dense, dropout, l2, Model } from 'chainrule'
import { digits } from 'chainrule/datasets'

const { train, test } = await digits()
const model = new Model(
  [
    dense(64, { activation: 'relu', kernelRegularizer: l2(1e-4) }),
    dropout(0.1),
    dense(10, { activation: 'softmax' }),
  ],
  { seed: 1 },
)
model.compile({ optimizer: adam({ learningRate: 0.005 }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
await model.fit(train, { epochs: 30, batchSize: 32, validation: test })
console.log(await model.evaluate(test))

await model.save('digits.safetensors')
const same = await Model.load('digits.safetensors')
const { x, y } = test.samples(0, 1, 2, 3, 4)
const guesses = (await same.predict(x)).argmax({ axis: 1 })
console.log(`labels ${y}, predicted ${guesses}`)
