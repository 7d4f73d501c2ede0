// The chain rule itself: where values meet, what it does at kinks, derivatives of derivatives, and its errors.
import { describe, expect, test } from 'vitest'
import {
  abs,
  clip,
  grad,
  gradient,
  log,
  logSoftmax,
  losses,
  max,
  maximum,
  min,
  minimum,
  ones,
  pow,
  relu,
  sigmoid,
  softmax,
  sqrt,
  type Tensor,
  tanh,
  tensor,
} from '../src/index.ts'
import { linear } from '../src/ops/matmul.ts'
import { type Nd, numericDerivative } from './support/oracle.ts'
import { awayFromZero, seeded, uniform } from './support/random.ts'

const list = (t: Tensor) => Array.from(t.data())
// Plus 0, as −0 is as good.
const at = (f: (x: Tensor) => Tensor, values: number[]) => {
  const x = tensor(values)
  return list(gradient(f(x).sum(), x)).map((d) => d + 0)
}

describe('where values meet', () => {
  test('a value used several times gets the sum', () => {
    expect(at((x) => x.mul(x).add(x), [3, -2])).toEqual([7, -3])
    expect(at((x) => x.at(':1').add(x.at('1:')).add(x), [1, 2])).toEqual([3, 3])
  })

  test('what was broadcast is summed back, to the shape of each input', () => {
    const [a, b, c] = [ones([3, 1]), ones([4]), tensor(2)]
    const [da, db, dc] = gradient(a.add(b).mul(c).sum(), [a, b, c])
    expect([da.toArray(), db.toArray(), dc.toArray()]).toEqual([[[8], [8], [8]], [6, 6, 6, 6], 24])
  })

  test('a tensor that y does not depend on gets zeros', () => {
    const [x, other] = [tensor([1, 2]), tensor([[3, 4]])]
    const found = gradient(x.square().sum(), { x, other })
    expect(found.other.toArray()).toEqual([[0, 0]])
    expect(list(found.x)).toEqual([2, 4])
  })

  test('of y itself is dy, and of something between is what arrives there', () => {
    const x = tensor([1, 2])
    const between = x.mul(3)
    const y = between.square()
    expect(list(gradient(y, y, [5, 6]))).toEqual([5, 6])
    expect(list(gradient(y, between, [1, 1]))).toEqual([6, 12])
  })

  test('integers carry none', () => {
    const x = tensor([0.2, 0.8])
    expect(list(gradient(x.mul(x.greater(0.5)).sum(), x))).toEqual([0, 1])
    expect(list(gradient(x.cast('int32').cast('float32').sum(), x))).toEqual([0, 0])
  })

  test('grad takes numbers and arrays', () => {
    expect(grad((x: Tensor) => x.square().sum())(3).item()).toBe(6)
    expect(grad((x: Tensor, y: Tensor) => x.mul(y).sum())([1, 2], [3, 4]).toArray()).toEqual([3, 4])
  })
})

// What the doc comments promise where there is no derivative.
test.each([
  ['abs', abs, [0], [0]],
  ['relu', relu, [0, -0], [0, 0]],
  ['clip at its limits', (x: Tensor) => clip(x, 0, 1), [0, 1], [1, 1]],
  ['maximum of equal values: the first', (x: Tensor) => maximum(x, 2), [2], [1]],
  ['maximum of equal values: not the second', (x: Tensor) => maximum(2, x), [2], [0]],
  ['minimum of equal values: the first', (x: Tensor) => minimum(x, 2), [2], [1]],
  ['max of equal values: shared', (x: Tensor) => max(x), [3, 1, 3], [0.5, 0, 0.5]],
  ['min of equal values: shared', (x: Tensor) => min(x), [1, 1, 1, 2], [1 / 3, 1 / 3, 1 / 3, 0].map(Math.fround)],
  ['pow of 0 to a constant', (x: Tensor) => pow(x, 2), [0], [0]],
  ['0 to a power that is trained', (b: Tensor) => pow(0, b), [2], [0]],
] as const)('at a kink: %s', (_, f, values, expected) => {
  expect(at(f as (x: Tensor) => Tensor, [...values])).toEqual([...expected])
})

