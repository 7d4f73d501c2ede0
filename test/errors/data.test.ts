/** Bad data: the error says what was expected, what came and what to do; the model stays usable. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Dataset, dense, Model, tensor } from '../../src/index.ts'
import { classifier, errorOf, isUsable, samples, shown } from '../support/errors.ts'

const { x, y } = samples()
const quiet = { progress: false } as const
const ragged = [
  [1, 2, 3, 4],
  [1, 2, 3],
]
const wide = x.map((row) => [...row, 0])
const withValue = (value: number) => x.map((row, i) => (i === 7 ? [0, value, 0, 0] : row))
const withLabel = (label: unknown) => y.map((own, i) => (i === 7 ? label : own)) as number[]
const regression = () => new Model([dense(2)], { seed: 1 }).compile({ optimizer: 'sgd', loss: 'meanSquaredError' })

type Case = [name: string, call: (model: ReturnType<typeof classifier>) => unknown]

/** The model has been trained on samples of shape [4] with labels 0 to 2. */
const cases: Case[] = [
  ['fit: other samples than before', (m) => m.fit({ x: wide, y }, quiet)],
  ['evaluate: other samples than before', (m) => m.evaluate({ x: wide, y })],
  ['predict: other samples than before', (m) => m.predict(wide)],
  ['predictSync: other samples than before', (m) => m.predictSync(wide)],
  ['predict: one sample without its batch', (m) => m.predict(x[0]!)],
  ['predict: a typed array of one sample', (m) => m.predict(new Float32Array(4))],
  ['predict: a number', (m) => m.predict(3 as never)],
  ['predict: nothing', (m) => m.predict(undefined as never)],
  ['predict: text', (m) => m.predict('abc' as never)],
  ['predict: nested text', (m) => m.predict([['a', 'b', 'c', 'd']] as never)],
  ['predict: an object', (m) => m.predict({ x } as never)],
  ['predict: no samples', (m) => m.predict([])],
  ['predict: ragged', (m) => m.predict(ragged)],
  ['validation: samples of another shape', (m) => m.fit({ x, y }, { ...quiet, validation: { x: wide, y } })],
  ['validation: labels out of range', (m) => m.fit({ x, y }, { ...quiet, validation: { x, y: withLabel(3) } })],
  ['validation: all of the data', (m) => m.fit({ x, y }, { ...quiet, validation: 1 })],
  ['validation: nothing left to train on', (m) => m.fit({ x: [[1, 2, 3, 4]], y: [0] }, { ...quiet, validation: 0.5 })],
  ['x: ragged', (m) => m.fit({ x: ragged, y: [0, 1] }, quiet)],
  ['x: ragged below', (m) => m.fit({ x: [[[1, 2], [3]]], y: [0] }, quiet)],
  ['x: text', (m) => m.fit({ x: [['1', '2', '3', '4']], y: [0] } as never, quiet)],
  ['x: a gap', (m) => m.fit({ x: [[1, null, 3, 4]], y: [0] } as never, quiet)],
  ['x: NaN', (m) => m.fit({ x: withValue(Number.NaN), y }, quiet)],
  ['x: Infinity', (m) => m.evaluate({ x: withValue(Number.POSITIVE_INFINITY), y })],
  ['x: too large for float32', (m) => m.fit({ x: withValue(1e300), y }, quiet)],
  ['y: NaN', (m) => m.fit({ x, y: withLabel(Number.NaN) }, quiet)],
  ['y: class out of range', (m) => m.fit({ x, y: withLabel(3) }, { ...quiet, shuffle: false })],
  ['y: class out of range, shuffled', (m) => m.fit({ x, y: withLabel(3) }, { ...quiet, batchSize: 5 })],
  ['y: negative class', (m) => m.fit({ x, y: withLabel(-1) }, { ...quiet, shuffle: false })],
  ['y: class out of range in evaluate', (m) => m.evaluate({ x, y: withLabel(9) })],
  ['y: fractions as class numbers', (m) => m.fit({ x, y: withLabel(0.5) }, quiet)],
  ['y: one-hot of another width', (m) => m.fit({ x, y: y.map(() => [0, 1]) }, quiet)],
  ['y: fewer than x', (m) => m.fit({ x, y: y.slice(1) }, quiet)],
  ['y: missing', (m) => m.fit({ x } as never, quiet)],
  ['y: regression targets of another width', () => regression().fit({ x, y: x.map(() => [1, 2, 3]) }, quiet)],
  ['y: one number per sample for two outputs', () => regression().fit({ x, y }, quiet)],
  ['sampleWeight: NaN', (m) => m.fit({ x, y, sampleWeight: withLabel(Number.NaN) }, quiet)],
  ['sampleWeight: fewer than x', (m) => m.fit({ x, y, sampleWeight: [1] }, quiet)],
  ['data: empty', (m) => m.fit({ x: [], y: [] }, quiet)],
  ['data: empty samples', (m) => m.fit({ x: [[], []], y: [0, 1] }, quiet)],
  ['data: empty typed array', (m) => m.fit({ x: { data: new Float32Array(0), shape: [0, 4] }, y: [] }, quiet)],
  [
    'data: shape that does not fit',
    (m) => m.fit({ x: { data: new Float32Array(7), shape: [2, 4] }, y: [0, 1] }, quiet),
  ],
  ['data: missing', (m) => m.fit(undefined as never, quiet)],
  ['data: null', (m) => m.evaluate(null as never)],
  ['data: x and y as two arguments', (m) => m.fit(x as never, y as never)],
  ['data: a scalar', (m) => m.fit({ x: tensor(3), y: tensor(1) }, quiet)],
  ['data set: a sample that is not there', () => new Dataset({ x, y }).samples(12)],
  ['data set: a split that leaves nothing', () => new Dataset({ x, y }).split(0.01)],
]

describe.each(cases)('%s', (_, call) => {
  let model: ReturnType<typeof classifier>
  let error: unknown
  beforeAll(async () => {
    model = classifier()
    await model.fit({ x, y }, quiet)
    error = await errorOf(() => call(model))
  })
  test('says what to do', () => expect(shown(error)).toMatchSnapshot())
  test('leaves the model usable', async () => expect(await isUsable(model)).toBe(true))
})

afterAll(() => expect(samples()).toEqual({ x, y }))
