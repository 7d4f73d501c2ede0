// The planner, a pure function: random lifetimes never share memory while they live at the same time.
import { describe, expect, test } from 'vitest'
import { align, type Lifetime, type Plan, plan } from '../src/program/plan.ts'
import { type Random, seeded } from './support/random.ts'

/**
 * Values as a program has them: value i is written by the instruction `from` and last read by `to`. Some take over the
 * memory of one that dies where they are written, which nobody else takes over.
 */
function randomLifetimes(random: Random): Lifetime[] {
  const n = random.integer(1, 60)
  const length = random.integer(1, 40)
  const values: Lifetime[] = []
  const taken = new Set<number>()
  const froms = Array.from({ length: n }, () => random.integer(0, length)).sort((a, b) => a - b)
  for (const from of froms) {
    const to = Math.min(length, from + (random.next() < 0.2 ? random.integer(0, length) : random.integer(0, 4)))
    const dying = values.findIndex((v, i) => v.to === from && v.from < from && !taken.has(i))
    if (dying >= 0 && random.next() < 0.7) {
      taken.add(dying)
      values.push({ bytes: values[dying]!.bytes, from, to, over: dying })
    } else {
      const bytes = random.next() < 0.1 ? 0 : random.integer(1, random.next() < 0.3 ? 100_000 : 300)
      values.push({ bytes, from, to })
    }
  }
  return values
}

const shareTime = (a: Lifetime, b: Lifetime) => a.from <= b.to && b.from <= a.to
const shareMemory = (a: number, aBytes: number, b: number, bBytes: number) =>
  Math.max(a, b) < Math.min(a + aBytes, b + bBytes)

/** Whether one value took over the other's memory, where one ends and the other begins. */
const takesOver = (values: readonly Lifetime[], i: number, j: number) =>
  (values[j]!.over === i && values[i]!.to === values[j]!.from) ||
  (values[i]!.over === j && values[j]!.to === values[i]!.from)

/** Pairs of values that are wrongly in one place. */
function collisions(values: readonly Lifetime[], { offsets }: Pick<Plan, 'offsets'>): [number, number][] {
  return values.flatMap((a, i) =>
    values.slice(i + 1).flatMap((b, k): [number, number][] => {
      const j = i + 1 + k
      const clash = shareTime(a, b) && shareMemory(offsets[i]!, a.bytes, offsets[j]!, b.bytes)
      return clash && !takesOver(values, i, j) ? [[i, j]] : []
    }),
  )
}

/** The most bytes that live at one time: no plan needs less. */
function peak(values: readonly Lifetime[]): number {
  const instructions = new Set(values.flatMap((v) => [v.from, v.to]))
  return Math.max(
    0,
    ...[...instructions].map((at) =>
      values.reduce((sum, v) => {
        const heir = values.some((w) => w.over !== undefined && values[w.over] === v && w.from === at && v.to === at)
        return sum + (v.from <= at && at <= v.to && !heir ? v.bytes : 0)
      }, 0),
    ),
  )
}

const total = (values: readonly Lifetime[]) => values.reduce((sum, v) => sum + align(v.bytes), 0)
const samples = Array.from({ length: 1500 }, (_, seed) => randomLifetimes(seeded(seed + 1)))

describe('with reuse', () => {
  test('the samples have what makes planning hard', () => {
    const all = samples.flat()
    expect(all.filter((v) => v.over !== undefined).length).toBeGreaterThan(1000)
    expect(all.filter((v) => v.bytes === 0).length).toBeGreaterThan(1000)
    const chains = samples.flatMap((s) => s.filter((v) => v.over !== undefined && s[v.over]!.over !== undefined))
    expect(chains.length).toBeGreaterThan(100)
  })

  test('no two live values share memory, except where one takes over the other', () => {
    for (const values of samples) expect(collisions(values, plan(values))).toEqual([])
  })

  test('a value that takes over another lies where that one lay', () => {
    for (const values of samples) {
      const { offsets } = plan(values)
      for (const [i, v] of values.entries()) if (v.over !== undefined) expect(offsets[i]).toBe(offsets[v.over])
    }
  })

  test('every value begins at 64 bytes and ends inside the block', () => {
    for (const values of samples) {
      const { offsets, bytes } = plan(values)
      expect(offsets).toHaveLength(values.length)
      for (const [i, v] of values.entries()) {
        expect(offsets[i]! % 64).toBe(0)
        expect(offsets[i]).toBeGreaterThanOrEqual(0)
        expect(offsets[i]! + v.bytes).toBeLessThanOrEqual(bytes)
      }
      expect(bytes % 64).toBe(0)
    }
  })

  test('the block is no smaller than what lives at once, never larger than all values apart, and mostly tight', () => {
    let [used, needed, apart] = [0, 0, 0]
    for (const values of samples) {
      const { bytes, live } = plan(values)
      expect(bytes).toBeGreaterThanOrEqual(live)
      expect(live).toBeGreaterThanOrEqual(peak(values))
      expect(bytes).toBeLessThanOrEqual(total(values))
      used += bytes
      needed += peak(values)
      apart += total(values)
    }
    expect(used).toBeLessThan(1.25 * needed)
    expect(used).toBeLessThan(0.7 * apart)
  })

  test('a chain of layers needs the memory of two neighbours, whatever its length', () => {
    const chain = (n: number) => Array.from({ length: n }, (_, i): Lifetime => ({ bytes: 4096, from: i, to: i + 1 }))
    expect(plan(chain(100)).bytes).toBe(2 * 4096)
    const inPlace = chain(100).map((v, i) => (i > 0 ? { ...v, over: i - 1 } : v))
    expect(plan(inPlace).bytes).toBe(4096)
  })

  test('the same lifetimes give the same plan', () => {
    for (const values of samples.slice(0, 50)) expect(plan(values)).toEqual(plan(values.map((v) => ({ ...v }))))
  })
})

describe('without reuse', () => {
  test('every value has a place of its own', () => {
    for (const values of samples) {
      const plain = values.map(({ bytes, from, to }) => ({ bytes, from, to }))
      const { offsets, bytes } = plan(plain, false)
      const forever = plain.map((v) => ({ ...v, from: 0, to: 1000 }))
      expect(collisions(forever, { offsets })).toEqual([])
      expect(offsets.every((o) => o % 64 === 0)).toBe(true)
      expect(bytes).toBe(total(values))
    }
  })
})

test('nothing to place needs no memory', () => {
  expect(plan([])).toEqual({ offsets: [], bytes: 0, live: 0 })
  expect(plan([], false)).toEqual({ offsets: [], bytes: 0, live: 0 })
})
