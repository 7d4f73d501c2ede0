import { expect, test } from 'vitest'
import {
  gradient,
  ones,
  program,
  randomBernoulli,
  randomNormal,
  randomPermutation,
  randomUniform,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { randomDropout } from '../../src/ops/random.ts'
import { philox, toNormal, toUniform, words } from '../support/philox.ts'
import { lanes } from '../support/rows.ts'

const seeds = [0, 1, 42, 2 ** 32 + 5, 2 ** 53 - 1]
const sizes = [1, 3, 4, 7, 8, 9, 15, 16, 17, lanes * 4, lanes * 4 + 1, 1000, 40_001]
const list = (t: Tensor) => Array.from(t.data())
const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length

test("the oracle's Philox gives the known answers of Random123", () => {
  expect(philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
  const ones = 0xffffffff
  expect(philox([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd])
  const counter = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]
  expect(philox(counter, [0xa4093822, 0x299f31d0])).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1])
})

test.each(seeds)('randomUniform with seed %i is a function of Philox, exactly', (seed) => {
  for (const n of sizes) {
    expect(list(randomUniform([n], { seed }))).toEqual(words(n, seed).map(toUniform))
    const [low, high] = [Math.fround(-0.3), Math.fround(1.7)]
    const expected = words(n, seed).map((w) => Math.fround(low + Math.fround(toUniform(w) * Math.fround(high - low))))
    expect(list(randomUniform([n], { seed, low, high }))).toEqual(expected)
  }
})

test.each(seeds)('randomNormal with seed %i is Box and Muller of the same words', (seed) => {
  for (const n of sizes) {
    const even = n + (n % 2)
    const expected = toNormal(words(even, seed)).slice(0, n)
    const got = list(randomNormal([n], { seed, mean: 2, std: 0.5 }))
    expect(Math.max(...got.map((x, i) => Math.abs(x - (2 + 0.5 * expected[i]!))))).toBeLessThan(1e-6)
  }
})

test('truncated normal numbers stay within two deviations; those inside are not redrawn', () => {
  const plain = list(randomNormal([20_000], { seed: 3 }))
  const cut = list(randomNormal([20_000], { seed: 3, truncated: true }))
  expect(plain.filter((x) => Math.abs(x) > 2).length).toBeGreaterThan(500)
  expect(Math.max(...cut.map(Math.abs))).toBeLessThanOrEqual(2)
  expect(cut.every((x, i) => Math.abs(plain[i]!) > 2 || x === plain[i])).toBe(true)
  // Of a normal cut at two deviations: variance 1 − 4φ(2) / (2Φ(2) − 1) = 0.7737.
  expect(mean(cut)).toBeCloseTo(0, 1)
  expect(mean(cut.map((x) => x * x))).toBeCloseTo(0.7737, 1)
  expect(cut.filter((x) => Math.abs(x) === 2)).toEqual([])
})

test.each(seeds)('randomBernoulli with seed %i is 1 where the uniform is below p', (seed) => {
  for (const p of [0, 0.25, 1])
    expect(list(randomBernoulli([1000], p, { seed }))).toEqual(words(1000, seed).map((w) => (toUniform(w) < p ? 1 : 0)))
})

test('distributions have their moments', () => {
  const n = 200_000
  const u = list(randomUniform([n], { seed: 9 }))
  expect(mean(u)).toBeCloseTo(1 / 2, 2)
  expect(mean(u.map((x) => (x - 0.5) ** 2))).toBeCloseTo(1 / 12, 3)
  const z = list(randomNormal([n], { seed: 9 }))
  expect(mean(z)).toBeCloseTo(0, 2)
  expect(mean(z.map((x) => x * x))).toBeCloseTo(1, 1)
  expect(mean(z.map((x) => x ** 4))).toBeCloseTo(3, 0)
  expect(mean(z.slice(1).map((x, i) => x * z[i]!))).toBeCloseTo(0, 1)
})

test('randomPermutation holds each number once, in every order', () => {
  for (const n of [0, 1, 2, 17, 1000])
    expect(list(randomPermutation(n, { seed: n })).sort((a, b) => a - b)).toEqual(
      Array.from({ length: n }, (_, i) => i),
    )
  const orders = new Set(Array.from({ length: 200 }, (_, seed) => String(randomPermutation(3, { seed }))))
  expect(orders.size).toBe(6)
  expect(randomPermutation(5).dtype).toBe('int32')
})

test('without a seed each draw is another one, and keeps its values', () => {
  const [a, b] = [randomUniform([8]), randomUniform([8])]
  expect(list(a)).not.toEqual(list(b))
  expect(list(a)).toEqual(list(a))
  const twice = a.add(a)
  expect(list(twice)).toEqual(list(a).map((x) => 2 * x))
})

test.each([0.1, 0.5, 0.9])('dropout of %d: zeros by the mask, the rest scaled, the same mask backwards', (rate) => {
  for (const n of sizes) {
    const x = tensor(Float32Array.from({ length: n }, (_, i) => i + 1))
    const y = randomDropout(x, rate, { seed: 11 })
    const dx = list(gradient(y, x, ones([n])))
    const kept = words(n, 11).map((w) => toUniform(w) >= Math.fround(rate))
    const scale = Math.fround(1 / (1 - rate))
    expect(list(y)).toEqual(kept.map((k, i) => (k ? Math.fround((i + 1) * scale) : 0)))
    expect(dx).toEqual(kept.map((k) => (k ? scale : 0)))
  }
})

test('dropout of rate 0 is the input itself', () => {
  const x = tensor([1, 2])
  expect(randomDropout(x, 0)).toBe(x)
})

test('a program draws from (seed, step, stream): each operation has a stream of its own', () => {
  const seed = 7
  const f = program(() => [randomUniform([37]), randomUniform([37]), randomBernoulli([5], 0.5)], { seed })
  for (let step = 0; step < 3; step++) {
    const [a, b, c] = f.sync()
    expect(list(a!)).toEqual(words(37, seed, step, 0).map(toUniform))
    expect(list(b!)).toEqual(words(37, seed, step, 1).map(toUniform))
    expect(list(c!)).toEqual(words(5, seed, step, 2).map((w) => (toUniform(w) < 0.5 ? 1 : 0)))
  }
})

test('a seed inside a program fixes the draw', () => {
  const f = program(() => randomUniform([9], { seed: 4 }))
  expect(list(f.sync())).toEqual(words(9, 4).map(toUniform))
  expect(list(f.sync())).toEqual(words(9, 4).map(toUniform))
})
