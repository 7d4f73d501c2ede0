// A profile as text.
import { describe, expect, test } from 'vitest'
import { type Costs, dense, Model, type Profile } from '../../src/index.ts'
import { profileTable } from '../../src/reports/profile-table.ts'

const costs = (time: number, flops: number, bytes: number): Costs => {
  const [gflops, gbps] = [flops / time / 1000, bytes / time / 1000]
  return { time, flops, bytes, gflops, gbps, ofPeak: gflops / 100 }
}

const product = costs(80, 4_000_000, 200_000)
const gather = costs(15, 0, 45_000)
const update = costs(4, 160_000, 28_000)
const made = {
  mode: 'train',
  batchSize: 128,
  steps: 90,
  instructions: [
    { layer: '(data)', phase: 'forward', operation: 'gather', kernel: 'gather', shape: [128, 784], ...gather },
    {
      layer: 'block.inner.dense',
      phase: 'forward',
      operation: 'linear',
      kernel: 'matmul',
      shape: [128, 10],
      ...product,
    },
    { layer: '(update)', phase: 'update', operation: 'adam', kernel: 'adam', shape: [], ...update },
  ],
  layers: [
    { layer: '(data)', ...gather },
    { layer: 'block.inner.dense', ...product },
    { layer: '(update)', ...update },
  ],
  total: costs(100, 4_160_000, 273_000),
  between: 1,
  peak: { gflops: 100, gbps: 20, threads: 2 },
} as unknown as Profile

describe('a table', () => {
  test('has phases, instructions, layers, a whole step, and the peak', () => {
    const expected = `
A training step on 128 samples, 2 threads; 90 steps measured

layer                operation  result      µs  share    FLOP  GFLOP/s  of peak   bytes  GB/s
─────────────────────────────────────────────────────────────────────────────────────────────
forward                                   95.0   95 %
  (data)             gather     128×784   15.0   15 %                             45.0k   3.0
  block.inner.dense  linear     128×10    80.0   80 %    4.0M     50.0     50 %  200.0k   2.5
update                                     4.0    4 %
  (update)           adam       1          4.0    4 %  160.0k     40.0     40 %   28.0k   7.0
between instructions                       1.0    1 %
─────────────────────────────────────────────────────────────────────────────────────────────
(data)                                    15.0   15 %                             45.0k   3.0
block.inner.dense                         80.0   80 %    4.0M     50.0     50 %  200.0k   2.5
(update)                                   4.0    4 %  160.0k     40.0     40 %   28.0k   7.0
─────────────────────────────────────────────────────────────────────────────────────────────
a step                                   100.0  100 %    4.2M     41.6     42 %  273.0k   2.7

peak: 100.0 GFLOP/s, a product of 2048×2048 matrices on 2 threads
memory: 20.0 GB/s, a copy of 64 MiB; what lies in caches is faster
`
    expect(profileTable(made)).toBe(expected.trim())
  })

  test('says one thread, one sample, one step', () => {
    const single = { ...made, batchSize: 1, steps: 1, peak: { ...made.peak, threads: 1 } } as Profile
    expect(profileTable(single)).toMatch(/^A training step on 1 sample, 1 thread; 1 step measured\n/)
  })

  test('is at most 110 columns wide: of long paths the end stays', async () => {
    const name = (letter: string) => `${letter.repeat(30)}Layer`
    const inner = new Model([dense(1000, { name: name('b'), activation: 'tanh' }), dense(3)], { name: name('a') })
    const model = new Model([inner, dense(2, { name: name('c'), activation: 'softmax' })], { seed: 1 })
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
    const x = Array.from({ length: 64 }, (_, i) => [i / 64, 1])
    const profile = await model.profile({ x, y: x.map((_, i) => i % 2) }, { batchSize: 64, steps: 2 })
    const lines = String(profile).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(110)
    for (const letter of ['b', 'c']) expect(lines.some((line) => line.includes(`${letter}${letter}Layer `))).toBe(true)
  })

  test('is what a profile prints as, also in the console', async () => {
    const { inspect } = await import('node:util')
    const model = new Model([dense(2)], { seed: 1 })
    const profile = await model.profile({ x: [[1, 2]] }, { steps: 1 })
    expect(String(profile)).toMatch(/^A prediction on 1 sample/)
    expect(inspect(profile)).toBe(String(profile))
  })
})
