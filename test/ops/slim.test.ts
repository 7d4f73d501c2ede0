/**
 * Short rows are computed several at once, each in a lane of its own: where a row lies must not show in its bits, a bad
 * value must stay in its row, and a bad label among many is reported as the lowest.
 */
import { describe, expect, test } from 'vitest'
import { argmax, gather, gradient, logSoftmax, softmax, type Tensor, tensor } from '../../src/index.ts'
import { crossEntropy } from '../../src/ops/softmax.ts'
import { floats } from '../support/digests.ts'

const bits = (t: Tensor) => new Int32Array(Float32Array.from(t.data()).buffer)
const rowsOf = (x: Float32Array, n: number) => tensor(x, { shape: [x.length / n, n] })

const functions: Record<string, (x: Tensor, labels: Int32Array) => Tensor> = {
  softmax: (x) => softmax(x),
  logSoftmax: (x) => logSoftmax(x),
  'gradient of softmax': (x) => gradient(softmax(x), x, x),
  'gradient of logSoftmax': (x) => gradient(logSoftmax(x), x, x),
  'cross-entropy': (x, labels) => crossEntropy(softmax(x), tensor(labels)),
  'gradient of cross-entropy': (x, labels) =>
    gradient(crossEntropy(softmax(x), tensor(labels)), x, tensor(Float32Array.from(labels, () => 0.7))),
  argmax: (x) => argmax(x, { axis: -1 }),
}

describe.each(Object.entries(functions))('%s of a row', (_, f) => {
  test.each([1, 2, 3, 4, 5, 7, 8, 10, 15, 16, 17])('of %i is the same bits among 41 rows and alone', (n) => {
    const values = floats(n, 41 * n)
    const labels = Int32Array.from({ length: 41 }, (_, i) => (i * 7) % n)
    const together = bits(f(rowsOf(values, n), labels))
    const width = together.length / 41
    for (let i = 0; i < 41; i++) {
      const alone = f(rowsOf(values.slice(i * n, (i + 1) * n), n), labels.slice(i, i + 1))
      expect(together.slice(i * width, (i + 1) * width), `row ${i}`).toEqual(bits(alone))
    }
  })
})

const debug = process.env.CHAINRULE_DEBUG === '1' // which refuses NaN

// A payload in the last bits of a NaN must not pass for an exponent.
test.skipIf(debug).each([2, 3, 10, 40])('softmax of rows of %i: a NaN fills its row, and no other', (n) => {
  const values = floats(1, 37 * n)
  const words = new Int32Array(values.buffer)
  words[5 * n + 1] = 0x7fc00001
  words[36 * n] = 0x7fc001ff
  const isNaNRow = (y: Tensor) => Array.from({ length: 37 }, (_, i) => y.data().slice(i * n, (i + 1) * n))
  for (const f of [softmax, logSoftmax]) {
    const rows = isNaNRow(f(rowsOf(values, n)))
    rows.forEach((row, i) => {
      const bad = Array.from(row).filter(Number.isNaN).length
      expect(bad, `row ${i}`).toBe(i === 5 || i === 36 ? n : 0)
    })
  }
})

test.skipIf(debug)('e^x of NaN is NaN, whatever its payload, and of the ends of the range is as it should be', () => {
  const x = Float32Array.of(0, 88.7, 88.73, Number.POSITIVE_INFINITY, -87.3, -88, Number.NEGATIVE_INFINITY, 0)
  new Int32Array(x.buffer)[7] = 0x7fc00155
  const y = tensor(x).exp().data()
  expect([y[0], y[2], y[3], y[5], y[6], y[7]]).toEqual([1, Infinity, Infinity, 0, 0, Number.NaN])
  expect(y[1]! / Math.exp(Math.fround(88.7))).toBeCloseTo(1, 6)
  expect(y[4]! / Math.exp(Math.fround(-87.3))).toBeCloseTo(1, 6)
})

describe('of several bad numbers the one of the lowest row is reported', () => {
  const spoilt = (good: number, bad: [number, number][]) => {
    const list = new Int32Array(100).fill(good)
    for (const [at, value] of bad) list[at] = value
    return tensor(list)
  }
  const bad: [number, number][] = [
    [90, -5],
    [37, 3],
    [38, 2147483647],
  ]
  test.each([
    ['cross-entropy', () => crossEntropy(softmax(rowsOf(floats(1, 300), 3)), spoilt(2, bad))],
    ['gather of one number', () => gather(tensor(floats(1, 3)), spoilt(2, bad))],
    ['gather of two', () => gather(rowsOf(floats(1, 6), 2), spoilt(2, bad))],
    ['gather of many', () => gather(rowsOf(floats(1, 60), 20), spoilt(2, bad))],
  ])('%s', (_, compute) => {
    expect(() => compute().data()).toThrow(/\b3\b.*\b37\b|\b37\b.*\b3\b/s)
  })
})
