/** Operations that move values and change none: reshape, transpose, slice, join, look up. */
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { apply, describeError, type Instruction, type Operation, shapeError, type Tensor } from '../tensor/graph.ts'
import {
  broadcastShapes,
  broadcastStrides,
  collapse,
  formatShape,
  resolveAxis,
  type Shape,
  type StoredType,
  sameShape,
  sizeOf,
  stridesOf,
} from '../tensor/shape.ts'
import { cast, toFloat } from './elementwise.ts'

/**
 * Attributes of the `copy` kernel: a walk over `dims`, with strides and offsets on both sides. The kernel writes
 * forwards, so an axis that goes backwards in the output is walked from its other end.
 */
function copy(dims: Shape, out: number[], from: number[], outOffset = 0, fromOffset = 0): readonly number[] {
  const turned = out.map((step) => step < 0)
  const ends = (steps: number[]) => steps.reduce((sum, s, i) => sum + (turned[i] ? s * (dims[i]! - 1) : 0), 0)
  const turn = (steps: number[]) => steps.map((s, i) => (turned[i] ? -s : s))
  const merged = collapse(dims, turn(out), turn(from))
  const [to, source] = merged.strides
  const offsets = [outOffset + ends(out), fromOffset + ends(from)]
  return [0, merged.dims.length, ...merged.dims, ...to!, ...source!, ...offsets]
}

/** Copies values to another place; used where a result must lie in memory that it was not computed in. */
export function plainCopy(size: number): readonly number[] {
  return copy([size], [1], [1])
}

// ---- reshape

const reshapeOperation: Operation<Shape> = {
  name: 'reshape',
  infer: ([x], shape) => [{ shape, dtype: x!.stored }],
  alias: () => 0,
  gradient: ({ inputs: [x] }, [dy]) => [reshape(dy!, x!.shape)],
}

/** The same values in another shape. One size may be −1: it follows from the others. */
export function reshape(input: TensorLike, shape: Shape): Tensor {
  const x = toTensor(input)
  const known = sizeOf(shape.filter((n) => n !== -1))
  const open = shape.filter((n) => n === -1).length
  if (shape.some(Number.isNaN) || (Number.isNaN(x.size()) && open === 0))
    throw shapeError('reshape', `the batch size of ${formatShape(x.shape)} is unknown here: use -1`)
  const rest = open === 1 ? x.size() / known : 1
  const to = shape.map((n) => (n === -1 ? rest : n))
  const bad = open > 1 || to.some((n) => n < 0 || (!Number.isInteger(n) && !Number.isNaN(n)))
  if (bad || (!Number.isNaN(x.size()) && sizeOf(to) !== x.size()))
    throw shapeError(
      'reshape',
      `${formatShape(x.shape)} has ${x.size()} elements, which do not fill ${formatShape(shape)}`,
    )
  return sameShape(to, x.shape) ? x : apply(reshapeOperation, [x], to)
}

// ---- transpose

const transposeOperation: Operation<readonly number[]> = {
  name: 'transpose',
  infer: ([x], order) => [{ shape: order.map((i) => x!.shape[i]!), dtype: x!.stored }],
  emit: ({ inputs: [x], outputs: [y], attributes: order }) => {
    const strides = stridesOf(x!.shape)
    return {
      kernel: 'copy',
      attributes: copy(
        y!.shape,
        stridesOf(y!.shape),
        order.map((i) => strides[i]!),
      ),
    }
  },
  gradient: ({ attributes: order }, [dy]) => [
    transpose(
      dy!,
      order.map((_, i) => order.indexOf(i)),
    ),
  ],
}

/** Axes in another order; by default reversed. */
export function transpose(input: TensorLike, order?: readonly number[]): Tensor {
  const x = toTensor(input)
  const axes = (order ?? x.shape.map((_, i) => x.rank - 1 - i)).map((a) => resolveAxis(a, x.rank))
  if (axes.length !== x.rank || axes.includes(-1) || new Set(axes).size !== axes.length)
    throw shapeError('transpose', `[${order}] is not an order of the ${x.rank} axes of ${formatShape(x.shape)}`)
  return axes.every((a, i) => a === i) ? x : apply(transposeOperation, [x], axes)
}

