/** Matrix products, with transposes as flags. */

import { apply } from '../tensor/apply.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { backThrough, shapeError } from '../tensor/describing.ts'
import { behindReshapes, type Instruction, type Node, type Operation, type Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { broadcastShapes, formatShape, type Shape, sameShape } from '../tensor/shape.ts'
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
import { type Product, productAttributes, readable, sizesOf, writable } from './product.ts'
import { sum } from './reduce.ts'

type ProductRecord = Required<Pick<Operation, 'emit' | 'reads' | 'writes'>>

/** How an operation runs that is the product of its first two inputs, which lie in any way that the kernel can walk. */
function asProduct<A>(flagsOf: (attributes: A) => Product, codeOf: (attributes: A) => number): ProductRecord {
  const shapesOf = ({ inputs: [a, b], outputs: [c] }: Node) => [a!.shape, b!.shape, c!.shape] as const
  return {
    emit: (node, { inputs: [a, b], outputs: [c] }) => ({
      kernel: 'matmul',
      attributes: productAttributes({ shapes: shapesOf(node), layouts: [a!, b!, c!] }, flagsOf(node.attributes), {
        activation: codeOf(node.attributes),
      }),
    }),
    reads: (node, inputs) => [
      ...readable(shapesOf(node), inputs, flagsOf(node.attributes)),
      ...node.inputs.slice(2).map(() => false),
    ],
    writes: (node, c, [a, b]) => writable({ shapes: shapesOf(node), layouts: [a!, b!, c] }, flagsOf(node.attributes)),
  }
}

function mismatch(name: string, a: Shape, b: Shape, { ta, tb }: Product): Error {
  const show = (s: Shape, t: boolean) => `${formatShape(s)}${t ? ' transposed' : ''}`
  return shapeError(
    name,
    `${show(a, ta)} · ${show(b, tb)}: the last axis of the first and the second-last of the second must be equal`,
  )
}

const matmulOperation: Operation<Product> = defineOperation<Product>({
  name: 'matmul',
  meaning: () => 'scores',
  infer: ([a, b], flags) => {
    const size = sizesOf(a!.shape, b!.shape, flags)
    if (!size) throw mismatch('matmul', a!.shape, b!.shape, flags)
    return [{ shape: [...a!.shape.slice(0, -2), size.m, size.n], dtype: 'float32' }]
  },
  ...asProduct<Product>(
    (flags) => flags,
    () => 0,
  ),
  gradient: ({ inputs: [a, b], attributes: { ta, tb } }, [dy]) => productGradient(a!, b!, ta, tb, dy!),
  flops: ({ inputs: [a], outputs: [y], attributes: { ta } }) => 2 * y!.size() * a!.size(ta ? -2 : -1),
})

// y = A·B: dA = dy·Bᵀ, dB = Aᵀ·dy, where A and B are a and b after their flags.
function productGradient(a: Tensor, b: Tensor, ta: boolean, tb: boolean, dy: Tensor): [Tensor, Tensor] {
  const da = ta ? raw(b, dy, tb, true) : raw(dy, b, false, !tb)
  // One b for many batches: one product over all rows adds them up.
  const [x, dz] = b.rank === 2 && a.rank > 2 ? [rowsOf(a), rowsOf(dy)] : [a, dy]
  const db = tb ? raw(dz, x, true, ta) : raw(x, dz, !ta, false)
  return [da, db]
}

const rowsOf = (x: Tensor) => reshape(x, [-1, x.size(-1)])

function raw(a: Tensor, b: Tensor, ta: boolean, tb: boolean): Tensor {
  return apply(matmulOperation, [a, b], { ta, tb })
}

// a·b + c, added to c where it lies.
const addedOperation: Operation<Product> = defineOperation<Product>({
  ...matmulOperation,
  name: 'addedMatmul',
  infer: ([, , c]) => [{ shape: c!.shape, dtype: 'float32' }],
  emit: ({ inputs: [a, b], outputs: [c], attributes }, { inputs: [la, lb], outputs: [lc] }) => ({
    kernel: 'matmul',
    attributes: productAttributes({ shapes: [a!.shape, b!.shape, c!.shape], layouts: [la!, lb!, lc!] }, attributes, {
      adds: true,
    }),
    operands: [c!, a!, b!],
  }),
  writes: () => false,
  inPlace: [[0, 2]],
  updates: true,
  gradient: ({ inputs: [a, b], attributes: { ta, tb } }, [dy]) => [...productGradient(a!, b!, ta, tb, dy!), dy!],
  flops: ({ inputs: [a], outputs: [y], attributes: { ta } }) => (2 * a!.size(ta ? -2 : -1) + 1) * y!.size(),
})

/** A product that nobody else uses, added to `sum` as it is made; null for anything else. */
export function addProduct(sum: Tensor, term: Tensor): Tensor | null {
  const product = behindReshapes(term)
  const { node } = product
  if (node?.operation !== matmulOperation || product.value) return null
  for (let t = term, users = 0; ; t = t.node!.inputs[0]!, users = 1) {
    if (t.waiting > users) return null
    if (t === product) break
  }
  const inputs = [...node.inputs, reshape(sum, product.shape)]
  return reshape(
    backThrough(node, () => apply(addedOperation, inputs, node.attributes as Product)),
    term.shape,
  )
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
  for (let t = transposedMatrix(a); t; t = transposedMatrix(a)) [a, flags.ta] = [t, !flags.ta]
  for (let t = transposedMatrix(b); t; t = transposedMatrix(b)) [b, flags.tb] = [t, !flags.tb]
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
  if (!batch || !sizesOf(a.shape, b.shape, flags)) throw mismatch('matmul', a.shape, b.shape, flags)
  if (b.rank === 2 && a.rank > 2 && !flags.ta) return apply(matmulOperation, [a, b], flags)
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
const gatedOperation: Operation<GatedProduct> = defineOperation<GatedProduct>({
  name: 'gatedMatmul',
  infer: ([a, b], flags) => matmulOperation.infer([a!, b!], flags),
  ...asProduct<GatedProduct>(
    (flags) => flags,
    ({ activation }) => fused[activation].backCode,
  ),
  writes: () => false, // it lies as y
  reference: ([a, b, y], { ta, tb, activation }) => [fused[activation].backward(y!, raw(a!, b!, ta, tb))],
})

function backThroughActivation(activation: FusedActivation, y: Tensor, dy: Tensor): Tensor {
  const { backCode, backward } = fused[activation]
  const node = dy.node
  if (backCode === 0 || node?.operation !== matmulOperation || !sameShape(dy.shape, y.shape)) return backward(y, dy)
  return backThrough(node, () => apply(gatedOperation, [...node.inputs, y], { ...node.attributes, activation }))
}

const linearOperation: Operation<FusedActivation> = defineOperation<FusedActivation>({
  name: 'linear',
  meaning: (activation) => (activation === 'sigmoid' ? 'probabilities' : 'scores'),
  infer: ([x, w, b]) => {
    const flags = { ta: false, tb: false }
    const size = x!.rank === 2 && w!.rank === 2 ? sizesOf(x!.shape, w!.shape, flags) : null
    if (!size) throw mismatch('linear', x!.shape, w!.shape, flags)
    if (b!.rank !== 1 || b!.shape[0] !== size.n)
      throw shapeError('linear', `the bias has shape ${formatShape(b!.shape)}, expected [${size.n}]`)
    return [{ shape: [size.m, size.n], dtype: 'float32' }]
  },
  ...asProduct<FusedActivation>(
    () => ({ ta: false, tb: false }),
    (activation) => fused[activation].code,
  ),
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