describe('derivatives of derivatives', () => {
  // f goes from [12] to [12] (rows of 3 where it works on rows); the oracle differentiates its first derivative.
  const rows: [string, (x: Tensor) => Tensor, (x: number[]) => number[]][] = [
    ['tanh', tanh, (x) => x.map((v) => 1 - Math.tanh(v) ** 2)],
    ['sigmoid', sigmoid, (x) => x.map((v) => Math.exp(-v) / (1 + Math.exp(-v)) ** 2)],
    ['relu, squared', (x) => relu(x).square(), (x) => x.map((v) => 2 * Math.max(0, v))],
    ['a cube', (x) => pow(x, 3), (x) => x.map((v) => 3 * v * v)],
    ['logarithm and root', (x) => log(sqrt(x.square().add(1))), (x) => x.map((v) => v / (v * v + 1))],
    ['a slice, backwards', (x) => x.at('::-1').square(), (x) => x.map((v) => 2 * v)],
    [
      'rows of a table',
      (x) => x.gather([0, 0, 5].map(Math.trunc)).square(),
      (x) => x.map((v, i) => (i === 0 ? 4 : i === 5 ? 2 : 0) * v),
    ],
    [
      'a layer with tanh',
      (x) => linear(x.reshape([4, 3]), tensor([[1], [2], [-1]]), tensor([0.5]), { name: 'tanh', numbers: [] }),
      (x) =>
        x.map((_, i) => {
          const r = i - (i % 3)
          const z = x[r]! + 2 * x[r + 1]! - x[r + 2]! + 0.5
          return (1 - Math.tanh(z) ** 2) * [1, 2, -1][i % 3]!
        }),
    ],
    [
      'softmax, squared',
      (x) => softmax(x.reshape([4, 3])).square(),
      (x) => perRow(x, (p) => p.map((q) => 2 * q * (q - p.reduce((s, r) => s + r * r, 0)))),
    ],
    [
      'logSoftmax',
      (x) => logSoftmax(x.reshape([4, 3])).at(':', 1),
      (x) => perRow(x, (p) => p.map((q, i) => (i === 1 ? 1 : 0) - q)),
    ],
    [
      'softmax and cross-entropy',
      (x) => losses.categoricalCrossentropy(tensor(Int32Array.of(0, 1, 2, 0)), softmax(x.reshape([4, 3]))),
      (x) => perRow(x, (p, row) => p.map((q, i) => q - (i === [0, 1, 2, 0][row] ? 1 : 0))),
    ],
  ]

  function perRow(x: readonly number[], f: (p: number[], row: number) => number[]): number[] {
    return [0, 1, 2, 3].flatMap((row) => {
      const powers = x.slice(3 * row, 3 * row + 3).map(Math.exp)
      const total = powers.reduce((a, b) => a + b)
      return f(
        powers.map((p) => p / total),
        row,
      )
    })
  }

  test.each(rows)('%s', (_, f, first) => {
    const random = seeded(3)
    const x: Nd = { shape: [12], data: awayFromZero(0.1, 1.5).draw(12, random) }
    const dy: Nd = { shape: [12], data: uniform(0.5, 1.5).draw(12, random) }
    const input = tensor(Float32Array.from(x.data))
    const once = gradient(f(input).sum(), input)
    const twice = list(gradient(once.mul(Float32Array.from(dy.data)).sum(), input))
    const oracle = ([z]: readonly Nd[]): Nd => ({ shape: [12], data: Float64Array.from(first(Array.from(z!.data))) })
    const numeric = twice.map((_v, i) => numericDerivative(oracle, [x], 0, i, dy))
    const scale = Math.max(...numeric.map(Math.abs))
    expect(Math.max(...twice.map((v, i) => Math.abs(v - numeric[i]!))) / scale).toBeLessThanOrEqual(1e-5)
  })
})

describe('errors', () => {
  test('y of several elements without dy', () => {
    const x = tensor([1, 2])
    expect(() => gradient(x.square(), x)).toThrow(
      'gradient: y has shape [2]; without dy it must have one element. Reduce it with sum() or mean(), or give dy.',
    )
  })

  test('dy of another shape', () => {
    const x = tensor([1, 2])
    expect(() => gradient(x.square(), x, [1, 2, 3])).toThrow('gradient: dy has shape [3], but y has shape [2]')
  })
})
