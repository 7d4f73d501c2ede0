// The book's data sets, number for number.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sine, spiral, vertical } from '../../src/datasets.ts'
import { RandomState, type Tensor } from '../../src/index.ts'
import { golden, type Matrix } from '../support/book.ts'

interface Data {
  spiral: Matrix[]
  next: Matrix
  spiral1000: string
  vertical: Matrix
  vertical1000: string
  sine: number[]
}

const expected = golden<Data>('datasets')
const floats = (rows: Matrix) => Float32Array.from(rows.flat())
const sha = (x: Tensor) => createHash('sha256').update(x.data()).digest('hex')
const seeded = (seed: number) => ({ generator: new RandomState(seed) })

test('spiral', () => {
  const { x, y } = spiral(100, 3)
  expect(x.shape).toEqual([300, 2])
  expect(x.data()).toEqual(floats(expected.spiral[0]!))
  expect(y.dtype).toBe('int32')
  expect(y.toArray(1)).toEqual([0, 1, 2].flatMap((c) => Array(100).fill(c)))
  expect(String(x.at(':5'))).toBe(
    '[[0.         0.        ]\n [0.00299556 0.00964661]\n [0.01288097 0.01556285]\n [0.02997479 0.0044481 ]\n' +
      ' [0.03931246 0.00932828]]',
  )
  expect(x.at(299).data()).toEqual(Float32Array.of(-0.9427888, 0.33339068))
  expect(spiral(20, 2, seeded(5)).x.data()).toEqual(floats(expected.spiral[1]!))
  expect(sha(spiral(1000, 3).x)).toBe(expected.spiral1000)
})

test('a generator goes on where the last data set left it', () => {
  const both = seeded(0)
  spiral(100, 3, both)
  expect(spiral(100, 3, both).x.at(':5').data()).toEqual(floats(expected.next))
})

test('vertical', () => {
  const { x } = vertical(100, 3)
  expect(x.data()).toEqual(floats(expected.vertical))
  expect(x.at(0).data()).toEqual(Float32Array.of(0.17640524, 0.6883151))
  expect(x.at(299).data()).toEqual(Float32Array.of(0.6588812, 0.48214108))
  expect(sha(vertical(1000, 4, seeded(9)).x)).toBe(expected.vertical1000)
})

test('sine', () => {
  const { x, y } = sine(1000)
  expect([x.shape, y.shape]).toEqual([
    [1000, 1],
    [1000, 1],
  ])
  expect(x.data()).toEqual(Float32Array.from({ length: 1000 }, (_, i) => i / 1000))
  const some = Array.from(y.data()).filter((_, i) => i % 37 === 0)
  expect(some).toEqual([...Float32Array.from(expected.sine)])
})

test.each([0, 1.5, -1])('refuses %s samples', (samples) => {
  expect(() => spiral(samples, 3)).toThrow(/spiral: option 'samples' must be a positive integer/)
  expect(() => vertical(100, samples)).toThrow(/vertical: option 'classes' must be a positive integer/)
  expect(() => sine(samples)).toThrow(/sine: option 'samples' must be a positive integer/)
})
