/** The values of a tensor in other places: padded, rolled, turned, repeated, cut; made of slices and joins. */
import { describeValue } from '../options.ts'
import { allocate } from '../tensor/arrays.ts'
import { following } from '../tensor/batch.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { describeError, shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts'
import { checkedAxis, checkedCount } from '../tensor/sizes.ts'
import { cast, toFloat, where } from './elementwise.ts'
import { broadcastTo, reshape } from './movement.ts'
import { along, place, slice } from './place.ts'
import { concat } from './slice.ts'

function listOf(where: string, what: string, given: unknown, length: number, x: Tensor): unknown[] {
  if (Array.isArray(given) && given.length === length) return Array.from(given)
  const got = Array.isArray(given) ? `a list of ${given.length}` : describeValue(given)
  throw shapeError(where, `expected ${what} of ${formatShape(x.shape)}, got ${got}`)
}

/**
 * `value` around x: per axis so many before it and behind it, as `numpy.pad` with mode 'constant'.
 * @param widths a pair [before, after] for each axis
 */
export function pad(
  input: TensorLike,
  widths: readonly (readonly [before: number, after: number])[],
  value = 0,
): Tensor {
  const given = toTensor(input)
  const x = given.stored === 'uint8' ? cast(given, 'int32') : given
  const pairs = listOf('pad', 'a pair [before, after] for each axis', widths, x.rank, x).map((pair, axis) =>
    listOf('pad', `a pair [before, after] for axis ${axis}`, pair, 2, x).map((n) => checkedCount('pad', 'width', n)),
  )
  const number = typeof value === 'number' && (x.dtype === 'float32' || (value | 0) === value)
  if (!number || Number.isNaN(value)) {
    const kind = x.dtype === 'int32' ? 'an integer of 32 bits, as x is int32' : 'a number'
    throw describeError('ERR_OPTION', 'pad', `the value must be ${kind}, got ${describeValue(value)}`)
  }
  if (pairs.every(([before, after]) => before === 0 && after === 0)) return x
  const shape = x.shape.map((n, axis) => pairs[axis]![0]! + n + pairs[axis]![1]!)
  if (!Number.isSafeInteger(sizeOf(shape)))
    throw shapeError('pad', `a tensor of shape ${formatShape(shape)} is larger than any memory`)
  const part = { start: pairs.map(([before]) => before!), step: x.shape.map(() => 1), shape: x.shape }
  return place([x], [part], shape, value)
}

/** Turned round along an axis: the last comes first. */
export function flip(input: TensorLike, axis: number): Tensor {
  const x = toTensor(input)
  const i = checkedAxis('flip', axis, x.shape)
  if (x.shape[i]! <= 1) return x
  const all = along(x.shape, i, 0, x.shape[i]!)
  const [start, step] = [
    all.start.map((s, d) => (d === i ? x.shape[i]! - 1 : s)),
    all.step.map((_, d) => (d === i ? -1 : 1)),
  ]
  return slice(x, { start, step, shape: x.shape })
}

/** Moved along an axis by `shift` places, backwards where that is negative; what falls off the end comes in again. */
export function roll(input: TensorLike, shift: number, axis: number): Tensor {
  const x = toTensor(input)
  const i = checkedAxis('roll', axis, x.shape)
  if (!Number.isSafeInteger(shift))
    throw describeError('ERR_OPTION', 'roll', `the shift must be an integer, got ${describeValue(shift)}`)
  const n = x.shape[i]!
  const cut = n === 0 ? 0 : (n - (shift % n)) % n
  if (cut === 0) return x
  return concat([slice(x, along(x.shape, i, cut, n - cut)), slice(x, along(x.shape, i, 0, cut))], i)
}

