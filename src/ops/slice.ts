/** Parts of tensors, and tensors from parts: NumPy's basic indexing, joining along axes. */
import { describeValue } from '../options.ts'
import { apply } from '../tensor/apply.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { describeError, shapeError } from '../tensor/describing.ts'
import type { Node, Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'
import { checkedAxis, checkedIndex } from '../tensor/sizes.ts'
import { cast, toFloat } from './elementwise.ts'
import { reshape } from './movement.ts'
import { along, partsIn, placing, type Slice, slice } from './place.ts'

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
  const whole = shape.every((n, i) => n === x.shape[i] && parts[i]!.step === 1)
  const taken = whole ? x : slice(x, { start: parts.map((p) => p.start), step: parts.map((p) => p.step), shape })
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
  reads: ({ inputs }) => inputs.map(() => true),
  parts: (node) => partsIn(...joined(node)),
  emit: (node, { inputs: lies, written }) => {
    const [parts] = joined(node)
    return placing(node.outputs[0]!, node.inputs, lies, parts, () => false).filter((_, i) => !written[i])
  },
  flops: () => 0,
  gradient: (node, [dy]) => joined(node)[0].map((part) => slice(dy!, part)),
})

/** The part of the output that each input becomes, and the output's shape. */
function joined({ inputs, outputs: [y], attributes: axis }: Node<number>): [Slice[], Shape] {
  let before = 0
  const parts = inputs.map((x) => {
    before += x.shape[axis]!
    return along(y!.shape, axis, before - x.shape[axis]!, x.shape[axis]!)
  })
  return [parts, y!.shape]
}

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