/** The matrix whose transpose this is, where it was just described: products take the transpose as a flag. */
export function transposedMatrix(x: Tensor): Tensor | null {
  if (x.node?.operation !== transposeOperation || x.value) return null
  const order = x.node.attributes as readonly number[]
  const r = order.length
  const swapsLast = r >= 2 && order[r - 1] === r - 2 && order[r - 2] === r - 1
  return swapsLast && order.slice(0, -2).every((a, i) => a === i) ? x.node.inputs[0]! : null
}

// ---- broadcast

const broadcastOperation: Operation<Shape> = {
  name: 'broadcastTo',
  infer: ([x], shape) => [{ shape, dtype: x!.dtype }],
  emit: ({ inputs: [x], outputs: [y] }) => ({
    kernel: 'copy',
    attributes: copy(y!.shape, stridesOf(y!.shape), broadcastStrides(x!.shape, y!.shape)),
  }),
  gradient: (_, [dy]) => [dy!], // gradient() sums it to the input's shape
}

/** Repeats a tensor along its axes of size 1, and along new leading ones. */
export function broadcastTo(input: TensorLike, shape: Shape): Tensor {
  const x = toTensor(input)
  if (sameShape(x.shape, shape)) return x
  const fits = broadcastShapes(x.shape, shape)
  if (!fits || !sameShape(fits, shape))
    throw shapeError('broadcastTo', `shape ${formatShape(x.shape)} cannot become ${formatShape(shape)}`)
  return apply(broadcastOperation, [x], [...shape])
}

// ---- slices

interface Slice {
  /** Per axis: first index, step, and how many. */
  start: readonly number[]
  step: readonly number[]
  shape: Shape
}

function sliceLayout(x: Shape, { start, step }: Slice): { strides: number[]; offset: number } {
  const strides = stridesOf(x)
  return {
    strides: strides.map((s, i) => s * step[i]!),
    offset: strides.reduce((sum, s, i) => sum + s * start[i]!, 0),
  }
}

const sliceOperation: Operation<Slice> = {
  name: 'slice',
  infer: ([x], { shape }) => [{ shape, dtype: x!.stored }],
  emit: ({ inputs: [x], outputs: [y], attributes }) => {
    const { strides, offset } = sliceLayout(x!.shape, attributes)
    return { kernel: 'copy', attributes: copy(y!.shape, stridesOf(y!.shape), strides, 0, offset) }
  },
  gradient: ({ inputs: [x], attributes }, [dy]) => [apply(sliceGradient, [dy!], { ...attributes, into: x!.shape })],
}

// Rows of the leading axis are a stretch of the same memory.
const leadingSlice: Operation<Slice> = {
  ...sliceOperation,
  alias: ({ inputs: [x], attributes }) => attributes.start[0]! * stridesOf(x!.shape)[0]!,
}

const sliceGradient: Operation<Slice & { into: Shape }> = {
  name: 'sliceGradient',
  infer: (_, { into }) => [{ shape: into, dtype: 'float32' }],
  emit: ({ inputs: [dy], outputs: [dx], attributes }): Instruction[] => {
    const { strides, offset } = sliceLayout(attributes.into, attributes)
    return [
      { kernel: 'fill', attributes: [0], operands: [dx!] },
      { kernel: 'copy', attributes: copy(dy!.shape, strides, stridesOf(dy!.shape), offset, 0) },
    ]
  },
  gradient: ({ attributes }, [ddx]) => [apply(sliceOperation, [ddx!], attributes)],
}