/** Repeated along each axis, as `numpy.tile`: of fewer axes than `times` has, x gets new ones in front, and vice versa. */
export function tile(input: TensorLike, times: readonly number[]): Tensor {
  const given = toTensor(input)
  if (!Array.isArray(times))
    throw shapeError(
      'tile',
      `expected a list of how many times for each axis, such as [2, 3], got ${describeValue(times)}`,
    )
  const list = Array.from(times, (n) => checkedCount('tile', 'times', n))
  const rank = Math.max(list.length, given.rank)
  const x = reshape(given, [...new Array<number>(rank - given.rank).fill(1), ...given.shape])
  const repeats = [...new Array<number>(rank - list.length).fill(1), ...list]
  const repeated = x.shape.map((_, i) => i).filter((i) => repeats[i] !== 1)
  // An axis at a time where all at once would take more axes than a tensor has.
  if (rank + repeated.length > 8) return repeated.reduce((t, i) => tileAlong(t, i, repeats[i]!), x)
  const spread = (of: (i: number) => number[]) => x.shape.flatMap((_, i) => of(i))
  const apart = reshape(
    x,
    spread((i) => (repeats[i] === 1 ? [x.shape[i]!] : [1, x.shape[i]!])),
  )
  const full = broadcastTo(
    apart,
    spread((i) => (repeats[i] === 1 ? [x.shape[i]!] : [repeats[i]!, x.shape[i]!])),
  )
  return reshape(
    full,
    spread((i) => [x.shape[i]! * repeats[i]!]),
  )
}

function tileAlong(x: Tensor, axis: number, times: number): Tensor {
  const [before, n, after] = [sizeOf(x.shape.slice(0, axis)), x.shape[axis]!, sizeOf(x.shape.slice(axis + 1))]
  const full = broadcastTo(reshape(x, [before, 1, n * after]), [before, times, n * after])
  return reshape(
    full,
    x.shape.map((size, i) => (i === axis ? size * times : size)),
  )
}

/**
 * Cut along an axis into parts of these sizes, which must add up to the axis. (`numpy.split` takes the places of the cuts
 * instead; `torch.split` and this one sizes.)
 */
export function split(input: TensorLike, sizes: readonly number[], axis = 0): Tensor[] {
  const x = toTensor(input)
  const i = checkedAxis('split', axis, x.shape)
  const n = x.shape[i]!
  if (!Array.isArray(sizes))
    throw shapeError(
      'split',
      `expected a list of sizes that add up to ${n}, such as [1, ${n - 1}], got ${describeValue(sizes)}`,
    )
  const list = Array.from(sizes, (size) => checkedCount('split', 'size', size))
  const total = list.reduce((a, b) => a + b, 0)
  if (total !== n)
    throw shapeError(
      'split',
      `the sizes [${list}] add up to ${total}, but axis ${i} of ${formatShape(x.shape)} has ${n}`,
    )
  let end = 0
  return list.map((size) => {
    end += size
    return size === n ? x : slice(x, along(x.shape, i, end - size, size))
  })
}

// ---- triangles

function triangle(
  where_: string,
  input: TensorLike,
  k: number,
  keep: (column: number, row: number) => boolean,
): Tensor {
  const given = toTensor(input)
  const x = given.dtype === 'int32' ? cast(given, 'int32') : toFloat(given)
  if (x.rank < 2) throw shapeError(where_, `expected matrices, got shape ${formatShape(x.shape)}`)
  if (!Number.isSafeInteger(k))
    throw describeError('ERR_OPTION', where_, `the diagonal must be an integer, got ${describeValue(k)}`)
  const shape: Shape = x.shape.slice(-2)
  const [rows, columns] = shape as [number, number]
  if (following(rows) || following(columns))
    throw shapeError(where_, `takes the last two axes as a matrix, but one of ${formatShape(x.shape)} is the batch`)
  const mask = allocate('int32', shape, where_)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) if (keep(j, i + k)) mask[i * columns + j] = 1
  return where(constant(mask, [...shape]), x, 0)
}

/** The upper triangle of matrices [..., m, n], from the k-th diagonal on; 0 below it. */
export function triu(x: TensorLike, k = 0): Tensor {
  return triangle('triu', x, k, (column, from) => column >= from)
}

/** The lower triangle of matrices [..., m, n], up to the k-th diagonal; 0 above it. */
export function tril(x: TensorLike, k = 0): Tensor {
  return triangle('tril', x, k, (column, to) => column <= to)
}
