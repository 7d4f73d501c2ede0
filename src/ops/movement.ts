/** Operations that move values and change none: reshape, transpose, slice, join, look up. */
import { describeValue } from '../options.ts'
import { apply } from '../tensor/apply.ts'
import { formatSize } from '../tensor/batch.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { reordered, repeated, reshaped } from '../tensor/layout.ts'
import { defineOperation } from '../tensor/operations.ts'
import { broadcastShapes, collapse, formatShape, type Shape, sameShape, sizeOf } from '../tensor/shape.ts'
import { checkedAxis, checkedShape } from '../tensor/sizes.ts'

/**
 * Attributes of the `copy` kernel: a walk over `dims`, with strides and offsets on both sides. The kernel writes
 * forwards, so an axis that goes backwards in the output is walked from its other end.
 */
export function copy(
  dims: Shape,
  out: number[],
  from: number[],
  outOffset = 0,
  fromOffset = 0,
  adds = false,
): readonly number[] {
  const turned = out.map((step) => step < 0)
  const ends = (steps: number[]) => steps.reduce((sum, s, i) => sum + (turned[i] ? s * (dims[i]! - 1) : 0), 0)
  const turn = (steps: number[]) => steps.map((s, i) => (turned[i] ? -s : s))
  const merged = collapse(dims, turn(out), turn(from))
  const [to, source] = merged.strides
  const offsets = [outOffset + ends(out), fromOffset + ends(from)]
  return [adds ? 1 : 0, merged.dims.length, ...merged.dims, ...to!, ...source!, ...offsets]
}

/** Copies values to another place; used where a result must lie in memory that it was not computed in. */
export function plainCopy(size: number): readonly number[] {
  return copy([size], [1], [1])
}

/** Attributes that are a shape, with other sizes. */
export const sizesOf = (shape: Shape, size: (n: number) => number): Shape => shape.map(size)

// ---- reshape

function doesNotFill(x: Tensor, shape: Shape): Error {
  return shapeError(
    'reshape',
    `${formatShape(x.shape)} has ${formatSize(x.size())} elements, which do not fill ${formatShape(shape)}`,
  )
}

const reshapeOperation: Operation<Shape> = defineOperation({
  name: 'reshape',
  infer: ([x], shape) => {
    if (sizeOf(shape) !== x!.size()) throw doesNotFill(x!, shape)
    return [{ shape, dtype: x!.stored }]
  },
  resize: sizesOf,
  view: ({ inputs: [x], outputs: [y] }, layout) => reshaped(layout, x!.shape, y!.shape),
  keepsMeaning: true,
  flops: () => 0,
  gradient: ({ inputs: [x] }, [dy]) => [reshape(dy!, x!.shape)],
})

function refuseNoList(operation: string, what: string, given: unknown): void {
  if (!Array.isArray(given))
    throw shapeError(operation, `expected ${what}, a list of integers such as [2, 3], got ${describeValue(given)}`)
}

/** The same values in another shape. One size may be −1: it follows from the others. */
export function reshape(input: TensorLike, shape: Shape): Tensor {
  const x = toTensor(input)
  checkedShape('reshape', shape, -1)
  const known = sizeOf(shape.filter((n) => n !== -1))
  const open = shape.filter((n) => n === -1).length
  const rest = open === 1 ? x.size() / known : 1
  const to = shape.map((n) => (n === -1 ? rest : n))
  const bad = open > 1 || to.some((n) => !Number.isInteger(n))
  if (bad || sizeOf(to) !== x.size()) throw doesNotFill(x, shape)
  return sameShape(to, x.shape) ? x : apply(reshapeOperation, [x], to)
}

/** The same values as a tensor of its own. */
export function alias(x: Tensor): Tensor {
  return apply(reshapeOperation, [x], x.shape)
}

// ---- transpose

const transposeOperation: Operation<readonly number[]> = defineOperation({
  name: 'transpose',
  infer: ([x], order) => [{ shape: order.map((i) => x!.shape[i]!), dtype: x!.stored }],
  view: ({ attributes: order }, layout) => reordered(layout, order),
  flops: () => 0,
  gradient: ({ attributes: order }, [dy]) => [
    transpose(
      dy!,
      order.map((_, i) => order.indexOf(i)),
    ),
  ],
})

/** Axes in another order; by default reversed. */
export function transpose(input: TensorLike, order?: readonly number[]): Tensor {
  const x = toTensor(input)
  if (order !== undefined) refuseNoList('transpose', 'an order of the axes', order)
  const axes = order
    ? Array.from(order, (axis) => checkedAxis('transpose', axis, x.shape))
    : x.shape.map((_, i) => x.rank - 1 - i)
  if (axes.length !== x.rank || new Set(axes).size !== axes.length)
    throw shapeError('transpose', `[${order}] is not an order of the ${x.rank} axes of ${formatShape(x.shape)}`)
  return axes.every((a, i) => a === i) ? x : apply(transposeOperation, [x], axes)
}

/**
 * The matrices whose transposes these are, where they were just described: products take the transpose as a flag. Of
 * axes in any order, those that lie along the last axis of the memory make the rows.
 */
export function transposedMatrix(x: Tensor): Tensor | null {
  if (x.node?.operation !== transposeOperation || x.value) return null
  const order = x.node.attributes as readonly number[]
  const r = order.length
  if (r < 2 || order[r - 2] !== r - 1) return null
  return transpose(x.node.inputs[0]!, [...order.slice(0, -2), order[r - 1]!, order[r - 2]!])
}

// ---- broadcast

const broadcastOperation: Operation<Shape> = defineOperation({
  name: 'broadcastTo',
  infer: ([x], shape) => [{ shape, dtype: x!.dtype }],
  resize: sizesOf,
  view: ({ inputs: [x], outputs: [y] }, layout) => repeated(layout, x!.shape, y!.shape),
  flops: () => 0,
  gradient: (_, [dy]) => [dy!], // gradient() sums it to the input's shape
})

/** Repeats a tensor along its axes of size 1, and along new leading ones. */
export function broadcastTo(input: TensorLike, shape: Shape): Tensor {
  const x = toTensor(input)
  checkedShape('broadcastTo', shape)
  if (sameShape(x.shape, shape)) return x
  const fits = broadcastShapes(x.shape, shape)
  if (!fits || !sameShape(fits, shape))
    throw shapeError('broadcastTo', `shape ${formatShape(x.shape)} cannot become ${formatShape(shape)}`)
  return apply(broadcastOperation, [x], [...shape])
}