// One index in NumPy's notation: 3, -1, ':', ':5', '2:', '1:10:2', '::-1'.
function parseIndex(index: number | string, n: number, axis: number): { start: number; step: number; count: number } {
  if (typeof index === 'number') {
    const i = index < 0 ? index + n : index
    if (!Number.isInteger(i) || i < 0 || i >= n)
      throw shapeError('at', `index ${index} is outside axis ${axis}, which has size ${n}`)
    return { start: i, step: 1, count: -1 }
  }
  const match = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/.exec(index)
  const step = match?.[3] === undefined ? 1 : Number(match[3])
  if (!match || step === 0)
    throw describeError('ERR_OPTION', 'at', `expected an index or a slice like ':5', '2:', '1:9:2', got '${index}'`)
  const low = step > 0 ? 0 : -1
  const high = step > 0 ? n : n - 1
  const place = (text: string | undefined, missing: number) => {
    if (text === undefined) return missing
    const i = Number(text) < 0 ? Number(text) + n : Number(text)
    return Math.min(Math.max(i, low), high)
  }
  const start = place(match[1], step > 0 ? low : high)
  const end = place(match[2], step > 0 ? high : low)
  return { start, step, count: Math.max(0, Math.ceil((end - start) / step)) }
}

/** NumPy's basic indexing: a number takes one index and drops the axis, a string is a slice. Missing axes are whole. */
export function at(input: TensorLike, ...index: (number | string)[]): Tensor {
  const x = toTensor(input)
  if (index.length > x.rank)
    throw shapeError('at', `${index.length} indices for ${formatShape(x.shape)}, which has ${x.rank} axes`)
  const parts = x.shape.map((n, axis) => parseIndex(index[axis] ?? ':', n, axis))
  const shape = parts.map((p) => (p.count < 0 ? 1 : p.count))
  const slice: Slice = { start: parts.map((p) => p.start), step: parts.map((p) => p.step), shape }
  const leading = parts.every((p, i) => (i === 0 ? p.step === 1 : shape[i] === x.shape[i] && p.step === 1))
  const taken = sameShape(shape, x.shape) && leading ? x : apply(leading ? leadingSlice : sliceOperation, [x], slice)
  return reshape(
    taken,
    shape.filter((_, i) => parts[i]!.count >= 0),
  )
}

// ---- joining

const concatOperation: Operation<number> = {
  name: 'concat',
  infer: (inputs, axis) => {
    const [first] = inputs
    for (const t of inputs)
      if (t.rank !== first!.rank || t.shape.some((n, i) => i !== axis && n !== first!.shape[i]))
        throw shapeError(
          'concat',
          `shapes ${inputs.map((i) => formatShape(i.shape)).join(', ')} differ outside axis ${axis}`,
        )
    const total = inputs.reduce((sum, t) => sum + t.shape[axis]!, 0)
    return [{ shape: first!.shape.map((n, i) => (i === axis ? total : n)), dtype: first!.dtype }]
  },
  emit: ({ inputs, outputs: [y], attributes: axis }) => {
    const strides = stridesOf(y!.shape)
    let before = 0
    return inputs.map((x) => {
      const offset = before * strides[axis]!
      before += x.shape[axis]!
      return { kernel: 'copy', attributes: copy(x.shape, strides, stridesOf(x.shape), offset), operands: [y!, x] }
    })
  },
  gradient: ({ inputs, attributes: axis }, [dy]) => {
    let before = 0
    return inputs.map((x) => {
      const part = `${before}:${before + x.shape[axis]!}`
      before += x.shape[axis]!
      return at(dy!, ...x.shape.slice(0, axis + 1).map((_, i) => (i === axis ? part : ':')))
    })
  },
}

/** Joins tensors along an axis that they all have. */
export function concat(inputs: readonly TensorLike[], axis = 0): Tensor {
  if (inputs.length === 0) throw shapeError('concat', 'expected at least one tensor')
  const tensors = inputs.map((x) => toTensor(x))
  const same = tensors.every((t) => t.dtype === 'int32') ? tensors.map((t) => cast(t, 'int32')) : tensors.map(toFloat)
  const i = resolveAxis(axis, same[0]!.rank)
  if (i < 0) throw shapeError('concat', `a tensor of shape ${formatShape(same[0]!.shape)} has no axis ${axis}`)
  return apply(concatOperation, same, i)
}

