/**
 * Activations, element by element: the list of native/kernels/common/activations.inc, in its order. Each has kernels of its
 * own, and products, convolutions and recurrent cells apply it to what they compute.
 *
 * Where the value tells the slope, the way back takes the value. Where it does not, the slope is a second output beside the
 * value: it is computed only where somebody reads it, which is in training, and the way back multiplies by it.
 */
import { apply, applyAll } from '../tensor/apply.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Elementwise, Meaning, Operation, Tensor } from '../tensor/graph.ts'
import { isContiguous } from '../tensor/layout.ts'
import { behindReshapes } from '../tensor/meaning.ts'
import { defineOperation } from '../tensor/operations.ts'
import {
  abs,
  add,
  div,
  equal,
  erf,
  exp,
  expm1,
  greater,
  less,
  maximum,
  mul,
  neg,
  sqrt,
  square,
  sub,
  toFloat,
  where,
} from './elementwise.ts'
import { loops, readsLoops } from './loops.ts'
import { reshape } from './movement.ts'

interface Known {
  /** Floating-point operations per element, there and back. */
  readonly flops: readonly [value: number, back: number]
  readonly meaning?: Meaning
  /** dy·f′, from f's value. */
  readonly back?: (y: Tensor, dy: Tensor, p: number) => Tensor
  /** Where the slope is kept: value and slope, composed of others. */
  readonly both?: (z: Tensor, p: number, q: number) => readonly [value: Tensor, slope: Tensor]
}

const inside = (y: Tensor, low: number, high: number, dy: TensorLike) =>
  where(greater(y, low), where(less(y, high), dy, 0), 0)
const scale = 1.0507009873554805
const limit = scale * 1.6732632423543772
const root = Math.sqrt(2 / Math.PI)
const tiny = 2 ** -126

/** z·g(z), from g and its slope. */
const gated = (z: Tensor, g: Tensor, slope: Tensor) => [mul(z, g), add(g, mul(z, slope))] as const
const ofSigmoid = (z: Tensor, g: Tensor, inner: TensorLike = 1) => gated(z, g, mul(mul(g, sub(1, g)), inner))

const known: Readonly<Record<string, Known>> = {
  relu: { flops: [1, 1], back: (y, dy) => where(greater(y, 0), dy, 0) },
  sigmoid: { flops: [4, 3], meaning: 'probabilities', back: (y, dy) => mul(dy, mul(y, sub(1, y))) },
  tanh: { flops: [6, 3], back: (y, dy) => mul(dy, sub(1, square(y))) },
  relu6: { flops: [2, 2], back: (y, dy) => inside(y, 0, 6, dy) },
  leakyRelu: { flops: [2, 2], back: (y, dy, p) => where(greater(y, 0), dy, mul(dy, p)) },
  elu: { flops: [5, 3], back: (y, dy, p) => where(greater(y, 0), dy, mul(dy, add(y, p))) },
  selu: { flops: [5, 3], back: (y, dy) => mul(dy, where(greater(y, 0), scale, add(y, limit))) },
  celu: { flops: [6, 4], back: (y, dy, p) => where(greater(y, 0), dy, mul(dy, add(div(y, p), 1))) },
  exponential: { flops: [3, 1], back: (y, dy) => mul(dy, y) },
  softplus: { flops: [8, 5], back: (y, dy) => neg(mul(dy, expm1(neg(y)))) },
  logSigmoid: { flops: [8, 5], back: (y, dy) => neg(mul(dy, expm1(y))) },
  softsign: { flops: [3, 4], back: (y, dy) => mul(dy, square(sub(1, abs(y)))) },
  hardSigmoid: { flops: [4, 3], back: (y, dy) => inside(y, 0, 1, div(dy, 6)) },
  sparseSigmoid: { flops: [4, 3], back: (y, dy) => inside(y, 0, 1, div(dy, 2)) },
  hardTanh: { flops: [2, 2], back: (y, dy) => inside(y, -1, 1, dy) },
  sparsePlus: { flops: [5, 3], back: (y, dy) => mul(dy, where(greater(y, 1), 1, sqrt(maximum(y, tiny)))) },
  squareplus: {
    flops: [7, 6],
    back: (y, dy, p) => mul(dy, div(y, maximum(tiny, add(y, div(p / 4, maximum(tiny, y)))))),
  },
  softShrink: { flops: [3, 1], back: (y, dy) => where(equal(y, 0), 0, dy) },
  hardShrink: { flops: [2, 1], back: (y, dy) => where(equal(y, 0), 0, dy) },
  gelu: {
    flops: [20, 1],
    both: (z) => {
      const density = mul(exp(mul(square(z), -0.5)), root / 2)
      return gated(z, mul(add(1, erf(div(z, Math.SQRT2))), 0.5), density)
    },
  },
  geluTanh: {
    flops: [12, 1],
    both: (z) => {
      const cubic = mul(square(z), 0.044715)
      const g = sigmoid(mul(mul(z, 2 * root), add(1, cubic)))
      return ofSigmoid(z, g, mul(2 * root, add(1, mul(3, cubic))))
    },
  },
  silu: { flops: [7, 1], both: (z) => ofSigmoid(z, sigmoid(z)) },
  mish: {
    flops: [11, 1],
    both: (z) => {
      const t = tanh(activate({ name: 'softplus', numbers: [] }, z))
      return gated(z, t, mul(sub(1, square(t)), sigmoid(z)))
    },
  },
  hardSilu: {
    flops: [7, 1],
    both: (z) => gated(z, activate({ name: 'hardSigmoid', numbers: [] }, z), inside(z, -3, 3, 1 / 6)),
  },
  tanhShrink: { flops: [8, 1], both: (z) => [sub(z, tanh(z)), square(tanh(z))] },
  threshold: {
    flops: [2, 1],
    both: (z, p, q) => [where(greater(z, p), z, q), where(greater(z, p), 1, mul(z, 0))],
  },
}

