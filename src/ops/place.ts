/** Parts of a tensor: taken out, and put where they belong. Each is the derivative of the other. */
import { apply } from '../tensor/apply.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Instruction, Lies, Node, Operation, Tensor } from '../tensor/graph.ts'
import { contiguous, type Layout, sliced } from '../tensor/layout.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts'
import { add } from './elementwise.ts'
import { addProduct } from './matmul.ts'
import { copy } from './movement.ts'

export interface Slice {
  /** Per axis: first index, step, and how many. */
  readonly start: readonly number[]
  readonly step: readonly number[]
  readonly shape: Shape
}

function refuseOutside(x: Shape, part: Slice): void {
  const { start, step, shape } = part
  const isInside = (n: number, i: number) => [start[i]!, last(part, i)].every((at) => at >= 0 && at < n)
  if (shape.length !== x.length || !x.every((n, i) => shape[i] === 0 || isInside(n, i)))
    throw shapeError(
      'at',
      `${formatShape(shape)} from ${formatShape(start)} on, in steps of ${formatShape(step)}, is not inside ${formatShape(x)}`,
    )
}

function resized({ start, step, shape }: Slice, size: (n: number) => number): Slice {
  return { start: start.map(size), step, shape: shape.map(size) }
}

const sliceOperation: Operation<Slice> = defineOperation({
  name: 'slice',
  infer: ([x], part) => {
    refuseOutside(x!.shape, part)
    return [{ shape: part.shape, dtype: x!.stored }]
  },
  resize: resized,
  view: ({ attributes: { start, step } }, layout) => sliced(layout, start, step),
  flops: () => 0,
  gradient: ({ inputs: [x], attributes }, [dy]) => [place([dy!], [attributes], x!.shape)],
})

// Some of the rows are rows like all.
const leadingSlice: Operation<Slice> = defineOperation({ ...sliceOperation, name: 'sliceRows', keepsMeaning: true })

/** A part of x. */
export function slice(x: Tensor, part: Slice): Tensor {
  const leading = part.shape.every((n, i) => part.step[i] === 1 && (i === 0 || n === x.shape[i]))
  return apply(leading ? leadingSlice : sliceOperation, [x], part)
}

/** Of a tensor of shape `whole`: `size` indices of an axis, from `start` on, of all others everything. */
export function along(whole: Shape, axis: number, start: number, size: number): Slice {
  return {
    start: whole.map((_, i) => (i === axis ? start : 0)),
    step: whole.map(() => 1),
    shape: whole.map((n, i) => (i === axis ? size : n)),
  }
}

// ---- the other way round

const last = ({ start, step, shape }: Slice, i: number) => start[i]! + step[i]! * (shape[i]! - 1)

/** Whether two parts have an element in common; true where only a closer look would tell. */
function meet(a: Slice, b: Slice): boolean {
  if (sizeOf(a.shape) === 0 || sizeOf(b.shape) === 0) return false
  return a.start.every((from, i) => {
    const [low, high] = [Math.min(from, last(a, i)), Math.max(from, last(a, i))]
    const [other, end] = [Math.min(b.start[i]!, last(b, i)), Math.max(b.start[i]!, last(b, i))]
    const step = Math.abs(a.step[i]!)
    const between = step === Math.abs(b.step[i]!) && (low - other) % step !== 0
    return low <= end && other <= high && !between
  })
}

/** Whether the parts follow each other along some axis, as those of time do: then nothing else has to be looked at. */
function inARow(parts: readonly Slice[]): boolean {
  const axes = parts[0]?.start.map((_, axis) => axis) ?? []
  return axes.some((axis) => {
    const ranges = parts.map((p) => [p.start[axis]!, last(p, axis)].sort((a, b) => a - b) as [number, number])
    ranges.sort((a, b) => a[0] - b[0])
    return ranges.every(([low], i) => i === 0 || ranges[i - 1]![1] < low)
  })
}

/** For each part, whether no part before it has an element of it. */
function alone(parts: readonly Slice[]): boolean[] {
  if (inARow(parts)) return parts.map(() => true)
  return parts.map((part, i) => !parts.slice(0, i).some((other) => meet(part, other)))
}

function fill(parts: readonly Slice[], whole: Shape): boolean {
  return alone(parts).every((is) => is) && parts.reduce((sum, p) => sum + sizeOf(p.shape), 0) === sizeOf(whole)
}