/** Joins tensors of one shape along a new axis. */
export function stack(inputs: readonly TensorLike[], axis = 0): Tensor {
  const tensors = inputs.map((x) => toTensor(x))
  const i = axis < 0 ? axis + (tensors[0]?.rank ?? 0) + 1 : axis
  return concat(
    tensors.map((t) => reshape(t, [...t.shape.slice(0, i), 1, ...t.shape.slice(i)])),
    i,
  )
}

// ---- look-ups

interface Gather {
  dtype: StoredType
  rowShape: Shape
  scale: number
  shift: number
  /** Rows of the table; 0 when only the memory that is bound decides. */
  count: number
}

const gatherOperation: Operation<Gather> = {
  name: 'gather',
  infer: ([, rows], { dtype, rowShape }) => [{ shape: [...rows!.shape, ...rowShape], dtype }],
  emit: ({ attributes: { rowShape, scale, shift, count } }) => ({
    kernel: 'gather',
    attributes: [sizeOf(rowShape), scale, shift, count],
  }),
  gradient: ({ inputs: [table, rows], attributes: { count } }, [dy]) => [
    count > 0 ? apply(scatterOperation, [dy!, rows!], table!.shape) : null,
    null,
  ],
  fault: ({ attributes: { count } }, row, value) =>
    `row index ${value} at position ${row} is outside the table${count ? `, which has ${count} rows` : ''}`,
}

const scatterOperation: Operation<Shape> = {
  name: 'gatherGradient',
  infer: (_, shape) => [{ shape, dtype: 'float32' }],
  emit: ({ attributes: shape }) => ({ kernel: 'scatterAdd', attributes: [sizeOf(shape.slice(1))] }),
  fault: (_, row, value) => `row index ${value} at position ${row} is outside the table`,
}

/** Rows of a table by int32 index: `table[rows]`. An index outside is an error when it is computed. */
export function gather(table: TensorLike, rows: TensorLike): Tensor {
  const t = toTensor(table)
  if (t.rank === 0) throw shapeError('gather', 'the table needs at least one axis')
  const [count = 0, ...rowShape] = t.shape
  if (t.size() === 0) throw shapeError('gather', `the table is empty: shape ${formatShape(t.shape)}`)
  return apply(gatherOperation, [t, cast(rows, 'int32')], { dtype: t.dtype, rowShape, scale: 1, shift: 0, count })
}

/** Rows of a data set, converted to `dtype` and scaled. The table is one row at some place; more follow it there. */
export function gatherStored(table: Tensor, rows: Tensor, dtype: 'float32' | 'int32', scale = 1, shift = 0): Tensor {
  return apply(gatherOperation, [table, rows], { dtype, rowShape: table.shape, scale, shift, count: 0 })
}

const oneHotOperation: Operation<number> = {
  name: 'oneHot',
  infer: ([labels], classes) => [{ shape: [...labels!.shape, classes], dtype: 'float32' }],
  emit: ({ attributes: classes }) => ({ kernel: 'oneHot', attributes: [classes] }),
  fault: (node, row, value) =>
    `label ${value} at position ${row}: expected an integer from 0 to ${(node.attributes as number) - 1}`,
}

/** 1 at the label's position, 0 elsewhere: [n] integers to [n, classes]. */
export function oneHot(labels: TensorLike, classes: number): Tensor {
  if (!Number.isInteger(classes) || classes < 1)
    throw describeError('ERR_OPTION', 'oneHot', `expected a number of classes ≥ 1, got ${classes}`)
  return apply(oneHotOperation, [cast(labels, 'int32')], classes)
}
