// A convolutional network on Fashion-MNIST: two convolutions with pooling and dropout.
import { conv2d, dense, dropout, flatten, Model, maxPool2d } from 'chainrule'
import { fashionMnist } from 'chainrule/datasets'
import { optionsOf } from './options.mjs'

const { epochs, samples, seed } = optionsOf({ epochs: 15, samples: 60_000, seed: 1 })
const { train, test } = await fashionMnist({ flat: false }) // pictures [28, 28, 1]; { download: true } fetches them

const model = new Model(
  [
    conv2d(32, 3, { padding: 'same', activation: 'relu' }),
    maxPool2d(),
    dropout(0.25),
    conv2d(64, 3, { padding: 'same', activation: 'relu' }),
    maxPool2d(),
    dropout(0.25),
    flatten(),
    dense(128, { activation: 'relu' }),
    dropout(0.5),
    dense(10, { activation: 'softmax' }),
  ],
  { seed },
)
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
model.build([28, 28, 1])
console.log(model.summary())

const began = performance.now()
const printing = {
  onEpochEnd: ({ epoch, loss, accuracy }) =>
    console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}`),
}
await model.fit(train.slice(0, samples), { epochs, batchSize: 128, callbacks: [printing], progress: false })
console.error(`${((performance.now() - began) / 1000).toFixed(0)} s`)
const { loss, accuracy } = await model.evaluate(test)
console.log(`test: loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(4)}`)
