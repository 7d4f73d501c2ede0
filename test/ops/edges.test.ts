/** Numbers at the edge of a dtype: exact, wrapped or cut by a rule, and the same on every instruction set. */
import { describe, expect, test } from 'vitest'
import { argmax, argmin, program, randomUniform, type Tensor, tensor } from '../../src/index.ts'
import { lanes } from '../support/rows.ts'

const most = 2 ** 31 - 1
const least = -(2 ** 31)
const whole = (...values: number[]) => tensor(Int32Array.from(values))
const list = (t: Tensor) => Array.from(t.data())
/** Rows and columns around a vector's length. */
const lengths = [2, 3, 7, 8, 9, 17, lanes + 1, 4 * lanes + 3, 130]

test.skipIf(process.env.CHAINRULE_DEBUG === '1')('the error function at its ends', () => {
  const ends = [Number.NaN, Infinity, -Infinity, -0, 0, 3e38, -3e38, 5]
  expect(list(tensor(ends).erf())).toEqual([Number.NaN, 1, -1, -0, 0, 1, -1, 1])
})

describe('int32 beyond 2²⁴, where float32 has gaps', () => {
  test.each(lengths)('argmax and argmin of %i are exact', (n) => {
    const large = 2 ** 24
    for (const at of new Set([0, 1, n - 1])) {
      const up = Int32Array.from({ length: n }, (_, i) => (i === at ? large + 1 : large))
      const down = up.map((x) => -x)
      expect(argmax(tensor(up)).item()).toBe(at)
      expect(argmin(tensor(down)).item()).toBe(at)
      const three = tensor(
        Int32Array.from({ length: 3 * n }, (_, i) => up[Math.floor(i / 3)]!),
        { shape: [n, 3] },
      )
      expect(list(argmax(three, { axis: 0 }))).toEqual([at, at, at])
      expect(list(argmax(three.T, { axis: 1 }))).toEqual([at, at, at])
      expect(
        program((x: Tensor) => argmax(x))
          .sync(tensor(up))
          .item(),
      ).toBe(at)
    }
    const ends = whole(...Array.from({ length: n }, (_, i) => [least, most, 0][i % 3]!))
    expect([argmax(ends).item(), argmin(ends).item()]).toEqual([1, 0])
  })

  test('extremes, comparisons and choices are exact', () => {
    const x = whole(2 ** 24, 2 ** 24 + 1, most, most - 1, least, least + 1)
    expect([x.max().item(), x.min().item()]).toEqual([most, least])
    expect(list(x.equal(2 ** 24 + 1))).toEqual([0, 1, 0, 0, 0, 0])
    expect(list(x.greater(most - 1))).toEqual([0, 0, 1, 0, 0, 0])
    expect(list(x.clip(least + 1, most - 1))).toEqual([2 ** 24, 2 ** 24 + 1, most - 1, most - 1, least + 1, least + 1])
    expect(list(x.maximum(2 ** 24 + 1))).toEqual([2 ** 24 + 1, 2 ** 24 + 1, most, most - 1, 2 ** 24 + 1, 2 ** 24 + 1])
  })
})

describe('int32 that is too large wraps, as two’s complement does', () => {
  const values = [most, least, least + 1, 65_536, -65_537, 123_456_789, 0, -1]
  const repeated = (n: number) => Array.from({ length: n }, (_, i) => values[i % values.length]!)
  const cases: [string, (x: Tensor) => Tensor, (x: number) => number][] = [
    ['x + 1', (x) => x.add(1), (x) => (x + 1) | 0],
    ['x − 2', (x) => x.sub(2), (x) => (x - 2) | 0],
    ['3x', (x) => x.mul(3), (x) => Math.imul(x, 3)],
    ['x²', (x) => x.square(), (x) => Math.imul(x, x)],
    ['−x', (x) => x.neg(), (x) => -x | 0],
    ['|x|', (x) => x.abs(), (x) => Math.abs(x) | 0],
  ]
  test.each(cases)('%s', (_, compute, expected) => {
    for (const n of [1, ...lengths]) expect(list(compute(whole(...repeated(n))))).toEqual(repeated(n).map(expected))
  })

  test('sums', () => {
    for (const n of [2, ...lengths, 5000]) {
      const expected = repeated(n).reduce((sum, x) => (sum + x) | 0, 0)
      expect(
        whole(...repeated(n))
          .sum()
          .item(),
      ).toBe(expected)
      const columns = tensor(Int32Array.from(repeated(n).flatMap((x) => [x, x])), { shape: [n, 2] })
      expect(list(columns.sum({ axis: 0 }))).toEqual([expected, expected])
    }
  })
})

test('float32 to int32 cuts off fractions, takes the nearest of what lies outside, and 0 for NaN', () => {
  const pairs: [number, number][] = [
    [0.9, 0],
    [-0.9, 0],
    [1.5, 1],
    [-1.5, -1],
    [2147483520, 2147483520],
    [2 ** 31, most],
    [3e9, most],
    [1e38, most],
    [Number.POSITIVE_INFINITY, most],
    [least, least],
    [-3e9, least],
    [Number.NEGATIVE_INFINITY, least],
    [Number.NaN, 0],
    [1e-40, 0],
    [-0, 0],
  ]
  for (const n of [pairs.length, 1, 7, 40]) {
    const from = Array.from({ length: n }, (_, i) => pairs[i % pairs.length]!)
    expect(list(tensor(Float32Array.from(from, ([x]) => x)).cast('int32'))).toEqual(from.map(([, y]) => y))
  }
})

describe('a uniform draw', () => {
  const ranges: [number, number][] = [
    [1, 1 + 2 ** -23],
    [1, 1 + 2 ** -22],
    [16_777_215, 16_777_216],
    [-1, 0],
    [-(2 ** -20), 0],
    [0, 1.2e-38],
    [0.1, 0.1000001],
    [1e30, 1.0000001e30],
    [-1 - 2 ** -23, -1],
  ]
  test.each(ranges)('from %d to %d never gives the end', (low, high) => {
    for (const n of [1, lanes + 1, 100_000]) {
      const x = list(randomUniform([n], { low, high, seed: n }))
      expect(Math.max(...x.slice(0, 1e5))).toBeLessThan(Math.fround(high))
      expect(Math.min(...x.slice(0, 1e5))).toBeGreaterThanOrEqual(Math.fround(low))
    }
  })

  test('whose range is beyond the largest float32 is finite, and fills it', () => {
    const x = list(randomUniform([10_000], { low: -3e38, high: 3e38, seed: 1 }))
    expect(x.every((v) => v >= -3.0000001e38 && v < 3e38)).toBe(true)
    expect(x.filter((v) => v > 1e38).length).toBeGreaterThan(2500)
    expect(x.filter((v) => v < -1e38).length).toBeGreaterThan(2500)
  })

  test('between two equal numbers gives that number; downwards it does not give the end either', () => {
    expect(list(randomUniform([3], { low: 5, high: 5, seed: 1 }))).toEqual([5, 5, 5])
    const x = list(randomUniform([100_000], { low: 1 + 2 ** -22, high: 1, seed: 1 }))
    expect(Math.min(...x)).toBeGreaterThan(1)
    expect(Math.max(...x)).toBe(1 + 2 ** -22)
  })
})
