// Layers that draw: moments, the same draw on the way back, nothing in predictions, and runs that can be repeated.
import { describe, expect, test } from 'vitest'
import {
  activation,
  alphaDropout,
  dense,
  flatten,
  gaussianDropout,
  gaussianNoise,
  gradient,
  type Layer,
  Model,
  ones,
  program,
  randomNormal,
  spatialDropout1d,
  spatialDropout2d,
  type Tensor,
  zeros,
} from '../../src/index.ts'
import { bits } from '../support/book.ts'

const layers: [string, (options?: { seed?: number }) => Layer, shape: number[]][] = [
  ['gaussianNoise', (o) => gaussianNoise(0.5, o), [40, 50]],
  ['gaussianDropout', (o) => gaussianDropout(0.3, o), [40, 50]],
  ['alphaDropout', (o) => alphaDropout(0.2, o), [40, 50]],
  ['spatialDropout1d', (o) => spatialDropout1d(0.4, o), [8, 5, 50]],
  ['spatialDropout2d', (o) => spatialDropout2d(0.4, o), [8, 3, 4, 50]],
]

function moments(values: ArrayLike<number>) {
  const list = Array.from(values)
  const mean = list.reduce((a, b) => a + b, 0) / list.length
  const variance = list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length
  const skew = list.reduce((a, b) => a + (b - mean) ** 3, 0) / list.length / variance ** 1.5
  const kurtosis = list.reduce((a, b) => a + (b - mean) ** 4, 0) / list.length / variance ** 2
  return { mean, variance, skew, kurtosis }
}

describe.each(layers)('%s', (_, make, shape) => {
  const x = () => randomNormal(shape, { seed: 1 })

  test('does nothing in predictions', () => {
    const given = x()
    expect(make().apply(given)).toBe(given)
  })

  test('draws anew in each step, and alike for a seed of its own', () => {
    const run = (options?: { seed: number }) => {
      const layer = make(options)
      return program((t: Tensor) => layer.apply(t, { mode: 'train' }))
    }
    const [free, fixed] = [run(), run({ seed: 5 })]
    expect(bits(free.sync(x()))).not.toBe(bits(free.sync(x())))
    expect(bits(fixed.sync(x()))).toBe(bits(fixed.sync(x())))
    expect(bits(run({ seed: 6 }).sync(x()))).not.toBe(bits(fixed.sync(x())))
  })

  test('has the derivative of what it did', () => {
    const layer = make()
    const step = program((t: Tensor) => {
      const y = layer.apply(t, { mode: 'train' })
      return [y, gradient(y.sum(), t)]
    })
    const [y, dx] = step.sync(x()) as unknown as [Tensor, Tensor]
    const given = x().data()
    const [got, slopes] = [y.data(), dx.data()]
    // All are straight lines in x, with few different heights at 0, or the noise itself.
    if (make().type === 'gaussianNoise') return expect([...slopes].every((s) => s === 1)).toBe(true)
    const heights = new Set(Array.from(got, (v, i) => (v - slopes[i]! * given[i]!).toFixed(4)))
    expect(heights.size).toBeLessThanOrEqual(3)
  })

  test('a model with it is trained alike twice, and goes on alike when it was saved', async () => {
    const data = { x: randomNormal([30, ...shape.slice(1)], { seed: 2 }), y: zeros([30, 1]) }
    const fresh = () =>
      new Model([make(), flatten(), dense(1)], { seed: 4 }).compile({ optimizer: 'adam', loss: 'meanSquaredError' })
    const models = [fresh(), fresh()]
    for (const model of models) await model.fit(data, { batchSize: 8, epochs: 2 })
    const weights = (model: { getParameters(): Record<string, Tensor> }) =>
      Object.values(model.getParameters()).map(bits)
    expect(weights(models[1]!)).toEqual(weights(models[0]!))
    const copy = models[0]!.clone()
    for (const model of [models[0]!, copy]) await model.fit(data, { batchSize: 8 })
    expect(weights(copy)).toEqual(weights(models[0]!))
  })
})

