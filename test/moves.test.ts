// Copies that are meant to happen at once, made one after the other.
import { expect, test } from 'vitest'
import { inSequence, type Move, type Stretch } from '../src/program/moves.ts'
import { seeded } from './support/random.ts'

const cells = 40

/** Memory cells after the moves, each of which reads what was there at first. */
function atOnce(moves: readonly Move[], memory: readonly number[]): number[] {
  const after = [...memory]
  for (const { from, to } of moves) for (let i = 0; i < from.bytes; i++) after[to.offset + i] = memory[from.offset + i]!
  return after
}

function oneByOne(moves: readonly Move[], memory: readonly number[]): number[] {
  const now = [...memory]
  let end = cells
  const sequence = inSequence(moves, (bytes) => {
    end += bytes
    return { space: 'm', offset: end - bytes, bytes }
  })
  for (const { from, to } of sequence)
    now.splice(to.offset, from.bytes, ...now.slice(from.offset, from.offset + from.bytes))
  return now.slice(0, cells)
}

test('give the same memory as if they were made at once: swaps, circles, chains, overlaps', () => {
  const { next: random, shuffle } = seeded(7)
  let circles = 0
  for (let round = 0; round < 3000; round++) {
    const bytes = 1 + Math.floor(random() * 4)
    const places = Array.from({ length: Math.floor(cells / bytes) }, (_, i) => i * bytes)
    const free = shuffle(places)
    const count = 1 + Math.floor(random() * Math.min(6, free.length))
    const at = (offset: number): Stretch => ({ space: 'm', offset, bytes })
    const moves = free.slice(0, count).map((to): Move => {
      // Mostly among the targets themselves, so that circles arise; sometimes across their borders.
      const from = random() < 0.8 ? free[Math.floor(random() * count)]! : Math.floor(random() * (cells - bytes))
      return { from: at(from), to: at(to) }
    })
    const memory = Array.from({ length: cells }, (_, i) => i)
    expect(oneByOne(moves, memory)).toEqual(atOnce(moves, memory))
    const real = moves.filter(({ from, to }) => from.offset !== to.offset).length
    if (inSequence(moves, (n) => ({ space: 'aside', offset: 0, bytes: n })).length > real) circles++
  }
  expect(circles).toBeGreaterThan(100)
})

test('make no copy of what lies in its place already', () => {
  const place = { space: 'm', offset: 0, bytes: 4 }
  expect(inSequence([{ from: place, to: { ...place } }], () => place)).toEqual([])
})
