/** Matrix products, with transposes as flags. */

import { apply, applyAll } from '../tensor/apply.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { backThrough, shapeError } from '../tensor/describing.ts'
import type { Elementwise, Instruction, Node, Operation, Tensor } from '../tensor/graph.ts'
import { behindReshapes } from '../tensor/meaning.ts'
import { defineOperation } from '../tensor/operations.ts'
import { broadcastShapes, formatShape, type Shape, sameShape } from '../tensor/shape.ts'
import {
  activateAll,
  backThroughActivation,
  type Epilogue,
  epilogueOf,
  gateBy,
  gateOf,
  keepsSlope,
  meaningOfElementwise,
} from './activation.ts'
import { add, mul, toFloat } from './elementwise.ts'
import { broadcastTo, reshape, transposedMatrix } from './movement.ts'
import { type Product, productAttributes, readable, sizesOf, writable } from './product.ts'
import { sum } from './reduce.ts'

type ProductRecord = Required<Pick<Operation, 'emit' | 'reads' | 'writes'>>

/** How an operation runs that is the product of its first two inputs, which lie in any way that the kernel can walk. */
function asProduct<A>(flagsOf: (attributes: A) => Product, end: (attributes: A) => Epilogue): ProductRecord {
  const shapesOf = ({ inputs: [a, b], outputs: [c] }: Node) => [a!.shape, b!.shape, c!.shape] as const
  return {
    emit: (node, { inputs: [a, b], outputs: [c] }) => ({
      kernel: node.outputs.length > 1 ? 'matmulWithSlope' : 'matmul',
      attributes: productAttributes(
        { shapes: shapesOf(node), layouts: [a!, b!, c!] },
        flagsOf(node.attributes),
        end(node.attributes),
      ),
    }),
    reads: (node, inputs) => [
      ...readable(shapesOf(node), inputs, flagsOf(node.attributes)),
      ...node.inputs.slice(2).map(() => false),
    ],
    // A slope lies as the value does, contiguous.
    writes: (node, c, [a, b]) =>
      node.outputs.length === 1 && writable({ shapes: shapesOf(node), layouts: [a!, b!, c] }, flagsOf(node.attributes)),
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
    () => epilogueOf(null),
  ),
  gradient: ({ inputs: [a, b], attributes: { ta, tb } }, [dy]) => productGradient(a!, b!, ta, tb, dy!),
  flops: ({ inputs: [a], outputs: [y], attributes: { ta } }) => 2 * y!.size() * a!.size(ta ? -2 : -1),
  behindActivation: (node, activation, by) => {
    if (node.operation !== matmulOperation) return undefined
    const gate = () => reshape(by, node.outputs[0]!.shape)
    return backThrough(node, () => apply(gatedOperation, [...node.inputs, gate()], { ...node.attributes, activation }))
  },
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
      ...epilogueOf(null),
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

interface GatedProduct extends Product {
  activation: Elementwise
}

// f′·(a·b), in terms of f's value or slope: the way back through a layer and the activation before it, in one kernel.
const gatedOperation: Operation<GatedProduct> = defineOperation<GatedProduct>({
  name: 'gatedMatmul',
  infer: ([a, b], flags) => matmulOperation.infer([a!, b!], flags),
  ...asProduct<GatedProduct>(
    (flags) => flags,
    ({ activation }) => gateOf(activation),
  ),
  writes: () => false, // it lies as y
  reference: ([a, b, y], { ta, tb, activation }) => [gateBy(activation, y!, raw(a!, b!, ta, tb))],
})

const plain = { ta: false, tb: false }

const linearOperation: Operation<Elementwise | null> = defineOperation<Elementwise | null>({
  name: 'linear',
  meaning: meaningOfElementwise,
  infer: ([x, w, b], activation) => {
    const size = x!.rank === 2 && w!.rank === 2 ? sizesOf(x!.shape, w!.shape, plain) : null
    if (!size) throw mismatch('linear', x!.shape, w!.shape, plain)
    if (b && (b.rank !== 1 || b.shape[0] !== size.n))
      throw shapeError('linear', `the bias has shape ${formatShape(b.shape)}, expected [${size.n}]`)
    const spec = { shape: [size.m, size.n], dtype: 'float32' } as const
    return activation && keepsSlope(activation) ? [spec, spec] : [spec]
  },
  ...asProduct<Elementwise | null>(() => plain, epilogueOf),
  spare: [1],
  gradient: ({ inputs: [x, w, b], outputs: [y, slope], attributes: activation }, [dy, dSlope]) => {
    if (dSlope || !dy) return null
    const dz = activation ? backThroughActivation(activation, slope ?? y!, dy) : dy
    const [dx, dw] = productGradient(x!, w!, false, false, dz)
    return b ? [dx, dw, sum(dz, { axis: 0 })] : [dx, dw]
  },
  // The product, the bias, and one for an activation.
  flops: ({ inputs: [x, , b], outputs: [y], attributes: activation }) =>
    y!.size() * (2 * x!.size(-1) + (b ? 1 : 0) + (activation ? 1 : 0)),
  reference: ([x, w, b], activation) => {
    const z = matmul(x!, w!)
    const sums = b ? add(z, b) : z
    return activation ? activateAll(activation, sums) : [sums]
  },
})

/** activation(x·w + b) for x [batch, in], w [in, out], b [out]. */
export function linear(x: Tensor, w: Tensor, b: Tensor | null, activation: Elementwise | null = null): Tensor {
  return applyAll(linearOperation, b ? [x, w, b] : [x, w], activation)[0]!
}
