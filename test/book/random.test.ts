// NumPy's legacy generator: integers, uniforms, shuffles and binomials bit for bit, normals as float32.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { RandomState } from '../../src/index.ts'
import { golden } from '../support/book.ts'

interface Draws {
  seed: number
  uint32: number[]
  double: number[]
  uniform: number[]
  randn: number[]
  shuffle10: number[]
  shuffle60000: { first: number[]; sha256: string }
  binomial: { n: number; p: number; values: number[] }[]
  mixed: number[][]
}

const { draws, millionNormals } = golden<{ draws: Draws[]; millionNormals: Record<string, string> }>('random')

const sha = (values: Float32Array | Int32Array) => createHash('sha256').update(values).digest('hex')
const floats = (values: readonly number[]) => Float32Array.from(values)
const times = <T>(n: number, f: () => T) => Array.from({ length: n }, f)

function shuffled(random: RandomState, n: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  random.shuffle(order)
  return order
}

describe.each(draws)('seed $seed', (expected) => {
  const fresh = () => new RandomState(expected.seed)

  test('integers and uniforms', () => {
    const [a, b] = [fresh(), fresh()]
    expect(times(8, () => a.uint32())).toEqual(expected.uint32)
    expect(times(8, () => b.double())).toEqual(expected.double)
    expect(fresh().uniform(-2, 5, [8]).data()).toEqual(floats(expected.uniform))
  })

  test('normals', () => {
    expect(fresh().randn(9).data()).toEqual(floats(expected.randn))
    expect(fresh().randn(3, 3).toArray(2).flat()).toEqual([...floats(expected.randn)])
    const one = fresh()
    expect(floats(times(9, () => one.gauss()))).toEqual(floats(expected.randn))
  })

  test('shuffles', () => {
    expect([...shuffled(fresh(), 10)]).toEqual(expected.shuffle10)
    expect(fresh().permutation(10).toArray()).toEqual(expected.shuffle10)
    const many = shuffled(fresh(), 60_000)
    expect([...many.subarray(0, 10)]).toEqual(expected.shuffle60000.first)
    expect(sha(many)).toBe(expected.shuffle60000.sha256)
  })

  test.each(expected.binomial)('binomial($n, $p)', ({ n, p, values }) => {
    expect(fresh().binomial(n, p, [20]).toArray()).toEqual(values)
  })

  test('the kept half of a pair of normals outlives other draws', () => {
    const random = fresh()
    const found = [
      random.randn(3).data(),
      shuffled(random, 7),
      random.randn(2).data(),
      random.binomial(1, 0.7, [5]).data(),
      random.uniform(0, 1, [2]).data(),
      random.randn(4).data(),
    ]
    expect(found.map((values) => [...values])).toEqual(expected.mixed.map((values) => [...floats(values)]))
    random.seed(expected.seed)
    expect(random.randn(9).data()).toEqual(floats(expected.randn))
  })
})

test.each(Object.entries(millionNormals))('a million normals of seed %s, rounded to float32', (seed, checksum) => {
  expect(sha(new RandomState(Number(seed)).randn(1_000_000).data())).toBe(checksum)
})

describe('seed 0, as the reference lists it', () => {
  test('integers, normals, shuffles, binomials', () => {
    const random = new RandomState(0)
    expect(times(4, () => random.uint32())).toEqual([2357136044, 2546248239, 3071714933, 3626093760])
    const normals = [1.76405235, 0.40015721, 0.97873798, 2.2408932, 1.86755799, -0.97727788]
    const found = new RandomState(0)
    for (const x of normals) expect(found.gauss()).toBeCloseTo(x, 8)
    expect([...shuffled(new RandomState(0), 10)]).toEqual([2, 8, 4, 9, 1, 6, 7, 3, 0, 5])
    expect([...shuffled(new RandomState(0), 60_000).subarray(0, 6)]).toEqual([3048, 19563, 58303, 8870, 40228, 31488])
    const coins = new RandomState(0).binomial(1, 0.9, [20]).toArray(1)
    expect(coins.flatMap((coin, i) => (coin === 0 ? [i] : []))).toEqual([8, 13])
  })

  test('shuffles any list in place', () => {
    const letters = [...'abcdefghij']
    new RandomState(0).shuffle(letters)
    expect(letters.join('')).toBe('ciejbghdaf')
  })
})

test.each([-1, 1.5, 2 ** 32, Number.NaN])('refuses the seed %s', (seed) => {
  expect(() => new RandomState(seed)).toThrow(/the seed must be an integer from 0 to 2³² − 1/)
})