const names = Object.keys(known)
const about = (name: string): Known => known[name]!

/** Whether the way back needs the slope, which the value does not tell. */
export const keepsSlope = ({ name }: Elementwise): boolean => about(name).both !== undefined

export const meaningOfElementwise = (e: Elementwise | null): Meaning => (e && about(e.name).meaning) || 'scores'

/** An activation in an epilogue, as native/kernels/common/activations.inc counts: its code, p and q. */
export interface Epilogue {
  readonly code: number
  readonly numbers: readonly [p: number, q: number]
}

export function epilogueOf(e: Elementwise | null): Epilogue {
  const [p = 0, q = 0] = e?.numbers ?? []
  return { code: e ? 1 + names.indexOf(e.name) : 0, numbers: [p, q] }
}

/** Its derivative: f′ times what is computed. */
export function gateOf(e: Elementwise): Epilogue {
  const { code, numbers } = epilogueOf(e)
  return { code: code + 64, numbers }
}

// ---- kernels of their own

function valueOperation(name: string): Operation<readonly number[]> {
  const { flops, both, meaning } = about(name)
  return defineOperation({
    name,
    ...(meaning && { meaning: () => meaning }),
    infer: ([x]) => {
      if (x!.dtype === 'int32') throw shapeError(name, 'expected float32, got int32. Use cast("float32").')
      const spec = { shape: x!.shape, dtype: x!.dtype }
      return both ? [spec, spec] : [spec]
    },
    emit: ({ inputs: [x], outputs: [y], attributes }, { inputs: [layout] }) => ({
      kernel: both ? `${name}WithSlope` : name,
      attributes: isContiguous(layout!, x!.shape) ? attributes : loops(y!.shape, [x!], [layout!]),
    }),
    // Kernels without numbers walk any x.
    reads: (node, layouts) =>
      both || node.attributes.length > 0
        ? [isContiguous(layouts[0]!, node.inputs[0]!.shape)]
        : readsLoops(node, layouts),
    flops: ({ inputs: [x] }) => flops[0] * x!.size(),
    // Of a slope: through what it is composed of.
    gradient: ({ outputs: [y, slope], attributes: numbers }, [dy, dSlope]) =>
      dSlope || !dy ? null : [backThroughActivation({ name, numbers }, slope ?? y!, dy)],
    inPlace: [[0, 0]],
    ...(both && { spare: [1], reference: ([z], [p = 0, q = 0]) => both(z!, p, q) }),
  })
}

function gradientOperation(name: string): Operation<readonly number[]> {
  const { flops, back } = about(name)
  return defineOperation({
    name: `${name}Gradient`,
    infer: ([y]) => [{ shape: y!.shape, dtype: 'float32' }],
    emit: ({ attributes }) => ({ kernel: `${name}Gradient`, attributes }),
    flops: ({ inputs: [y] }) => flops[1] * y!.size(),
    inPlace: [
      [0, 1],
      [0, 0],
    ],
    reference: ([y, dy], [p = 0]) => [back!(y!, dy!, p)],
  })
}

const values = Object.fromEntries(names.map((name) => [name, valueOperation(name)]))
const byValue = names.filter((name) => !about(name).both)
const gradients = Object.fromEntries(byValue.map((name) => [name, gradientOperation(name)]))

/** An activation of x, and its slope where that is kept. */
export function activateAll(e: Elementwise, x: Tensor): readonly Tensor[] {
  return applyAll(values[e.name]!, [toFloat(x)], e.numbers)
}

/** An activation of x. */
export function activate(e: Elementwise, x: Tensor): Tensor {
  return activateAll(e, x)[0]!
}

/** dy·f′, as an operation of its own. @param by f's value, or its slope where that is kept */
export function gateBy(e: Elementwise, by: Tensor, dy: Tensor): Tensor {
  return keepsSlope(e) ? mul(dy, by) : apply(gradients[e.name]!, [by, dy], e.numbers)
}

/** dy·f′. What made dy may do it on its way. @param by f's value, or its slope where that is kept */
export function backThroughActivation(e: Elementwise, by: Tensor, dy: Tensor): Tensor {
  const { node } = behindReshapes(dy)
  const whole = node?.operation.behindActivation?.(node, e, by)
  return whole ? reshape(whole, by.shape) : gateBy(e, by, dy)
}

const unary = (name: string) => (x: TensorLike) => activate({ name, numbers: [] }, toTensor(x))

/** max(0, x); its derivative is 1 where x > 0, else 0. */
export const relu = unary('relu')
/** 1 / (1 + e⁻ˣ), in a form that never overflows. */
export const sigmoid = unary('sigmoid')
export const tanh = unary('tanh')
