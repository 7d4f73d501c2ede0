// Fashion-MNIST with batch normalisation, and pictures that are moved and mirrored anew in every epoch.
import {
  activation,
  adam,
  batchNormalization,
  conv2d,
  dense,
  dropout,
  flatten,
  Model,
  maxPool2d,
  randomFlip,
  randomTranslation,
  schedules,
} from 'chainrule'
import { fashionMnist } from 'chainrule/datasets'
import { optionsOf } from './options.mjs'

const { epochs, samples, seed } = optionsOf({ epochs: 20, samples: 60_000, seed: 1 })
const batchSize = 128
const { train, test } = await fashionMnist({ flat: false }) // pictures [28, 28, 1]; { download: true } fetches them

/** Convolution, normalisation, relu. The normalisation has a shift of its own, so the convolution needs no bias. */
const block = (filters) => [
  conv2d(filters, 3, { padding: 'same', useBias: false }),
  batchNormalization({ momentum: 0.9 }),
  activation('relu'),
]

const model = new Model(
  [
    randomFlip({ mode: 'horizontal' }), // in training only, as the next one
    randomTranslation(0.07, 0.07),
    ...block(32),
    maxPool2d(),
    ...block(64),
    ...block(64),
    maxPool2d(),
    dropout(0.1),
    ...block(128),
    flatten(),
    dense(128, { activation: 'relu' }),
    dropout(0.3),
    dense(10, { activation: 'softmax' }),
  ],
  { seed },
)
const decaySteps = epochs * Math.ceil(samples / batchSize)
const learningRate = schedules.cosineDecay({ initialLearningRate: 1e-3, decaySteps })
model.compile({ optimizer: adam({ learningRate }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })

model.build([28, 28, 1])
console.log(model.summary())

const began = performance.now()
const printing = {
  onEpochEnd: ({ epoch, loss, accuracy }) =>
    console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}`),
}
await model.fit(train.slice(0, samples), { epochs, batchSize, callbacks: [printing], progress: false })
console.error(`${((performance.now() - began) / 1000).toFixed(0)} s`)
const { loss, accuracy } = await model.evaluate(test)
console.log(`test: loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(4)}`)
