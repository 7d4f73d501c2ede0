// Matrix products of every form and of odd sizes against float64; and the same bits however a product is cut.
import { afterAll, describe, expect, test } from 'vitest'
import { info, matmul, program, setThreads, type Tensor, tensor } from '../../src/index.ts'
import { floats, hash } from '../support/digests.ts'
import { runNode } from '../support/processes.ts'
import { activations, dataFor, exactly, multiply, multiplyWithSlope, type Product } from '../support/products.ts'
import { seeded } from '../support/random.ts'

const before = info().threads
afterAll(() => setThreads(before))

const forms = [
  { ta: false, tb: false },
  { ta: true, tb: false },
  { ta: false, tb: true },
  { ta: true, tb: true },
]

/** An ulp per addition is the worst case; the lanes and the errors' signs make it far less. */
function checkProduct(p: Product, seed: number): void {
  const data = dataFor(p, seed)
  const { values, slopes, magnitudes } = exactly(p, data)
  checkSums(p, multiply(p, data), values, magnitudes)
  if (p.activation !== 'gelu' || p.back) return
  const [c, slope] = multiplyWithSlope(p, data)
  checkSums(p, c!, values, magnitudes)
  checkSums(p, slope!, slopes, magnitudes)
}

function checkSums(p: Product, found: Float32Array, values: Float64Array, magnitudes: Float64Array): void {
  const wrong = found.findIndex((x, i) => !(Math.abs(x - values[i]!) <= 2 ** -22 * Math.sqrt(p.k + 4) * magnitudes[i]!))
  if (wrong >= 0)
    expect.fail(`${JSON.stringify(p)}: ${found[wrong]} at ${wrong} of ${found.length}, expected ${values[wrong]}`)
}

describe('against float64', () => {
  const sizes = [1, 2, 3, 4, 5, 7, 8, 13, 14, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 129]

  test.each(forms)('sizes around those of the kernels: %o', (form) => {
    const random = seeded(1)
    const any = () => sizes[random.integer(0, sizes.length)]!
    for (const m of sizes) for (const n of sizes) checkProduct({ ...form, m, n, k: any() }, m + n)
    for (const k of [...sizes, 255, 256, 257, 300, 513, 1500, 2100])
      for (const slim of [1, 3, 4, 10]) {
        checkProduct({ ...form, m: any(), n: slim, k }, k)
        checkProduct({ ...form, m: slim, n: any(), k }, k)
      }
  })

  test.each(forms)('no rows, no columns, nothing to add up: %o', (form) => {
    for (const [m, n, k] of [
      [0, 3, 4],
      [3, 0, 4],
      [40, 3, 0],
      [3, 40, 0],
    ] as const)
      for (const accumulate of [false, true]) checkProduct({ ...form, m, n, k, accumulate, bias: true }, 1)
  })

  test.each(activations)('bias and %s', (activation) => {
    for (const form of forms)
      for (const [m, n, k] of [
        [1, 37, 20],
        [30, 3, 70],
        [3, 30, 70],
        [40, 10, 33],
        [29, 97, 300],
        [300, 150, 60],
      ] as const)
        for (const bias of [false, true]) checkProduct({ ...form, m, n, k, bias, activation }, m)
  })

  test.each(activations.slice(1))('and back through %s', (activation) => {
    for (const form of forms)
      for (const [m, n, k] of [
        [1, 37, 20],
        [30, 3, 70],
        [3, 30, 70],
        [300, 64, 3],
        [29, 97, 300],
      ] as const)
        for (const margin of [0, 5])
          checkProduct({ ...form, m, n, k, margin, batch: 2, accumulate: margin > 0, activation, back: true }, m)
  })

  test.each(activations)('a short k, whose rows of c stream by, and %s', (activation) => {
    for (const form of forms)
      for (const [m, n, k] of [
        [30, 590, 3],
        [70, 530, 11],
        [9, 1100, 5],
      ] as const)
        for (const back of [false, activation !== 'linear']) {
          checkProduct({ ...form, m, n, k, bias: !back, activation, back }, m)
          checkProduct({ ...form, m, n, k, margin: 5, batch: 2, accumulate: true, bias: !back, activation, back }, n)
        }
  })

  test('slim gradients, longer than a tile', () => {
    for (const [m, n, k] of [
      [127, 3, 65],
      [526, 7, 300],
      [1027, 10, 200],
    ] as const)
      for (const tb of [false, true])
        for (const accumulate of [false, true]) checkProduct({ ta: true, tb, m, n, k, margin: 3, accumulate }, m)
  })

  test('so large that both sides are packed, with all that follows', () => {
    const turned = { ta: true, m: 521, n: 260, k: 1010 }
    checkProduct({ ...turned, margin: 3, accumulate: true, bias: true, activation: 'tanh' }, 1)
    checkProduct({ ...turned, tb: true, activation: 'relu', back: true }, 2)
    checkProduct({ m: 1050, n: 257, k: 1000, bias: true, activation: 'relu' }, 3)
  })

  test.each(forms)('added to what is there, between columns of others, in batches: %o', (form) => {
    for (const [m, n, k] of [
      [1, 9, 40],
      [50, 2, 1030],
      [2, 50, 1030],
      [70, 11, 300],
      [45, 66, 515],
      [150, 140, 270],
    ] as const)
      for (const activation of ['linear', 'relu', 'tanh'] as const) {
        const bias = activation !== 'linear'
        checkProduct({ ...form, m, n, k, margin: 5, batch: 2, accumulate: true, bias, activation }, n)
      }
  })
})

