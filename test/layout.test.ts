// How views lie, pure: compared with where each element is, one by one.
import { describe, expect, test } from 'vitest'
import {
  contiguous,
  inverse,
  isContiguous,
  type Layout,
  reordered,
  reshaped,
  sliced,
  spanOf,
} from '../src/tensor/layout.ts'
import { type Random, seeded } from './support/random.ts'

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

/** The positions of all elements, in row-major order. */
function positions({ offset, strides }: Layout, shape: readonly number[]): number[] {
  return shape.reduce(
    (all, n, axis) => all.flatMap((at) => Array.from({ length: n }, (_, i) => at + i * strides[axis]!)),
    [offset],
  )
}

function shuffled(random: Random, n: number): number[] {
  const list = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(0, i + 1)
    ;[list[i], list[j]] = [list[j]!, list[i]!]
  }
  return list
}

/** The same number of elements in another shape: neighbours joined, or an axis cut. */
function otherShape(random: Random, shape: readonly number[]): number[] {
  const list = [...shape]
  for (let turn = 0; turn < 3; turn++) {
    const i = random.integer(0, list.length)
    const divisor = [2, 3].find((d) => list[i]! % d === 0)
    if (random.next() < 0.5 && i + 1 < list.length) list.splice(i, 2, list[i]! * list[i + 1]!)
    else if (divisor && list.length < 6) list.splice(i, 1, divisor, list[i]! / divisor)
    else if (list.length < 6) list.splice(i, 0, 1)
  }
  return list
}

/** A view of a contiguous tensor. */
function randomView(random: Random, slices: boolean): { whole: number[]; shape: number[]; layout: Layout } {
  const whole = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 7))
  let shape = whole
  let layout = contiguous(whole)
  for (let turn = random.integer(0, 5); turn > 0; turn--) {
    const way = random.integer(0, slices ? 3 : 2)
    if (way === 0) {
      const order = shuffled(random, shape.length)
      layout = reordered(layout, order)
      shape = order.map((i) => shape[i]!)
    } else if (way === 1) {
      const to = otherShape(random, shape)
      const seen = reshaped(layout, shape, to)
      if (seen) [layout, shape] = [seen, to]
    } else {
      const start = shape.map((n) => random.integer(0, n))
      const step = shape.map(() => (random.next() < 0.3 ? -1 : random.integer(1, 3)))
      layout = sliced(layout, start, step)
      shape = shape.map((n, i) => (step[i]! < 0 ? start[i]! + 1 : Math.ceil((n - start[i]!) / step[i]!)))
    }
  }
  return { whole, shape, layout }
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('random views, seed %s', (seed) => {
  const random = seeded(seed)
  const views = Array.from({ length: 200 }, () => randomView(random, true))

  test('a reshape keeps the order of the elements, and null means that no strides would do', () => {
    for (const { shape, layout } of views) {
      const to = otherShape(random, shape)
      const seen = reshaped(layout, shape, to)
      const wanted = positions(layout, shape)
      if (seen) expect(positions(seen, to)).toEqual(wanted)
      else expect(hasStrides(wanted, to)).toBe(false)
    }
  })

  test('contiguous is what lies one after the other; the span holds all', () => {
    for (const { shape, layout } of views) {
      const all = positions(layout, shape)
      expect(isContiguous(layout, shape)).toBe(all.every((at, i) => at === all[0]! + i))
      const { low, size } = spanOf(layout, shape)
      expect([low, low + size - 1]).toEqual([Math.min(...all), Math.max(...all)])
    }
  })

  test('the inverse puts each element where it is wanted; there is one for what is only reordered', () => {
    for (let i = 0; i < 100; i++) {
      const { whole, shape, layout } = randomView(random, i % 2 === 1)
      const wanted: Layout = { offset: 5, strides: contiguous(shape).strides.map((s) => 3 * s) }
      const put = inverse(layout, shape, wanted, whole)
      const seen = positions(layout, shape)
      if (sizeOf(shape) !== sizeOf(whole)) expect(put).toBe(null)
      if (!put) continue
      const [from, to, goal] = [positions(contiguous(whole), whole), positions(put, whole), positions(wanted, shape)]
      for (const [j, at] of seen.entries()) expect(to[from.indexOf(at)]).toBe(goal[j])
    }
  })
})

/** Whether one stride per axis gives these positions. */
function hasStrides(wanted: readonly number[], shape: readonly number[]): boolean {
  let step = wanted.length
  const strides = shape.map((n) => {
    step /= n
    return n === 1 ? 0 : wanted[step]! - wanted[0]!
  })
  return positions({ offset: wanted[0]!, strides }, shape).every((at, i) => at === wanted[i])
}
