/** Matrix products, with transposes as flags. */

import { apply } from '../tensor/apply.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { backThrough, shapeError } from '../tensor/describing.ts'
import type { Instruction, Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { broadcastShapes, formatShape, type Shape, sameShape, sizeOf } from '../tensor/shape.ts'
import {
  add,
  backThroughSigmoid,
  mul,
  relu,
  reluGradient,
  sigmoid,
  tanh,
  tanhGradient,
  toFloat,
} from './elementwise.ts'
import { broadcastTo, reshape, transposedMatrix } from './movement.ts'
import { sum } from './reduce.ts'

interface Product {
  ta: boolean
  tb: boolean
}

/** Rows, columns and depth of a product; null where the inner sizes differ. */
function sizes(a: Shape, b: Shape, { ta, tb }: Product): { m: number; n: number; k: number } | null {
  const [a0, a1] = a.slice(-2) as [number, number]
  const [b0, b1] = b.slice(-2) as [number, number]
  const k = ta ? a0 : a1
  return Object.is(k, tb ? b1 : b0) ? { m: ta ? a1 : a0, n: tb ? b0 : b1, k } : null
}

/** Attributes of the `matmul` kernel; matrices are contiguous, batches follow each other. */
function product(a: Shape, b: Shape, flags: Product, activation = 0): readonly number[] {
  const { m, n, k } = sizes(a, b, flags)!
  const batch = sizeOf(a.slice(0, -2))
  const lda = Math.max(1, a[a.length - 1]!) // BLAS wants a row to have a length, even an empty one
  const ldb = Math.max(1, b[b.length - 1]!)
  const flag = (x: boolean) => (x ? 1 : 0)
  const outer = [batch, m * k, b.length > 2 ? k * n : 0, m * n]
  return [m, n, k, flag(flags.ta), flag(flags.tb), lda, ldb, n, 0, activation, ...outer, 1, 0, 0, 0]
}

function mismatch(name: string, a: Shape, b: Shape, { ta, tb }: Product): Error {
  const show = (s: Shape, t: boolean) => `${formatShape(s)}${t ? ' transposed' : ''}`
  return shapeError(
    name,
    `${show(a, ta)} · ${show(b, tb)}: the last axis of the first and the second-last of the second must be equal`,
  )
}

const matmulOperation: Operation<Product> = defineOperation({
  name: 'matmul',
  meaning: () => 'scores',
  infer: ([a, b], flags) => {
    const size = sizes(a!.shape, b!.shape, flags)
    if (!size) throw mismatch('matmul', a!.shape, b!.shape, flags)
    return [{ shape: [...a!.shape.slice(0, -2), size.m, size.n], dtype: 'float32' }]
  },
  emit: ({ inputs: [a, b], attributes }) => ({
    kernel: 'matmul',
    attributes: product(a!.shape, b!.shape, attributes),
  }),
  gradient: ({ inputs: [a, b], attributes: { ta, tb } }, [dy]) => productGradient(a!, b!, ta, tb, dy!),
  flops: ({ inputs: [a], outputs: [y], attributes: { ta } }) => 2 * y!.size() * a!.size(ta ? -2 : -1),
})

// y = A·B: dA = dy·Bᵀ, dB = Aᵀ·dy, where A and B are a and b after their flags.
function productGradient(a: Tensor, b: Tensor, ta: boolean, tb: boolean, dy: Tensor): [Tensor, Tensor] {
  const da = ta ? raw(b, dy, tb, true) : raw(dy, b, false, !tb)
  const db = tb ? raw(dy, a, true, ta) : raw(a, dy, !ta, false)
  return [da, db]
}

function raw(a: Tensor, b: Tensor, ta: boolean, tb: boolean): Tensor {
  return apply(matmulOperation, [a, b], { ta, tb })
}

/**
 * The matrix product, with NumPy's meaning: two matrices [m, k] · [k, n] → [m, n]; leading axes are batches and
 * broadcast; a vector counts as a row on the left and as a column on the right.
 */
export function matmul(x: TensorLike, y: TensorLike): Tensor {
  let a = toFloat(toTensor(x))
  let b = toFloat(toTensor(y))
  if (a.rank === 0 || b.rank === 0)
    throw shapeError('matmul', `expected matrices, got shapes ${formatShape(a.shape)} and ${formatShape(b.shape)}`)
  if (a.rank === 1 && b.rank === 1) return dot(a, b)
  if (a.rank === 1) return dropAxis(matmul(reshape(a, [1, a.size()]), b), -2)
  if (b.rank === 1) return dropAxis(matmul(a, reshape(b, [b.size(), 1])), -1)
  const flags = { ta: false, tb: false }
  const at = transposedMatrix(a)
  const bt = transposedMatrix(b)
  if (at) [a, flags.ta] = [at, true]
  if (bt) [b, flags.tb] = [bt, true]
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
  if (!batch || !sizes(a.shape, b.shape, flags)) throw mismatch('matmul', a.shape, b.shape, flags)
  if (b.rank === 2 && a.rank > 2 && !flags.ta) {
    // One matrix for all batches: one tall product.
    const tall = apply(matmulOperation, [reshape(a, [-1, a.size(-1)]), b], flags)
    return reshape(tall, [...a.shape.slice(0, -1), tall.size(-1)])
  }
  const full = (t: Tensor) => broadcastTo(t, [...batch, ...t.shape.slice(-2)])
  return apply(matmulOperation, [full(a), full(b)], flags)
}

function dropAxis(x: Tensor, axis: number): Tensor {
  const at = axis + x.rank
  return reshape(
    x,
    x.shape.filter((_, i) => i !== at),
  )
}

// ---- dot

// Elements that one thread multiplies and adds up.
const dotTile = 65_536

const dotOperation: Operation<null> = defineOperation({
  name: 'dot',
  infer: ([a, b]) => {
    if (!sameShape(a!.shape, b!.shape))
      throw shapeError(
        'dot',
        `vectors of different sizes: ${formatShape(a!.shape)} and ${formatShape(b!.shape)}. Both need the same size.`,
      )
    const parts = Math.ceil(a!.size() / dotTile)
    const result = { shape: [], dtype: 'float32' } as const
    return parts <= 1 ? [result] : [result, { shape: [parts], dtype: 'float64' }]
  },
  emit: ({ inputs, outputs: [result, parts] }): readonly Instruction[] => [
    { kernel: 'dot', attributes: [dotTile], operands: [parts ?? result!, ...inputs] },
    ...(parts ? [{ kernel: 'addParts', attributes: [], operands: [result!, parts] }] : []),
  ],
  flops: ({ inputs: [a] }) => 2 * a!.size(),
  gradient: ({ inputs: [a, b] }, [dy]) => [mul(dy!, b!), mul(dy!, a!)],
})

/** Two vectors of one size: Σ aᵢbᵢ. Otherwise as `matmul`, and with a scalar as `mul`, as in NumPy. */
export function dot(x: TensorLike, y: TensorLike): Tensor {
  const a = toFloat(toTensor(x))
  const b = toFloat(toTensor(y))
  if (a.rank === 1 && b.rank === 1) return apply(dotOperation, [a, b], null)
  return a.rank === 0 || b.rank === 0 ? mul(a, b) : matmul(a, b)
}

// ---- a dense layer in one kernel

/** Activations that the product's epilogue knows, while the tile is warm: their numbers there and their derivative. */
const fused = {
  linear: { code: 0, backCode: 0, forward: (z: Tensor) => z, backward: (_: Tensor, dy: Tensor) => dy },
  relu: { code: 1, backCode: 4, forward: relu, backward: reluGradient },
  sigmoid: { code: 2, backCode: 5, forward: sigmoid, backward: backThroughSigmoid },
  tanh: { code: 3, backCode: 6, forward: tanh, backward: tanhGradient },
} as const

export type FusedActivation = keyof typeof fused

interface GatedProduct extends Product {
  activation: FusedActivation
}

// f′·(a·b), in terms of f's output y: the way back through a layer and the activation before it, in one kernel.
const gatedOperation: Operation<GatedProduct> = defineOperation({
  name: 'gatedMatmul',
  infer: ([a, b], flags) => matmulOperation.infer([a!, b!], flags),
  emit: ({ inputs: [a, b], attributes }) => ({
    kernel: 'matmul',
    attributes: product(a!.shape, b!.shape, attributes, fused[attributes.activation].backCode),
  }),
  reference: ([a, b, y], { ta, tb, activation }) => [fused[activation].backward(y!, raw(a!, b!, ta, tb))],
})

function backThroughActivation(activation: FusedActivation, y: Tensor, dy: Tensor): Tensor {
  const { backCode, backward } = fused[activation]
  const node = dy.node
  if (backCode === 0 || node?.operation !== matmulOperation || !sameShape(dy.shape, y.shape)) return backward(y, dy)
  return backThrough(node, () => apply(gatedOperation, [...node.inputs, y], { ...node.attributes, activation }))
}

const linearOperation: Operation<FusedActivation> = defineOperation({
  name: 'linear',
  meaning: (activation) => (activation === 'sigmoid' ? 'probabilities' : 'scores'),
  infer: ([x, w, b]) => {
    const flags = { ta: false, tb: false }
    const size = x!.rank === 2 && w!.rank === 2 ? sizes(x!.shape, w!.shape, flags) : null
    if (!size) throw mismatch('linear', x!.shape, w!.shape, flags)
    if (b!.rank !== 1 || b!.shape[0] !== size.n)
      throw shapeError('linear', `the bias has shape ${formatShape(b!.shape)}, expected [${size.n}]`)
    return [{ shape: [size.m, size.n], dtype: 'float32' }]
  },
  emit: ({ inputs: [x, w], attributes: activation }) => ({
    kernel: 'matmul',
    attributes: product(x!.shape, w!.shape, { ta: false, tb: false }, fused[activation].code),
  }),
  gradient: ({ inputs: [x, w], outputs: [y], attributes: activation }, [dy]) => {
    const dz = backThroughActivation(activation, y!, dy!)
    const [dx, dw] = productGradient(x!, w!, false, false, dz)
    return [dx, dw, sum(dz, { axis: 0 })]
  },
  // The product, the bias, and one for an activation.
  flops: ({ inputs: [x], outputs: [y], attributes: activation }) =>
    y!.size() * (2 * x!.size(-1) + 1 + (fused[activation].code > 0 ? 1 : 0)),
  reference: ([x, w, b], activation) => [fused[activation].forward(add(matmul(x!, w!), b!))],
})

/** activation(x·w + b) for x [batch, in], w [in, out], b [out]. */
export function linear(x: Tensor, w: Tensor, b: Tensor, activation: FusedActivation = 'linear'): Tensor {
  return apply(linearOperation, [x, w, b], activation)
}

export function isFusedActivation(name: string): name is FusedActivation {
  return Object.hasOwn(fused, name)
}
