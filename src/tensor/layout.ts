/** How a tensor's elements lie in memory that they may share with another. Pure. */
import { broadcastStrides, collapse, type Shape, sizeOf, stridesOf } from './shape.ts'

/** The element [i, j, ...] lies at offset + i·strides[0] + j·strides[1] + ...; counted in elements. */
export interface Layout {
  readonly offset: number
  readonly strides: readonly number[]
}

/** One element after the other, the last axis fastest. */
export function contiguous(shape: Shape, offset = 0): Layout {
  return { offset, strides: stridesOf(shape) }
}

export function isContiguous({ strides }: Layout, shape: Shape): boolean {
  if (sizeOf(shape) <= 1) return true
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== step) return false
    step *= shape[i]!
  }
  return true
}

/** The lowest position, and how many elements from there to the highest. */
export function spanOf({ offset, strides }: Layout, shape: Shape): { low: number; size: number } {
  let [low, high] = [offset, offset]
  if (sizeOf(shape) === 0) return { low: Math.max(0, low), size: 0 }
  for (const [i, step] of strides.entries()) {
    const reach = (shape[i]! - 1) * step
    if (reach < 0) low += reach
    else high += reach
  }
  return { low, size: high - low + 1 }
}

/** With the axes in another order. */
export function reordered({ offset, strides }: Layout, order: readonly number[]): Layout {
  return { offset, strides: order.map((i) => strides[i]!) }
}

/** From `start` on in steps of `step`, along each axis. */
export function sliced({ offset, strides }: Layout, start: readonly number[], step: readonly number[]): Layout {
  return {
    offset: strides.reduce((sum, s, i) => sum + s * start[i]!, offset),
    strides: strides.map((s, i) => s * step[i]!),
  }
}

/** Of `from`, repeated to the shape `to`. */
export function repeated({ offset, strides }: Layout, from: Shape, to: Shape): Layout {
  const repeats = broadcastStrides(from, to)
  const lead = to.length - from.length
  return { offset, strides: repeats.map((s, i) => (s === 0 ? 0 : strides[i - lead]!)) }
}

/** Of `from`, read in another shape; null where that is no walk with one stride per axis. */
export function reshaped(layout: Layout, from: Shape, to: Shape): Layout | null {
  const { offset } = layout
  if (isContiguous(layout, from)) return contiguous(to, offset)
  const merged = collapse(from, [...layout.strides])
  const strides = new Array<number>(to.length)
  let axis = merged.dims.length - 1
  let left = merged.dims[axis]!
  let step = merged.strides[0]![axis]!
  for (let i = to.length - 1; i >= 0; i--) {
    if (left === 1 && axis > 0) {
      axis--
      left = merged.dims[axis]!
      step = merged.strides[0]![axis]!
    }
    strides[i] = step
    if (left % to[i]! !== 0) return null
    left /= to[i]!
    step *= to[i]!
  }
  return { offset, strides }
}

/**
 * The other way round: where a contiguous tensor of shape `whole` lies if its elements, seen as `shape` by `view`, are
 * to lie by `wanted`. Null where the view leaves elements out or repeats them, or where that is no walk.
 */
export function inverse(view: Layout, shape: Shape, wanted: Layout, whole: Shape): Layout | null {
  if (sizeOf(shape) !== sizeOf(whole) || sizeOf(shape) === 0 || view.offset !== 0) return null
  const axes = shape.flatMap((n, i) => (n > 1 ? [i] : [])).sort((a, b) => view.strides[b]! - view.strides[a]!)
  const factors = axes.map((i) => shape[i]!)
  const inOrder = { offset: 0, strides: axes.map((i) => view.strides[i]!) }
  if (!isContiguous(inOrder, factors)) return null
  return reshaped({ offset: wanted.offset, strides: axes.map((i) => wanted.strides[i]!) }, factors, whole)
}
