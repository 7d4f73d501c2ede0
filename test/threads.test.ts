/**
 * The same bits for any number of threads, sync and async, also where BLAS takes the kernels of another processor.
 * The products of 784-256-10 at a batch of 128 are cut into tiles.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  adam,
  info,
  losses,
  parameter,
  program,
  setThreads,
  softmax,
  type Tensor,
  tensor,
  trainStep,
} from '../src/index.ts'
import { randomDropout } from '../src/ops/random.ts'
import { floats, hash, trainedModel } from './support/digests.ts'
import { runNode } from './support/processes.ts'

const before = info().threads
const counts = [1, 2, 3, 4]
afterAll(() => setThreads(before))

const matrix = (seed: number, rows: number, columns: number) =>
  tensor(floats(seed, rows * columns), { shape: [rows, columns] })

test('setThreads decides how many threads there are', () => {
  for (const n of counts) {
    setThreads(n)
    expect(info().threads).toBe(n)
  }
})

describe('a training run with dropout, in batches of 128 and a last one of 44', () => {
  const run = () => trainedModel([784, 256, 10], 300, 128)
  let alone = ''
  beforeAll(async () => {
    setThreads(1)
    alone = await run()
  })

  test.each(counts)('with %i threads', async (threads) => {
    setThreads(threads)
    expect(await run()).toBe(alone)
  })

  test('is no constant: another batch size gives other bits', async () => {
    expect(await trainedModel([784, 256, 10], 300, 100)).not.toBe(alone)
  })
})

test.each([
  [[20, 33, 5], 101, 16],
  [[64, 300, 7], 150, 64],
  [[37, 1, 3], 50, 7],
] as const)('model %j with %i samples in batches of %i', async (sizes, samples, batch) => {
  const results: string[] = []
  for (const threads of counts) {
    setThreads(threads)
    results.push(await trainedModel(sizes, samples, batch))
  }
  expect(new Set(results).size).toBe(1)
})

describe('a train step of one’s own', () => {
  async function train(sync: boolean): Promise<string> {
    const [w1, b1, w2] = [parameter([784, 256], 'zeros'), parameter([256], 'zeros'), parameter([256, 10], 'zeros')]
    for (const [i, p] of [w1, b1, w2].entries()) p.set(tensor(floats(i + 1, p.size(), -0.1, 0.1), { shape: p.shape }))
    const loss = (x: Tensor, y: Tensor) =>
      losses.categoricalCrossentropy(y, softmax(randomDropout(x.matmul(w1).add(b1).relu(), 0.3).matmul(w2)))
    const step = trainStep({ parameters: [w1, b1, w2], optimizer: adam({ learningRate: 0.01 }), seed: 2, loss })
    for (const n of [128, 128, 61]) {
      const data = [matrix(n, n, 784), tensor(Int32Array.from({ length: n }, (_, i) => (i * 7) % 10))] as const
      await (sync ? step.sync(...data) : step(...data))
    }
    return hash([w1, b1, w2])
  }

  test('sync and async with each number of threads', async () => {
    const results: string[] = []
    for (const threads of counts) {
      setThreads(threads)
      results.push(await train(true), await train(false))
    }
    expect(new Set(results).size).toBe(1)
  })
})

// Shapes around the edges of tiles, and beyond what one tile holds.
const shapes = [
  [1, 1, 1],
  [128, 784, 256],
  [129, 785, 257],
  [61, 784, 256],
  [256, 784, 128],
  [784, 128, 256],
  [97, 211, 389],
  [1000, 70, 70],
  [70, 70, 1000],
  [7, 3000, 250],
] as const

test.each(shapes)('products of [%i, %i, %i], all transposes', (m, k, n) => {
  const p = program((a: Tensor, b: Tensor, at: Tensor, bt: Tensor) => [
    a.matmul(b),
    at.T.matmul(b),
    a.matmul(bt.T),
    at.T.matmul(bt.T),
  ])
  const inputs = [matrix(1, m, k), matrix(2, k, n), matrix(3, k, m), matrix(4, n, k)] as const
  const results = counts.map((threads) => {
    setThreads(threads)
    return hash(p.sync(...inputs))
  })
  expect(new Set(results).size).toBe(1)
})

test('sums, rows and draws of many elements', () => {
  const x = matrix(5, 701, 303)
  const results = counts.map((threads) => {
    setThreads(threads)
    // Described anew each time, so that all draw step 0.
    const p = program((t: Tensor) => [
      t.sum(),
      t.sum({ axis: 0 }),
      t.mean({ axis: 1 }),
      t.max({ axis: 0 }),
      t.argmax({ axis: 1 }),
      softmax(t),
      randomDropout(t, 0.5),
      t.T.add(1),
    ])
    return hash(p.sync(x))
  })
  expect(new Set(results).size).toBe(1)
})

test.runIf(info().isaAvailable.includes('avx2'))('with the kernels that BLAS has for Haswell', async () => {
  const environment = { OPENBLAS_CORETYPE: 'Haswell', CHAINRULE_GEMM: 'blas' }
  const main = ['--import', 'tsx', 'test/support/digests-main.ts', 'fit', '1', '2', '3', '4']
  const { stdout, stderr, code } = await runNode(main, undefined, environment)
  expect(code, stderr).toBe(0)
  const results = JSON.parse(stdout) as string[]
  expect(results).toHaveLength(4)
  expect(new Set(results).size).toBe(1)
})
