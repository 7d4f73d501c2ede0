// A model that was saved and loaded, or copied, predicts the same bits and goes on with the same bits.
import { expect, test } from 'vitest'
import { Model } from '../../src/index.ts'
import { bits } from '../support/book.ts'
import { cases } from './models.ts'

const x = [
  [0.5, -1],
  [2, 0.3],
  [-0.7, 0.9],
  [1.1, 0.2],
  [0.1, -0.4],
] // five samples: two batches of two, and one
const targets = [
  [1, 0],
  [0.2, 0.9],
  [0.4, -1],
  [0.6, 0.7],
  [0, 0.1],
]
const fit = { batchSize: 2 }

const weights = (model: Model) => Object.entries(model.getParameters()).map(([path, p]) => [path, bits(p)])
const states = (model: Model) => [...model.states()].map(([path, s]) => [path, bits(s)])

/** All that can be seen of a model, and of an epoch more. */
async function seen(model: Model, y: number[] | number[][]) {
  const before = [bits(model.predictSync(x)), weights(model), states(model), model.learningRate]
  const { epochs } = await model.fit({ x, y }, fit)
  return [before, epochs, weights(model), states(model), model.learningRate, await model.evaluate({ x, y })]
}

test.each(Object.entries(cases))('%s', async (_, { make, custom = [], y = targets }) => {
  const model = make()
  await model.fit({ x, y }, fit)
  // In mid-epoch.
  await model.fit({ x, y }, { ...fit, callbacks: [{ onBatchEnd: (_, run) => run.stop() }] })
  const copies = [await Model.load(model.toBytes(), { custom }), model.clone()]
  copies.push(await Model.load(copies[0]!.toBytes(), { custom }), copies[1]!.clone())
  const expected = await seen(model, y)
  for (const copy of copies) expect(await seen(copy, y)).toEqual(expected)
})

test.each(Object.entries(cases))('%s, before training and without compile', async (_, { make, custom = [] }) => {
  const model = make()
  model.build([2])
  const copies = [await Model.load(model.toBytes(), { custom, compile: false }), model.clone()]
  const shown = (m: Model) => [weights(m), states(m), m.summary(), bits(m.predictSync(x))]
  const expected = shown(model)
  for (const copy of copies) expect(shown(copy)).toEqual(expected)
  expect([copies[0]!.compiled, copies[1]!.compiled?.loss]).toEqual([null, model.compiled?.loss])
})
