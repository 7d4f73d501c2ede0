import { expect, test } from 'vitest'
import {
  batchNormalization,
  gradient,
  groupNormalization,
  layerNormalization,
  program,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { batchNormalize, moments } from '../../src/ops/batch-normalization.ts'
import { seeded, uniform } from '../support/random.ts'
import { checkRows, lanes } from '../support/rows.ts'
import { rows } from './table/normalization.ts'

checkRows(rows)

const debug = process.env.CHAINRULE_DEBUG === '1' // which computes each operation by itself
const drawn = (shape: number[], seed: number) =>
  tensor(
    Float32Array.from(
      uniform(-1, 1).draw(
        shape.reduce((a, b) => a * b),
        seeded(seed),
      ),
    ),
    { shape },
  )
const bits = (t: Tensor) => Buffer.from(t.data().slice().buffer).toString('base64')

test('variances do not suffer from large means', () => {
  const values = Float32Array.from({ length: 5000 * 3 }, (_, i) => 1000 + 100 * (i % 3) + ((i * 37) % 1009) / 1009)
  const exact = [0, 1, 2].map((j) => {
    const list = Array.from(values).filter((_, i) => i % 3 === j)
    const mean = list.reduce((a, b) => a + b, 0) / list.length
    return list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length
  })
  const got = moments(tensor(values, { shape: [5000, 3] })).variance.data()
  for (const [j, v] of exact.entries()) expect(Math.abs(got[j]! - v) / v).toBeLessThan(1e-6)
})

const layers = {
  batch: () => batchNormalization(),
  layer: () => layerNormalization(),
  group: () => groupNormalization({ groups: 3 }),
}

test.each(Object.entries(layers))('a relu behind %s normalisation is a part of it, forward and back', (_, make) => {
  const c = 3 * lanes
  const layer = make()
  const [x, dy] = [drawn([4, 5, c], 1), drawn([4, 5, c], 2)]
  layer.apply(x)
  const step = (isFused: boolean) =>
    program((t: Tensor) => {
      const z = layer.apply(t, { mode: 'train' })
      const y = z.relu()
      const loss = y.mul(dy).sum()
      const [dx, ...weights] = gradient(loss, [t, ...layer.parameters().values()])
      // Who wants what lies between gets it: then nothing is fused.
      return isFused ? [y, dx!, ...weights] : [y, dx!, ...weights, z]
    })
  const [fused, apart] = [step(true), step(false)]
  const results = fused.sync(x).map(bits)
  expect(results).toEqual(apart.sync(x).map(bits).slice(0, results.length))
  expect(/\brelu\b/.test(fused.print(x))).toBe(debug)
  expect(apart.print(x)).toMatch(/\brelu\b/)
  expect(fused.print(x)).not.toMatch(/reluGradient/)
})

test('second derivatives of a batch by its own moments', () => {
  const [x, v] = [drawn([6, 4], 3), drawn([6, 4], 4)]
  const along = (t: Tensor) => {
    const y = batchNormalize(t, moments(t), { gamma: null, beta: null }, { epsilon: 1e-3, own: true })
    return gradient(y.mul(y).mul(y).sum(), t).mul(v).sum()
  }
  const exact = gradient(along(x), x).data()
  const values = x.data()
  for (const i of [0, 7, 23]) {
    const moved = (by: number) =>
      along(
        tensor(
          values.map((a, k) => (k === i ? a + by : a)),
          { shape: [6, 4] },
        ),
      ).item()
    const numeric = (moved(1e-2) - moved(-1e-2)) / 2e-2
    expect(Math.abs(numeric - exact[i]!)).toBeLessThan(2e-2 * Math.max(...exact.map(Math.abs)))
  }
})
