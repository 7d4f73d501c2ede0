import { describe, expect, test } from 'vitest'
import { gradient, program, tensor, zeros } from '../../src/index.ts'
import { maxPool, windowsOf } from '../../src/ops/pooling.ts'
import { checkRows, lanes } from '../support/rows.ts'
import { rows } from './table/pooling.ts'

checkRows(rows)

const pairs = windowsOf([6], { size: [2], strides: [2], padding: 'valid' })
const threes = windowsOf([5], { size: [3], strides: [1], padding: 'same' })
const list = (x: { data(): ArrayLike<number> }) => Array.from(x.data())

/** One row of numbers in as many channels as it takes to use whole vectors and parts of them. */
const channels = 2 * lanes + 1
const repeated = (row: readonly number[]) =>
  tensor(Float32Array.from(row.flatMap((v) => Array<number>(channels).fill(v))), { shape: [1, row.length, channels] })
const firstOf = (values: readonly number[]) => values.filter((_, i) => i % channels === 0)

test('of equal values the first gets the gradient', () => {
  const x = repeated([1, 1, 0, 0, -0, 0])
  const y = maxPool(x, pairs)
  const dx = list(gradient(y.sum(), x))
  expect(firstOf(dx)).toEqual([1, 0, 1, 0, 1, 0])
  expect(dx).toEqual(list(repeated([1, 0, 1, 0, 1, 0])))
})

test('windows that meet add up', () => {
  const x = repeated([1, 5, 2, 5, 1])
  const dx = list(gradient(maxPool(x, threes).sum(), x))
  expect(firstOf(dx)).toEqual([0, 3, 0, 2, 0])
})

describe.skipIf(process.env.CHAINRULE_DEBUG === '1')('numbers that are not finite', () => {
  test('NaN is the largest, of several the first', () => {
    const row = [1, Number.NaN, Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const x = repeated(row)
    const y = maxPool(x, pairs)
    const dx = gradient(y, x, repeated([1, 2, 3]))
    expect(firstOf(list(y))).toEqual([Number.NaN, Number.NaN, Number.POSITIVE_INFINITY])
    expect(firstOf(list(dx))).toEqual([0, 1, 2, 0, 3, 0])
  })

  test('a window of −Infinity has one', () => {
    const x = repeated(Array<number>(6).fill(Number.NEGATIVE_INFINITY))
    expect(firstOf(list(maxPool(x, pairs)))).toEqual(Array(3).fill(Number.NEGATIVE_INFINITY))
    expect(firstOf(list(gradient(maxPool(x, pairs), x, repeated([1, 1, 1]))))).toEqual([1, 0, 1, 0, 1, 0])
  })

  test('one channel that has a NaN leaves the others alone', () => {
    const x = repeated([1, 2, 3, 4, 5, 6])
    const values = x.data()
    values[2 * channels + lanes] = Number.NaN
    const y = list(maxPool(tensor(values, { shape: x.shape }), pairs))
    expect(y).toEqual(list(repeated([2, 4, 6])).map((v, i) => (i === channels + lanes ? Number.NaN : v)))
  })
})

test('more cells than a byte counts', () => {
  const wide = windowsOf([300], { size: [300], strides: [300], padding: 'valid' })
  for (const at of [0, 254, 255, 256, 299]) {
    const x = repeated(Array.from({ length: 300 }, (_, i) => (i === at ? 2 : -i)))
    expect(firstOf(list(maxPool(x, wide)))).toEqual([2])
    expect(firstOf(list(gradient(maxPool(x, wide).sum(), x))).indexOf(1)).toBe(at)
  }
})

test('no pictures at all', () => {
  const none = zeros([0, 6, 3])
  expect(maxPool(none, pairs).shape).toEqual([0, 3, 3])
  expect(gradient(maxPool(none, pairs).sum(), none).data()).toEqual(new Float32Array(0))
})

test('the index is left out where nobody wants it', () => {
  const x = repeated([1, 2, 3, 4, 5, 6])
  const alone = program((t) => maxPool(t, pairs))
  const both = program((t) => gradient(maxPool(t, pairs).sum(), t))
  expect(list(alone.sync(x))).toEqual(list(repeated([2, 4, 6])))
  expect(alone.print(x)).toMatch(/maxPool .* ← scratch\+0\[0\]/)
  expect(both.print(x)).toMatch(/maxPool .* ← scratch\+\d+\[1,3,\d+\]/)
})

// The way back is linear in dy: its derivative is what lies where the largest was.
test('second derivatives', () => {
  for (const [row, windows, expected] of [
    [[1, 2, 4, 3, 5, 6], pairs, [20, 30, 60]],
    [[1, 5, 2, 4, 1], threes, [20, 20, 20, 40, 40]],
  ] as const) {
    const x = repeated(row)
    const v = repeated(row.map((_, i) => (i + 1) * 10))
    const dy = repeated(expected.map(() => 1))
    const along = gradient(maxPool(x, windows), x, dy).mul(v).sum()
    expect(firstOf(list(gradient(along, dy)))).toEqual(expected)
    expect(list(gradient(gradient(maxPool(x, windows), x, dy).mul(v).sum(), x))).toEqual(
      list(repeated(row.map(() => 0))),
    )
  }
})
