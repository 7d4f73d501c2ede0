// What normalisation does over several steps: how its state moves, and when it does not.
import { expect, test } from 'vitest'
import { activation, type BatchNormalization, batchNormalization, dense, Model, tensor } from '../../src/index.ts'

const values = Float32Array.from({ length: 64 * 3 }, (_, i) => 5 + (i % 3) + Math.sin(i * 1.7))
const x = tensor(values, { shape: [64, 3] })
const y = tensor(
  Float32Array.from({ length: 64 }, (_, i) => Math.cos(i)),
  { shape: [64, 1] },
)
const list = (t: { data(): ArrayLike<number> }) => Array.from(t.data())
const quiet = { progress: false, shuffle: false } as const
const compiled = (layers: ConstructorParameters<typeof Model>[0]) =>
  new Model(layers as never, { seed: 1 }).compile({ optimizer: 'sgd', loss: 'meanSquaredError' })

test('moving statistics follow the batches, step by step', async () => {
  const norm = batchNormalization({ momentum: 0.75 })
  const model = compiled([norm, activation('relu'), dense(1)])
  await model.fit({ x, y }, { ...quiet, epochs: 2, batchSize: 40 }) // batches of 40 and 24
  const expected = { mean: [0, 0, 0], variance: [1, 1, 1] }
  for (const [from, to] of [[0, 40], [40, 64], [0, 40], [40, 64]] as const) // biome-ignore format: pairs
    for (const j of [0, 1, 2]) {
      const column = Array.from({ length: to - from }, (_, i) => values[(from + i) * 3 + j]!)
      const mean = column.reduce((a, b) => a + b, 0) / column.length
      const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / column.length
      expected.mean[j] = expected.mean[j]! * 0.75 + mean * 0.25
      expected.variance[j] = expected.variance[j]! * 0.75 + variance * 0.25
    }
  for (const [got, wanted] of [
    [norm.movingMean, expected.mean],
    [norm.movingVariance, expected.variance],
  ] as const)
    for (const [j, v] of list(got).entries()) expect(v).toBeCloseTo(wanted[j]!, 5)
})

test('is used in evaluation and prediction, and saved states with it', async () => {
  const norm = batchNormalization({ momentum: 0 })
  const model = compiled([norm, dense(1)])
  await model.fit({ x, y }, { ...quiet, batchSize: 64 })
  // With momentum 0 the moving statistics are those of the batch: predictions are those of a training step.
  const [inTraining, predicted] = [model.apply(x, { mode: 'train' }), model.predictSync(x)]
  for (const [i, v] of list(inTraining).entries()) expect(list(predicted)[i]).toBeCloseTo(v, 4)
  expect(list(model.clone().predictSync(x))).toEqual(list(predicted))
})

const frozenBy = {
  'by itself': (norm: BatchNormalization) => {
    norm.trainable = false
    return norm
  },
  'with the model around it': (norm: BatchNormalization) => {
    const base = new Model([norm, activation('relu')], { name: 'base' })
    base.build([3])
    base.trainable = false
    return base
  },
}

test.each(Object.entries(frozenBy))(
  'a layer that is frozen %s uses its moving statistics, and they stay',
  async (_, freeze) => {
    const norm = batchNormalization()
    const part = freeze(norm)
    const model = compiled([part, dense(1)])
    model.build([3])
    norm.movingMean.set([5, 6, 7])
    const before = list(part.apply(x, { mode: 'predict' }))
    await model.fit({ x, y }, { ...quiet, batchSize: 16 })
    expect(list(norm.movingMean)).toEqual([5, 6, 7])
    expect(list(norm.movingVariance)).toEqual([1, 1, 1])
    expect(list(norm.gamma!)).toEqual([1, 1, 1])
    expect(list(part.apply(x, { mode: 'train' }))).toEqual(before)
  },
)

test('one without weights may be frozen and released between trainings', async () => {
  const norm = batchNormalization({ scale: false, center: false })
  const model = compiled([norm, dense(1)])
  const moved = async () => {
    const before = list(norm.movingMean)
    await model.fit({ x, y }, quiet)
    return list(norm.movingMean).some((v, i) => v !== before[i])
  }
  model.build([3])
  expect(await moved()).toBe(true)
  norm.trainable = false
  expect(await moved()).toBe(false)
  norm.trainable = true
  expect(await moved()).toBe(true)
})