const matrix = (seed: number, rows: number, columns: number) =>
  tensor(floats(seed, rows * columns), { shape: [rows, columns] })

// [m, n, k] of the products of training steps, and some that end in the middle of every tile.
const trained = [
  [128, 128, 784],
  [784, 128, 128],
  [128, 10, 128],
  [128, 128, 10],
  [256, 1024, 784],
  [1024, 1024, 256],
  [1024, 10, 256],
  [256, 1024, 10],
  [256, 10, 1024],
  [300, 64, 2],
  [300, 3, 64],
  [64, 3, 300],
  [1, 1024, 784],
  [3, 2000, 700],
  [1031, 213, 97],
  [1100, 300, 1000],
] as const

test.each(trained)('[%i, %i] with k = %i: the same bits for any number of threads', (m, n, k) => {
  const p = program((a: Tensor, b: Tensor, at: Tensor, bt: Tensor) => [
    matmul(a, b),
    matmul(at.T, b),
    matmul(a, bt.T),
    matmul(at.T, bt.T),
  ])
  const inputs = [matrix(1, m, k), matrix(2, k, n), matrix(3, k, m), matrix(4, n, k)] as const
  const results = [1, 2, 3, 4].map((threads) => {
    setThreads(threads)
    return hash(p.sync(...inputs))
  })
  expect(new Set(results).size).toBe(1)
})

describe('CHAINRULE_GEMM', () => {
  const ask = (gemm: string) =>
    runNode(['--import', 'tsx', 'test/support/products-main.ts'], undefined, { CHAINRULE_GEMM: gemm })

  test('takes our own products or those of BLAS, which differ by rounding only', async () => {
    const outcomes = await Promise.all(['own', 'blas'].map(ask))
    const [own, blas] = outcomes.map(({ stdout, stderr, code }) => {
      expect(code, stderr).toBe(0)
      return JSON.parse(stdout) as { gemm: string; values: number[][] }
    })
    expect([own!.gemm, blas!.gemm]).toEqual(['own', 'blas'])
    for (const [i, values] of own!.values.entries()) {
      const distances = values.map((x, j) => Math.abs(x - blas!.values[i]![j]!))
      expect(Math.max(...distances)).toBeLessThan(1e-4)
    }
  })

  test('anything else is refused', async () => {
    const { stderr, code } = await ask('mkl')
    expect(code).toBe(1)
    expect(stderr).toContain("CHAINRULE_GEMM is 'mkl', expected 'auto', 'own' or 'blas'")
  })
})