/** Where parts lie in the output, if they fill it. */
export function partsIn(parts: readonly Slice[], whole: Shape): Layout[] | null {
  return fill(parts, whole) ? parts.map(({ start, step }) => sliced(contiguous(whole), start, step)) : null
}

/** Copies each input to its part of y, or adds it to what lies there. */
export function placing(
  y: Tensor,
  inputs: readonly Tensor[],
  lies: Lies['inputs'],
  parts: readonly Slice[],
  adds: (i: number) => boolean,
): Instruction[] {
  return inputs.map((x, i) => {
    const to = sliced(contiguous(y.shape), parts[i]!.start, parts[i]!.step)
    const from = lies[i]!
    const attributes = copy(x.shape, [...to.strides], [...from.strides], to.offset, from.offset, adds(i))
    return { kernel: 'copy', attributes, operands: [y, x], touched: [x.size() * (adds(i) ? 2 : 1), x.size()] }
  })
}

interface Placed {
  readonly parts: readonly Slice[]
  readonly whole: Shape
  /** What stands outside of the parts. */
  readonly value: number
}

const gradientsOfParts = ({ attributes: { parts } }: Node<Placed>, dy: Tensor) => parts.map((part) => slice(dy, part))

const placeOperation: Operation<Placed> = defineOperation({
  name: 'place',
  infer: ([x], { parts, whole }) => {
    for (const part of parts) refuseOutside(whole, part)
    return [{ shape: whole, dtype: x!.dtype }]
  },
  resize: ({ parts, whole, value }, size) => {
    return { parts: parts.map((part) => resized(part, size)), whole: whole.map(size), value }
  },
  reads: ({ inputs }) => inputs.map(() => true),
  parts: ({ attributes: { parts, whole } }) => partsIn(parts, whole),
  emit: ({ inputs, outputs: [y], attributes: { parts, whole, value } }, { inputs: lies, written }): Instruction[] => {
    const first = alone(parts)
    const around = fill(parts, whole) ? [] : [{ kernel: 'fill', attributes: [value], operands: [y!] }]
    return [...around, ...placing(y!, inputs, lies, parts, (i) => !first[i]).filter((_, i) => !written[i])]
  },
  flops: () => 0,
  gradient: (node, [dy]) => gradientsOfParts(node, dy!),
})

/** A tensor of shape `whole` of parts: where they meet they add up, and outside of all stands `value`. */
export function place(inputs: readonly Tensor[], parts: readonly Slice[], whole: Shape, value = 0): Tensor {
  return apply(placeOperation, inputs, { parts, whole, value })
}

const placeOntoOperation: Operation<Placed> = defineOperation({
  name: 'placeOnto',
  infer: (_, { whole }) => [{ shape: whole, dtype: 'float32' }],
  reads: ({ inputs }) => inputs.map((_, i) => i > 0),
  emit: ({ inputs, outputs: [y], attributes: { parts } }, { inputs: lies }) =>
    placing(y!, inputs.slice(1), lies.slice(1), parts, () => true),
  inPlace: [[0, 0]],
  updates: true,
  flops: ({ inputs }) => inputs.slice(1).reduce((sum, x) => sum + x.size(), 0),
  gradient: (node, [dy]) => [dy!, ...gradientsOfParts(node, dy!)],
})

// ---- gradients that meet

const placedOf = (t: Tensor): Node<Placed> | null => {
  const { node } = t
  return node?.operation === placeOperation && (node.attributes as Placed).value === 0 ? node : null
}

/**
 * The sum of the gradients of one tensor. Those of its parts are added where they belong: they are not as large. Products
 * are added as they are made.
 */
export function addUp(terms: readonly Tensor[]): Tensor {
  const placed = terms.flatMap((t) => placedOf(t) ?? [])
  const others = terms.filter((t) => placedOf(t) === null)
  const inputs = placed.flatMap((node) => node.inputs)
  const parts = placed.flatMap((node) => node.attributes.parts)
  if (others.length === 0) return placed.length === 1 ? terms[0]! : place(inputs, parts, terms[0]!.shape)
  const whole = others.reduce((sum, t) => addProduct(sum, t) ?? addProduct(t, sum) ?? add(sum, t))
  return placed.length === 0
    ? whole
    : apply(placeOntoOperation, [whole, ...inputs], { parts, whole: whole.shape, value: 0 })
}
