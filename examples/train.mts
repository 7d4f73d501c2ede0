import { adam, dense, dropout, l2, Model } from 'chainrule'
import { digits } from 'chainrule/datasets'

const { train, test } = await digits() // 1,797 handwritten digits, 8×8 pixels
const hidden = dense(64, { activation: 'relu', kernelRegularizer: l2(1e-4) })
const output = dense(10, { activation: 'softmax' })
const model = new Model([hidden, dropout(0.1), output], { seed: 1 })
model.compile({ optimizer: adam({ learningRate: 0.005 }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
await model.fit(train, { epochs: 30, validation: test }) // a progress bar on a terminal; the event loop stays free
console.log(await model.evaluate(test))

await model.save('digits.safetensors')
const same = await Model.load('digits.safetensors')
const { x, y } = test.samples(0, 1, 2, 3, 4)
console.log(`labels ${y}, predicted ${(await same.predict(x)).argmax({ axis: 1 })}`)