const drawn = (layer: Layer, x: Tensor) =>
  program((t: Tensor) => layer.apply(t, { mode: 'train' }))
    .sync(x)
    .data()
const n = 300_000
const near = (got: number, expected: number, tolerance: number) =>
  expect(Math.abs(got - expected), `${got} for ${expected}`).toBeLessThan(tolerance)

test('gaussianNoise adds normal numbers', () => {
  const { mean, variance, skew, kurtosis } = moments(drawn(gaussianNoise(2), ones([n])))
  near(mean, 1, 0.02)
  near(variance, 4, 0.05)
  near(skew, 0, 0.03)
  near(kurtosis, 3, 0.06)
  // As many as there should be beyond 1, 2, 3 and 4 deviations on either side.
  const values = Float32Array.from(drawn(gaussianNoise(1), zeros([n])))
  for (const [edge, share] of [[1, 0.158655], [2, 0.0227501], [3, 0.0013499], [4, 3.167e-5]] as const) // biome-ignore format: a table
    for (const side of [1, -1]) {
      const count = values.reduce((sum, v) => sum + (v * side > edge ? 1 : 0), 0)
      near(count, share * n, 5 * Math.sqrt(share * n) + 1)
    }
})

test('gaussianDropout multiplies by normal numbers of mean 1 and variance rate / (1 − rate)', () => {
  const { mean, variance, kurtosis } = moments(drawn(gaussianDropout(0.4), ones([n]).mul(3)))
  near(mean, 3, 0.03)
  near(variance, (9 * 0.4) / 0.6, 0.06)
  near(kurtosis, 3, 0.06)
})

test('spatialDropout drops whole channels, and scales the others', () => {
  const y = drawn(spatialDropout2d(0.25), ones([500, 3, 2, 40]))
  let dropped = 0
  for (let i = 0; i < 500; i++)
    for (let c = 0; c < 40; c++) {
      const all = Array.from({ length: 6 }, (_, p) => y[(i * 6 + p) * 40 + c]!)
      expect(new Set(all).size).toBe(1)
      expect([0, Math.fround(1 / 0.75)]).toContain(all[0])
      if (all[0] === 0) dropped++
    }
  near(dropped / 20_000, 0.25, 0.015)
})

test('alphaDropout keeps mean 0 and variance 1, alone and behind layers of selu', () => {
  const alone = moments(drawn(alphaDropout(0.3), randomNormal([n], { seed: 3 })))
  near(alone.mean, 0, 0.01)
  near(alone.variance, 1, 0.015)
  const deep = new Model(
    Array.from({ length: 8 }, () => [
      dense(256, { kernelInitializer: 'lecunNormal', activation: 'selu' }),
      alphaDropout(0.1),
    ]).flat(),
    { seed: 1 },
  )
  const y = program((t: Tensor) => deep.apply(t, { mode: 'train' })).sync(randomNormal([512, 256], { seed: 2 }))
  const after = moments(y.data())
  near(after.mean, 0, 0.15)
  near(after.variance, 1, 0.25)
})

test('layers of one kind of input refuse others, and rates are below 1', () => {
  const inTraining = (layer: Layer, x: Tensor) => () => layer.apply(x, { mode: 'train' })
  expect(inTraining(spatialDropout1d(0.1), ones([2, 3]))).toThrow(
    'spatialDropout1d: expected inputs [batch, steps, channels], got [2, 3]',
  )
  expect(inTraining(spatialDropout2d(0.1), ones([2, 3, 4]))).toThrow('[batch, height, width, channels]')
  for (const make of [gaussianDropout, alphaDropout, spatialDropout1d]) expect(() => make(1)).toThrow(/rate/)
  expect(() => gaussianNoise(-1)).toThrow(/stddev/)
  expect(
    activation('selu')
      .apply(ones([1]))
      .item(),
  ).toBeCloseTo(1.0507, 4)
})
