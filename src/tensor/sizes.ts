/** Sizes, counts, axes and indices as users give them. Fractions, NaN and what is no number are refused, never cut. */
import { describeValue, optionError } from '../options.ts'
import { describeError, shapeError } from './describing.ts'
import { formatShape, largestRank, type Shape, sizeOf } from './shape.ts'

function shown(list: readonly unknown[]): string {
  const first = list.slice(0, largestRank).map((x) => describeValue(x))
  return `[${first.join(', ')}${list.length > largestRank ? ', ...' : ''}]`
}

/**
 * A shape. The list is copied.
 * @throws ERR_SHAPE for what is no list of integers of at least `least`, and for what no tensor can have
 */
export function checkedShape(where: string, shape: unknown, least = 0): number[] {
  // `Array.from`, because `every` passes over the holes of an array.
  const list: unknown[] | null = Array.isArray(shape) && shape.length <= largestRank ? Array.from(shape) : null
  if (list?.every((n) => Number.isSafeInteger(n) && (n as number) >= least)) {
    if (Number.isSafeInteger(sizeOf(list as number[]))) return list as number[]
    throw shapeError(where, `a tensor of shape ${shown(list)} is larger than any memory`)
  }
  const got = Array.isArray(shape) ? shown(shape) : describeValue(shape)
  const many = Array.isArray(shape) && shape.length > largestRank
  throw shapeError(
    where,
    many
      ? `a tensor has at most ${largestRank} axes, got a shape of ${shape.length}`
      : `expected a shape, a list of integers ≥ ${least} such as [2, 3], got ${got}`,
  )
}

/** How many of something: an integer from `least` to `most`. @throws ERR_OPTION */
export function checkedCount(where: string, name: string, n: unknown, least = 0, most = 2 ** 31 - 1): number {
  if (Number.isSafeInteger(n) && (n as number) >= least && (n as number) <= most) return n as number
  const bound = most === 2 ** 31 - 1 ? '2³¹ − 1' : most
  throw optionError({ where, name }, `an integer from ${least} to ${bound}`, n, 'Give a whole number.')
}

/** The axis of a tensor of this shape, from 0; negative ones count from the end. @throws ERR_SHAPE */
export function checkedAxis(where: string, axis: unknown, shape: Shape): number {
  const rank = shape.length
  if (Number.isInteger(axis)) {
    const i = (axis as number) < 0 ? (axis as number) + rank : (axis as number)
    if (i >= 0 && i < rank) return i
  }
  const given = typeof axis === 'number' ? axis : describeValue(axis)
  const range = rank === 0 ? 'It is a scalar.' : `Give an integer from ${-rank} to ${rank - 1}.`
  throw shapeError(where, `a tensor of shape ${formatShape(shape)} has no axis ${given}. ${range}`)
}

/** Several different axes, or one, in ascending order. @throws ERR_SHAPE */
export function checkedAxes(where: string, axes: unknown, shape: Shape): number[] {
  if (typeof axes !== 'number' && !Array.isArray(axes))
    throw shapeError(where, `an axis must be an integer, or several a list of them, got ${describeValue(axes)}`)
  const list = (typeof axes === 'number' ? [axes] : Array.from(axes)).map((axis) => checkedAxis(where, axis, shape))
  if (new Set(list).size !== list.length) throw shapeError(where, `axis [${axes}] names an axis twice`)
  return list.sort((a, b) => a - b)
}

/** The position along an axis of size n, from 0; negative ones count from the end. @throws ERR_SHAPE, ERR_OPTION */
export function checkedIndex(where: string, index: unknown, n: number, axis: number): number {
  if (!Number.isInteger(index))
    throw describeError(
      'ERR_OPTION',
      where,
      `an index must be an integer or a slice like ':5', got ${describeValue(index)}`,
    )
  const i = (index as number) < 0 ? (index as number) + n : (index as number)
  if (i >= 0 && i < n) return i
  throw shapeError(where, `index ${index} is outside axis ${axis}, which has size ${n}`)
}
