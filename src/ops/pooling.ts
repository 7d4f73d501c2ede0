/** Windows over pictures, channels last: [batch, size, ..., channels] with one to three sizes. */
import { apply, applyAll } from '../tensor/apply.ts'
import { backThrough, shapeError } from '../tensor/describing.ts'
import type { Node, Operation, Tensor } from '../tensor/graph.ts'
import { behindReshapes } from '../tensor/meaning.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts'
import { backThroughActivation, keepsSlope } from './activation.ts'

/** Per axis: cells of a window, how far it moves, and how many cells lie before and after the picture. */
export interface Windows {
  readonly size: readonly number[]
  readonly strides: readonly number[]
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** Windows that lie inside of a picture, or (`same`) one for each stride, with what is missing on both sides. */
export function windowsOf(
  sizes: Shape,
  { size, strides, padding }: { size: readonly number[]; strides: readonly number[]; padding: 'valid' | 'same' },
): Windows {
  const missing = sizes.map((n, i) =>
    padding === 'same' ? Math.max(0, (Math.ceil(n / strides[i]!) - 1) * strides[i]! + size[i]! - n) : 0,
  )
  const before = missing.map((n) => Math.floor(n / 2))
  return { size, strides, before, after: missing.map((n, i) => n - before[i]!) }
}

/** The shape rule of all pooling. */
function pooled(name: string, x: Tensor, { size, strides, before, after }: Windows): Shape {
  const sizes = x.shape.slice(1, -1).map((n, i) => {
    const room = n + before[i]! + after[i]! - size[i]!
    if (room < 0)
      throw shapeError(
        name,
        `a window of ${formatShape(size)} is larger than the picture ${formatShape(x.shape.slice(1, -1))} of an input ` +
          `${formatShape(x.shape)}. Take a smaller one, or padding: 'same'.`,
      )
    return Math.floor(room / strides[i]!) + 1
  })
  return [x.shape[0]!, ...sizes, x.shape.at(-1)!]
}

/** Attributes of the kernels: as if there were three axes. */
function layout(x: Shape, y: Shape, { size, strides, before }: Windows): number[] {
  const three = (list: readonly number[], missing: number) => [...Array(3 - list.length).fill(missing), ...list]
  const sizes = (shape: Shape) => three(shape.slice(1, -1), 1)
  return [x[0]!, ...sizes(x), x.at(-1)!, ...sizes(y), ...three(size, 1), ...three(strides, 1), ...three(before, 0)]
}

// Of the way back: y is as large as dy.
interface Back extends Windows {
  readonly into: Shape
}
const back = (node: Node<Windows>): Back => ({ ...node.attributes, into: node.inputs[0]!.shape })
const windowsWork = ({ outputs: [y], attributes: { size } }: Node<Windows>) => sizeOf(size) * y!.size()

// ---- the largest

// Cells that a byte counts; one number is left for none.
const mostInAByte = 255

const maxPoolOperation: Operation<Windows> = defineOperation({
  name: 'maxPool',
  infer: ([x], windows) => {
    const shape = pooled('maxPool', x!, windows)
    return [
      { shape, dtype: 'float32' },
      { shape, dtype: sizeOf(windows.size) <= mostInAByte ? 'uint8' : 'int32' },
    ]
  },
  emit: ({ inputs: [x], outputs: [y], attributes }) => ({
    kernel: 'maxPool',
    attributes: layout(x!.shape, y!.shape, attributes),
  }),
  spare: [1],
  flops: windowsWork,
  gradient: (node, [dy]) => [dy ? apply(maxPoolGradient, [node.outputs[1]!, dy], back(node)) : null],
})

const maxPoolGradient: Operation<Back> = defineOperation({
  name: 'maxPoolGradient',
  infer: (_, { into }) => [{ shape: into, dtype: 'float32' }],
  emit: ({ inputs: [index, dy], outputs: [dx], attributes }) => ({
    kernel: 'maxPoolGradient',
    attributes: layout(attributes.into, dy!.shape, attributes),
    operands: [dx!, index!, dy!],
  }),
  flops: ({ outputs: [dx] }) => dx!.size(),
  gradient: ({ inputs: [index], attributes }, [ddx]) => [null, apply(maxPoolPick, [index!, ddx!], attributes)],
  // The largest value is the activation's where the gradient goes: its slope is known on the small side already.
  behindActivation: (node, activation, by) => {
    const [index, dy] = node.inputs as [Tensor, Tensor]
    const pool = index.node
    if (keepsSlope(activation) || pool?.operation !== maxPoolOperation) return undefined
    if (behindReshapes(pool.inputs[0]!) !== behindReshapes(by)) return undefined
    const back = () => backThroughActivation(activation, pool.outputs[0]!, dy)
    return backThrough(node, () => apply(maxPoolGradient, [index, back()], node.attributes))
  },
})

// What lies where the largest was: the derivative of the way back.
const maxPoolPick: Operation<Back> = defineOperation({
  name: 'maxPoolPick',
  infer: ([index]) => [{ shape: index!.shape, dtype: 'float32' }],
  emit: ({ outputs: [y], attributes }) => ({
    kernel: 'maxPoolPick',
    attributes: layout(attributes.into, y!.shape, attributes),
  }),
  flops: () => 0,
  gradient: ({ inputs: [index], attributes }, [dy]) => [null, apply(maxPoolGradient, [index!, dy!], attributes)],
})

/**
 * The largest value of each window and channel. Its gradient goes to that cell, of equal ones to the first. NaN counts as
 * larger than any number.
 * @param x [batch, size, ..., channels]
 */
export function maxPool(x: Tensor, windows: Windows): Tensor {
  return applyAll(maxPoolOperation, [x], windows)[0]!
}

// ---- the average

const averagePoolOperation: Operation<Windows> = defineOperation({
  name: 'averagePool',
  infer: ([x], windows) => [{ shape: pooled('averagePool', x!, windows), dtype: 'float32' }],
  emit: ({ inputs: [x], outputs: [y], attributes }) => ({
    kernel: 'averagePool',
    attributes: layout(x!.shape, y!.shape, attributes),
  }),
  flops: windowsWork,
  gradient: (node, [dy]) => [apply(averagePoolGradient, [dy!], back(node))],
})

const averagePoolGradient: Operation<Back> = defineOperation({
  name: 'averagePoolGradient',
  infer: (_, { into }) => [{ shape: into, dtype: 'float32' }],
  emit: ({ inputs: [dy], attributes }) => ({
    kernel: 'averagePoolGradient',
    attributes: layout(attributes.into, dy!.shape, attributes),
  }),
  flops: ({ inputs: [dy], attributes: { size } }) => sizeOf(size) * dy!.size(),
  gradient: ({ attributes: { into: _, ...windows } }, [ddx]) => [apply(averagePoolOperation, [ddx!], windows)],
})

/**
 * The average of each window and channel; cells outside of the picture do not count.
 * @param x [batch, size, ..., channels]
 */
export function averagePool(x: Tensor, windows: Windows): Tensor {
  return apply(averagePoolOperation, [x], windows)
}
