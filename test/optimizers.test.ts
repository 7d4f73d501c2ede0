// Optimizers against Optax's paths in float64 (test/golden/optimizers). Update kernels against references: ops/fused.test.ts.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { adam, adamw, type Optimizer, parameter, sgd, tensor, trainStep } from '../src/index.ts'

interface Golden {
  data: { start: number[]; target: number[]; curve: number[] }
  cases: { optimizer: 'sgd' | 'adam' | 'adamw'; options: object; path: number[][] }[]
}

const file = new URL('./golden/optimizers/paths.json', import.meta.url)
const { data, cases } = JSON.parse(readFileSync(file, 'utf8')) as Golden
const make = { sgd, adam, adamw }

function stepOf(optimizer: Optimizer, start: readonly number[] = data.start) {
  const p = parameter([data.start.length], 'zeros')
  p.set([...start])
  const [target, curve] = [tensor(data.target), tensor(data.curve)]
  return { p, step: trainStep({ parameters: p, optimizer, loss: () => p.sub(target).square().mul(curve).sum() }) }
}

const worst = (got: ArrayLike<number>, expected: readonly number[]) =>
  Math.max(...expected.map((x, i) => Math.abs(x - got[i]!)))

describe('paths of Optax', () => {
  test.each(cases.map((c) => [c.optimizer, JSON.stringify(c.options), c] as const))('%s %s', (_, _options, c) => {
    const { p, step } = stepOf(make[c.optimizer](c.options))
    for (const [i, expected] of c.path.entries()) {
      step.sync()
      expect(worst(p.data(), expected), `step ${i + 1}`).toBeLessThanOrEqual(2e-6)
    }
    // What is compared moved further than the tolerance: in each step, and from step to step.
    expect(worst(data.start, c.path[0]!)).toBeGreaterThan(1e-4)
  })
})

test('a schedule is asked for the rate of each step, from 0 on', () => {
  const asked: number[] = []
  const { p, step } = stepOf(
    sgd({
      learningRate: (s) => {
        asked.push(s)
        return 0.1 / (1 + 0.3 * s)
      },
    }),
  )
  const expected = cases.find((c) => JSON.stringify(c.options) === '{"learningRate":0.1,"decay":0.3}')!
  for (const path of expected.path) {
    step.sync()
    expect(worst(p.data(), path)).toBeLessThanOrEqual(2e-6)
  }
  expect([...new Set(asked)]).toEqual(expected.path.map((_, i) => i))
})

describe('what an optimizer remembers belongs to the train step', () => {
  test('two steps with one optimizer do not share it', () => {
    const shared = adam({ learningRate: 0.1 })
    const [a, b] = [stepOf(shared), stepOf(shared)]
    a.step.sync()
    a.step.sync()
    b.step.sync()
    const path = cases.find((c) => c.optimizer === 'adam')!.path
    expect(worst(a.p.data(), path[1]!)).toBeLessThanOrEqual(2e-6)
    expect(worst(b.p.data(), path[0]!)).toBeLessThanOrEqual(2e-6)
    expect([a.step.step, b.step.step]).toEqual([2, 1])
  })
})
