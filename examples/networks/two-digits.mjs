// Two inputs, two outputs: of two handwritten digits the sum, and whether the right one is larger. One encoder reads both.
import { adam, concat, dense, input, Model, RandomState } from 'chainrule'
import { digits } from 'chainrule/datasets'
import { optionsOf } from './options.mjs'

const { epochs, pairs } = optionsOf({ epochs: 30, pairs: 20_000 })
const { train, test } = await digits() // pictures of 8×8 pixels from 0 to 1

/** Pairs of digits, drawn at random. */
function pairsOf(dataset, count, seed) {
  const random = new RandomState(seed)
  const draw = () => Array.from({ length: count }, () => Math.floor(random.double() * dataset.length))
  const [left, right] = [dataset.samples(...draw()), dataset.samples(...draw())]
  const larger = right.y.greater(left.y).cast('float32').reshape([-1, 1])
  const sum = left.y.add(right.y).cast('float32').reshape([-1, 1])
  return { x: { left: left.x, right: right.x }, y: { sum, larger } }
}

const left = input([64])
const right = input([64])
const encoder = new Model([dense(64, { activation: 'relu' }), dense(32, { activation: 'relu' })], { name: 'encoder' })
const both = concat([encoder.apply(left), encoder.apply(right)], -1)
const hidden = dense(64, { activation: 'relu' }).apply(both)
const outputs = {
  sum: dense(1, { name: 'sum' }).apply(hidden),
  larger: dense(1, { activation: 'sigmoid', name: 'larger' }).apply(hidden),
}
const model = new Model({ inputs: { left, right }, outputs }, { seed: 1 }).compile({
  optimizer: adam({ learningRate: 2e-3 }),
  loss: { sum: 'meanSquaredError', larger: 'binaryCrossentropy' },
  lossWeights: { sum: 0.1 },
  metrics: { larger: ['accuracy'] },
})
console.log(model.summary())

await model.fit(pairsOf(train, pairs, 1), { epochs, batchSize: 128, progress: false })
const unseen = pairsOf(test, 2000, 2)
const { sumLoss, largerAccuracy } = await model.evaluate(unseen)
console.log(
  `the sum is off by ${Math.sqrt(sumLoss).toFixed(2)} (root mean square), the larger one is found in ${(100 * largerAccuracy).toFixed(1)} %`,
)

const some = pairsOf(test, 5, 3)
const { sum, larger } = await model.predict(some.x)
for (let i = 0; i < 5; i++)
  console.log(
    `sum ${some.y.sum.at(i, 0).item()}, guessed ${sum.at(i, 0).item().toFixed(1)};`,
    `right one larger: ${some.y.larger.at(i, 0).item() ? 'yes' : 'no'}, guessed ${larger.at(i, 0).item().toFixed(2)}`,
  )
