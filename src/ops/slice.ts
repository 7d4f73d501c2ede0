/** Parts of tensors, and tensors from parts: NumPy's basic indexing, joining along axes. */
import { describeValue } from '../options.ts'
import { apply } from '../tensor/apply.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { describeError, shapeError } from '../tensor/describing.ts'
import type { Instruction, Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape, sameShape, stridesOf } from '../tensor/shape.ts'
import { checkedAxis, checkedIndex } from '../tensor/sizes.ts'
import { cast, toFloat } from './elementwise.ts'
import { copy, reshape } from './movement.ts'

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

const sliceOperation: Operation<Slice> = defineOperation({
  name: 'slice',
  infer: ([x], { shape }) => [{ shape, dtype: x!.stored }],
  emit: ({ inputs: [x], outputs: [y], attributes }) => {
    const { strides, offset } = sliceLayout(x!.shape, attributes)
    const walk = copy(y!.shape, stridesOf(y!.shape), strides, 0, offset)
    return { kernel: 'copy', attributes: walk, touched: [y!.size(), y!.size()] }
  },
  flops: () => 0,
  gradient: ({ inputs: [x], attributes }, [dy]) => [apply(sliceGradient, [dy!], { ...attributes, into: x!.shape })],
})

// Rows of the leading axis are a stretch of the same memory.
const leadingSlice: Operation<Slice> = defineOperation({
  ...sliceOperation,
  name: 'sliceRows',
  alias: ({ inputs: [x], attributes }) => attributes.start[0]! * stridesOf(x!.shape)[0]!,
})

const sliceGradient: Operation<Slice & { into: Shape }> = defineOperation({
  name: 'sliceGradient',
  infer: (_, { into }) => [{ shape: into, dtype: 'float32' }],
  emit: ({ inputs: [dy], outputs: [dx], attributes }): Instruction[] => {
    const { strides, offset } = sliceLayout(attributes.into, attributes)
    const walk = copy(dy!.shape, strides, stridesOf(dy!.shape), offset, 0)
    return [
      { kernel: 'fill', attributes: [0], operands: [dx!] },
      { kernel: 'copy', attributes: walk, touched: [dy!.size(), dy!.size()] },
    ]
  },
  flops: () => 0,
  gradient: ({ attributes }, [ddx]) => [apply(sliceOperation, [ddx!], attributes)],
})

// One index in NumPy's notation: 3, -1, ':', ':5', '2:', '1:10:2', '::-1'.
function parseIndex(index: number | string, n: number, axis: number): { start: number; step: number; count: number } {
  if (typeof index !== 'string') return { start: checkedIndex('at', index, n, axis), step: 1, count: -1 }
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
  const parts = x.shape.map((n, axis) => parseIndex(axis < index.length ? index[axis]! : ':', n, axis))
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

const concatOperation: Operation<number> = defineOperation({
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
      const walk = copy(x.shape, strides, stridesOf(x.shape), offset)
      return { kernel: 'copy', attributes: walk, operands: [y!, x], touched: [x.size(), x.size()] }
    })
  },
  flops: () => 0,
  gradient: ({ inputs, attributes: axis }, [dy]) => {
    let before = 0
    return inputs.map((x) => {
      const part = `${before}:${before + x.shape[axis]!}`
      before += x.shape[axis]!
      return at(dy!, ...x.shape.slice(0, axis + 1).map((_, i) => (i === axis ? part : ':')))
    })
  },
})

function tensorsOf(where: string, inputs: unknown): Tensor[] {
  if (Array.isArray(inputs) && inputs.length > 0) return Array.from(inputs, (x) => toTensor(x))
  const got = Array.isArray(inputs) ? 'an empty one' : describeValue(inputs)
  throw describeError('ERR_DATA', where, `expected a list of tensors such as ${where}([a, b]), got ${got}`)
}

/** Joins tensors along an axis that they all have. */
export function concat(inputs: readonly TensorLike[], axis = 0): Tensor {
  const tensors = tensorsOf('concat', inputs)
  const same = tensors.every((t) => t.dtype === 'int32') ? tensors.map((t) => cast(t, 'int32')) : tensors.map(toFloat)
  return apply(concatOperation, same, checkedAxis('concat', axis, same[0]!.shape))
}

/** Joins tensors of one shape along a new axis. */
export function stack(inputs: readonly TensorLike[], axis = 0): Tensor {
  const tensors = tensorsOf('stack', inputs)
  // The new axis is one of the result's.
  const i = checkedAxis('stack', axis, [1, ...tensors[0]!.shape])
  return concat(
    tensors.map((t) => reshape(t, [...t.shape.slice(0, i), 1, ...t.shape.slice(i)])),
    i,
  )
}
