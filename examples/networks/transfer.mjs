// Transfer learning: a network that has learnt to read digits learns from twenty pictures whether a digit is prime. Its layers
// are taken over and stay as they are; only a new last layer is trained.
import { adam, dense, input, Model } from 'chainrule'
import { digits } from 'chainrule/datasets'
import { optionsOf } from './options.mjs'

const { epochs, pictures } = optionsOf({ epochs: 200, pictures: 20 })
const { train, test } = await digits()

const layers = () => [
  dense(64, { activation: 'relu', name: 'strokes' }),
  dense(32, { activation: 'relu', name: 'shapes' }),
]
const reader = new Model([...layers(), dense(10, { activation: 'softmax', name: 'digit' })], { seed: 1 })
reader.compile({ optimizer: adam({ learningRate: 5e-3 }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
await reader.fit(train, { epochs: 20, progress: false })

/** The first pictures of a data set, and whether each shows 2, 3, 5 or 7. */
function primesIn(dataset, count) {
  const { x, y } = dataset.samples(...Array(count).keys())
  return { x, y: y.toArray(1).map((digit) => ([2, 3, 5, 7].includes(digit) ? 1 : 0)) }
}

/** Trains on a few pictures, and tells the accuracy on those of the test set. */
async function learn(model) {
  model.compile({ optimizer: adam({ learningRate: 5e-3 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] })
  await model.fit(primesIn(train, pictures), { epochs, progress: false })
  return (await model.evaluate(primesIn(test, test.length))).accuracy.toFixed(3)
}

const answer = () => dense(1, { activation: 'sigmoid', name: 'prime' })
const fresh = new Model([...layers(), answer()], { seed: 2 })
console.log(`prime or not from ${pictures} pictures, from nothing: ${await learn(fresh)}`)

const known = reader.clone()
const picture = input([64])
const seen = known.layer('shapes').apply(known.layer('strokes').apply(picture))
const taught = new Model({ inputs: picture, outputs: answer().apply(seen) }, { seed: 2 })
for (const name of ['strokes', 'shapes']) taught.layer(name).trainable = false
console.log(`the same with the layers that read digits:   ${await learn(taught)}`)
console.log(taught.summary())
