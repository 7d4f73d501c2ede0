/** Who goes in between whom: what changes weights never in the middle of somebody's step, what only reads at once. */
import { describe, expect, test } from 'vitest'
import { Dataset, dense, initializers, Model, type Parameter, sgd, square, sum, trainStep } from '../src/index.ts'
import { native, type Run } from '../src/native.ts'
import { encode, type Line } from '../src/program/encode.ts'
import { type Bindings, bind, type RunOptions } from '../src/program/run.ts'
import { Segment } from '../src/tensor/segment.ts'

const weight = new Segment('weight', native().memory(4))
native().write(weight.memory!, 0, Float32Array.of(1))
const one = { segment: weight, offset: 0, dtype: 'float32', shape: [1] } as const

type Step = Pick<Line, 'kernel' | 'operands'>

function runOf(
  steps: readonly Step[],
  scratch: Segment,
  bindings: Bindings = new Map(),
  options: RunOptions = {},
): Run {
  const lines = steps.map((line): Line => ({ ...line, attributes: [], node: null, position: 0 }))
  const compiled = { ...encode(lines, lines.length, scratch, false), live: 0 }
  return bind(compiled, native().memory(compiled.sizes[0]!), bindings, options)
}

const negate = (out: Line['operands'][0], x: Line['operands'][0]) => ({ kernel: 'neg', operands: [out, x] })

/** Changes the sign of the weight. */
const flip = () => runOf([negate(one, one)], new Segment('scratch'))

/** Reads the weight, works a while, reads it again: both are written to the step's row. */
function readTwice(steps: number, work = 40) {
  const scratch = new Segment('scratch')
  const rows = new Segment('rows')
  const large = { segment: scratch, offset: 0, dtype: 'float32', shape: [200_000] } as const
  const place = (offset: number) => ({ segment: rows, offset, dtype: 'float32', shape: [1] }) as const
  const heavy = Array.from({ length: work }, () => ({ kernel: 'sqrt', operands: [large, large] }))
  const memory = native().memory(8 * steps)
  const lines = [negate(place(0), one), ...heavy, negate(place(4), one)]
  const run = runOf(lines, scratch, new Map([[rows, { memory, stride: 8 }]]), { steps })
  const results = () => {
    const all = new Float32Array(2 * steps)
    native().read(memory, 0, all)
    return Array.from({ length: steps }, (_, i) => [all[2 * i]!, all[2 * i + 1]!] as const)
  }
  return { run, results }
}

/** Every step saw one weight, and not all of them the same. */
function expectWhole(rows: readonly (readonly [number, number])[]) {
  expect(rows.filter(([a, b]) => a !== b)).toEqual([])
  expect(new Set(rows.map(([a]) => a))).toEqual(new Set([1, -1]))
}

describe('jobs that change what outlasts a run', () => {
  test('in between the steps of a job in the background', async () => {
    const steps = 60
    const { run, results } = readTwice(steps)
    const changing = flip()
    const host = native().start([run], 1, false)
    while (native().progress(host) >= 0) await native().start([changing], 1, true).done
    expect(await host.done).toBe(steps)
    expectWhole(results())
  })

  test('handed over by callers that do not wait for their turn', async () => {
    const steps = 60
    const { run, results } = readTwice(steps)
    const changing = flip()
    const host = native().start([run], 1, false)
    while (native().progress(host) < steps) native().run(changing, 0)
    expect(await host.done).toBe(steps)
    expectWhole(results())
  })

  test('get on beside their host, and it beside any number of them', async () => {
    const steps = 200
    const host = native().start([readTwice(steps, 5).run], 1, false)
    const changing = flip()
    const flood = async () => {
      let flips = 0
      for (; native().progress(host) >= 0; flips++) await native().start([changing], 1, true).done
      return flips
    }
    const flips = await Promise.all(Array.from({ length: 5 }, flood))
    expect(await host.done).toBe(steps)
    for (const count of flips) expect(count).toBeGreaterThan(1)
  })
})

test('jobs that only read do not wait for the end of a step', async () => {
  const host = native().start([readTwice(1, 2000).run], 1, false)
  await native().start([readTwice(1, 1).run], 1, true).done
  expect(native().progress(host)).toBe(0)
  expect(await host.done).toBe(1)
})

/** The model is x·w1·w2, and both matrices change their sign in each step: whole steps keep the product x. */
test('an evaluation beside training steps sees the weights of whole steps', async () => {
  const [n, rows] = [128, 10_000]
  const identity = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))
  const layer = () => dense(n, { useBias: false, kernelInitializer: initializers.zeros() })
  const model = new Model([layer(), layer()], { seed: 1 })
  model.build([n])
  for (const p of model.parameters().values()) p.set(identity)
  model.compile({ optimizer: sgd(), loss: 'meanSquaredError' })
  const x = { data: Float32Array.from({ length: rows * n }, (_, i) => ((i * 7919) % 13) - 6), shape: [rows, n] }
  const data = new Dataset({ x, y: x })
  const total = (p: Parameter) => sum(square(p))
  const [first, second] = [...model.parameters().values()] as [Parameter, Parameter]
  const optimizer = sgd({ learningRate: 1 })
  const step = trainStep({ parameters: model, optimizer, loss: () => total(first).add(total(second)) })
  await step()
  let running = true
  const scores = model.evaluate(data, { batchSize: 500 }).finally(() => (running = false))
  let steps = 0
  while (running) {
    await step()
    steps++
  }
  expect(steps).toBeGreaterThan(0)
  expect((await scores).loss).toBe(0)
})
