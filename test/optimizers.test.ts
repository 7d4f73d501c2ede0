// Optimizers: against Optax's paths in float64 (test/golden/optimizers), and each update kernel against its reference.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { adam, adamw, type Optimizer, parameter, sgd, tensor, trainStep } from '../src/index.ts'
import { adamUpdate, momentumUpdate, sgdUpdate } from '../src/ops/update.ts'
import { Traced } from '../src/program/traced.ts'
import type { Tensor } from '../src/tensor/graph.ts'
import { seeded, uniform } from './support/random.ts'
import { lanes } from './support/rows.ts'

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

// ---- kernels against references, in every size around a vector and over more than one tile

interface Kernel {
  name: string
  /** How many of the inputs it changes. */
  changed: number
  scalars: number[]
  update(inputs: readonly Tensor[], scalars: Tensor): readonly Tensor[]
}

const kernels: Kernel[] = [
  { name: 'sgd', changed: 1, scalars: [0.1, 0.02], update: ([p, g], s) => sgdUpdate(p!, g!, s) },
  ...[false, true].map((nesterov) => ({
    name: `momentum${nesterov ? ', nesterov' : ''}`,
    changed: 2,
    scalars: [0.1, 0.9, 0.02],
    update: ([p, u, g]: readonly Tensor[], s: Tensor) => momentumUpdate(p!, u!, g!, s, nesterov),
  })),
  {
    name: 'adam',
    changed: 3,
    scalars: [0.01, 0.9, 0.999, 1e-7, 1 / (1 - 0.9 ** 3), 1 / (1 - 0.999 ** 3), 0.004],
    update: ([p, m, v, g], s) => adamUpdate(p!, m!, v!, g!, s),
  },
]

const sizes = [...new Set([1, 7, 8, 9, 15, 16, 17, lanes - 1 || 1, lanes, lanes + 1, 37, 1000, 40_001])]

/** Results of the kernel and of its reference, from the same inputs, in one program each. */
function both({ changed, scalars, update }: Kernel, n: number): [Float32Array[], Float32Array[]] {
  const random = seeded(n)
  // Squares' averages are positive.
  const values = Array.from({ length: changed + 1 }, (_, i) =>
    uniform(i === 2 && changed === 3 ? 0.1 : -1, 1).draw(n, random),
  )
  const specs = [
    ...values.map(() => ({ shape: [n], dtype: 'float32' as const })),
    { shape: [scalars.length], dtype: 'float64' as const },
  ]
  const feeds = [...values.map((v) => Float32Array.from(v)), Float64Array.from(scalars)]
  const run = (f: (inputs: readonly Tensor[], s: Tensor) => readonly Tensor[]) =>
    new Traced(specs, (fed) => ({ outputs: f(fed.slice(0, -1), fed.at(-1)!) }))
      .callSync(feeds)
      .map((t) => t.data() as Float32Array)
  const reference = (inputs: readonly Tensor[], s: Tensor) => {
    const { node } = update(inputs, s)[0]!
    return node!.operation.reference!(node!.inputs, node!.attributes)
  }
  return [run(update), run(reference)]
}

test.each(kernels.map((k) => [k.name, k] as const))('the %s kernel is its reference', (_, kernel) => {
  for (const n of sizes) {
    const [own, reference] = both(kernel, n)
    expect(own.length).toBe(kernel.changed)
    for (const [i, values] of own.entries())
      expect(worst(values, Array.from(reference[i]!)), `result ${i} of ${n}`).toBeLessThanOrEqual(1e-6)
  }
})
