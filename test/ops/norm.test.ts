/** The squared norm of flat ranges: in float64 beside an exact sum, and where an element is no finite number. */
import { afterAll, describe, expect, test } from 'vitest'
import { info, setThreads } from '../../src/index.ts'
import { native } from '../../src/native.ts'
import { squaredNorm } from '../../src/ops/norm.ts'
import { compileAsIs } from '../../src/program/compile.ts'
import { bind, explain, runSync } from '../../src/program/run.ts'
import { stored } from '../../src/tensor/leaves.ts'
import { Segment } from '../../src/tensor/segment.ts'
import { seeded } from '../support/random.ts'

const before = info().threads
afterAll(() => setThreads(before))

function placed(values: Float32Array) {
  const segment = new Segment('range', native().memory(values.byteLength))
  native().write(segment.memory!, 0, values)
  return stored([values.length], 'float32', { segment, offset: 0 })
}

function norm(...ranges: Float32Array[]): number {
  const place = { segment: new Segment('norm', native().memory(8)), offset: 0 }
  const compiled = compileAsIs({ outputs: [{ tensor: squaredNorm(ranges.map(placed)), place }] })
  const fault = runSync(bind(compiled, native().memory(compiled.sizes[0]!), new Map()))
  if (fault) throw explain(compiled, fault)
  const result = new Float64Array(1)
  native().read(place.segment.memory!, 0, result)
  return result[0]!
}

/** In float64 every square of a float32 is exact, and finite. */
const exact = (...ranges: Float32Array[]) => ranges.reduce((sum, x) => x.reduce((s, v) => s + v * v, sum), 0)

const random = seeded(7)
// No denormal numbers: they count as 0.
const signed = () => (random.next() < 0.5 ? -1 : 1) * random.uniform(0.3, 1)
const draw = (n: number, scale: number) => Float32Array.from({ length: n }, () => scale * signed())

const { lanes } = info()
const block = 128 * lanes
const tile = 16_384
const around = (n: number) => [n - 1, n, n + 1]
const sizes = [0, 1, 7, 37, ...[lanes, 4 * lanes, block, 3 * block, tile, 2 * tile, 3 * tile].flatMap(around)]
const lengths = [...new Set(sizes)].filter((n) => n >= 0)

describe('the squared norm', () => {
  test.each([1, 1e-3, 1e-17, 1e-30, 1e-37, 1e17, 1e25, 3e38])('of numbers up to %d', (scale) => {
    for (const n of lengths) {
      const x = draw(n, scale)
      expect(Math.abs(norm(x) - exact(x)), `${n} elements`).toBeLessThanOrEqual(2e-6 * exact(x))
    }
  })

  test('of large and small numbers side by side', () => {
    const scales = [1e25, 1e-30, 1, 0]
    const x = Float32Array.from({ length: 100_000 }, (_, i) => scales[Math.floor(i / 777) % 4]! * signed())
    expect(norm(x) / exact(x)).toBeCloseTo(1, 5)
    const small = x.map((v) => (Math.abs(v) > 1e-20 ? 0 : v))
    expect(norm(small) / exact(small)).toBeCloseTo(1, 5)
  })

  test.each([
    [[3, 5, 1]],
    [[0, 4, 0]],
    [[20_000, 1, 30_000, 7]],
    [[16_384, 16_384, 16_384]],
    [Array.from({ length: 50 }, (_, i) => 1000 + i)],
  ])('of several ranges: %j', (lengths_) => {
    const ranges = lengths_.map((n) => draw(n, 1))
    expect(norm(...ranges) / exact(...ranges)).toBeCloseTo(1, 6)
  })

  test('has the same bits for any number of threads', () => {
    const ranges = [draw(200_001, 1), draw(3, 1e20), draw(100_000, 1e-20)]
    const results = [1, 2, 3, 5].map((threads) => {
      setThreads(threads)
      return norm(...ranges)
    })
    expect(new Set(results).size).toBe(1)
  })
})

describe('an element that is no finite number', () => {
  const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  test.each(bad)('%d, the first one of several', (value) => {
    for (const n of [1, lanes + 1, block + 3, tile, 2 * tile, 3 * tile + 5, 100_000])
      for (const at of new Set([0, n >> 1, n - 1])) {
        const x = draw(n, 1)
        x[at] = value
        x[n - 1] = value
        const message = `element ${Math.min(at, n - 1)} of the gradients is ${value}`
        expect(() => norm(x), `${n} elements`).toThrow(new RegExp(message, 'i'))
      }
  })

  test('counts through all ranges, and fails with the code for it', () => {
    const ranges = [draw(20_000, 1), draw(5, 1), draw(40_000, 1e25)]
    ranges[2]![30_000] = Number.NaN
    expect(() => norm(...ranges)).toThrow(
      expect.objectContaining({ code: 'ERR_NOT_FINITE', message: 'Element 50005 of the gradients is NaN' }),
    )
  })
})

test('what is no flat float32 range is refused', () => {
  const place = { segment: new Segment('x', native().memory(64)), offset: 0 }
  expect(() => squaredNorm([stored([2, 2], 'float32', place)])).toThrow('takes flat ranges of float32')
  expect(() => squaredNorm([stored([4], 'int32', place)])).toThrow('got int32')
})
