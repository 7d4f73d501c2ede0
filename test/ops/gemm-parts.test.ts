// The bits of our own products do not depend on how they are cut.
import { expect, test } from 'vitest'
import { info } from '../../src/index.ts'
import { dataFor, multiply } from '../support/products.ts'
import { seeded } from '../support/random.ts'

process.env.CHAINRULE_GEMM = 'own' // before the addon is loaded, at the first computation

test('these are our own products', () => {
  expect(info().gemm).toBe('own')
})

// Each number is a sum of blocks that k decides: it depends on its row and its column only. (Slim products are dots.)
test.each([
  [290, 330, 523, 40],
  [1090, 290, 1030, 8],
  [170, 700, 9, 40],
  [90, 630, 2, 40],
] as const)('a part of a product [%i, %i], k = %i, has the bits of the whole', (m, n, k, turns) => {
  const whole = dataFor({ m, n, k }, 7)
  const all = multiply({ m, n, k }, whole)
  const none = new Float32Array()
  const random = seeded(3)
  for (let turn = 0; turn < turns; turn++) {
    const [i, j] = [random.integer(0, m - 5), random.integer(0, n - 5)]
    const [rows, columns] = [random.integer(5, m - i), random.integer(5, n - j)].map((x) => Math.max(5, x))
    const [ta, tb] = [random.next() < 0.5, random.next() < 0.5]
    const p = { m: rows!, n: columns!, k, ta, tb }
    const a = Float32Array.from({ length: rows! * k }, (_, at) => {
      const [row, q] = ta ? [at % rows!, Math.floor(at / rows!)] : [Math.floor(at / k), at % k]
      return whole.a[(i + row) * k + q]!
    })
    const b = Float32Array.from({ length: k * columns! }, (_, at) => {
      const [q, column] = tb ? [at % k, Math.floor(at / k)] : [Math.floor(at / columns!), at % columns!]
      return whole.b[q * n + j + column]!
    })
    const part = multiply(p, { a, b, c: new Float32Array(rows! * columns!), bias: none, y: none })
    const wrong = part.findIndex((x, at) => x !== all[(i + Math.floor(at / columns!)) * n + j + (at % columns!)])
    expect(wrong, JSON.stringify({ ...p, i, j })).toBe(-1)
  }
})
