/** The methods of tensors: each is the operation of the same name with the tensor as its first input. */
import * as elementwise from '../ops/elementwise.ts'
import { gather } from '../ops/lookup.ts'
import * as product from '../ops/matmul.ts'
import * as movement from '../ops/movement.ts'
import * as reductions from '../ops/reduce.ts'
import { at } from '../ops/slice.ts'
import * as soft from '../ops/softmax.ts'
import type { TensorLike } from './create.ts'
import { Tensor } from './graph.ts'
import type { DType, Shape } from './shape.ts'

declare module './graph.ts' {
  interface Tensor {
    /** Element by element, with broadcasting. */
    add(b: TensorLike): Tensor
    sub(b: TensorLike): Tensor
    mul(b: TensorLike): Tensor
    div(b: TensorLike): Tensor
    pow(b: TensorLike): Tensor
    maximum(b: TensorLike): Tensor
    minimum(b: TensorLike): Tensor
    /** 1 where true, else 0, as int32. */
    equal(b: TensorLike): Tensor
    notEqual(b: TensorLike): Tensor
    greater(b: TensorLike): Tensor
    greaterEqual(b: TensorLike): Tensor
    less(b: TensorLike): Tensor
    lessEqual(b: TensorLike): Tensor
    neg(): Tensor
    exp(): Tensor
    log(): Tensor
    log1p(): Tensor
    expm1(): Tensor
    sqrt(): Tensor
    square(): Tensor
    abs(): Tensor
    sign(): Tensor
    reciprocal(): Tensor
    sin(): Tensor
    cos(): Tensor
    floor(): Tensor
    ceil(): Tensor
    round(): Tensor
    relu(): Tensor
    sigmoid(): Tensor
    tanh(): Tensor
    clip(low: number, high: number): Tensor
    cast(dtype: DType): Tensor
    /** Along the last axis. */
    softmax(): Tensor
    logSoftmax(): Tensor
    sum(options?: reductions.Reduce): Tensor
    mean(options?: reductions.Reduce): Tensor
    max(options?: reductions.Reduce): Tensor
    min(options?: reductions.Reduce): Tensor
    argmax(options?: { axis?: number }): Tensor
    argmin(options?: { axis?: number }): Tensor
    /** The matrix product. */
    matmul(b: TensorLike): Tensor
    /** The dot product of two vectors of one size; otherwise the matrix product. */
    dot(b: TensorLike): Tensor
    /** The same values in another shape; one size may be −1. */
    reshape(shape: Shape): Tensor
    /** Axes in another order, by default reversed. */
    transpose(order?: readonly number[]): Tensor
    /** The transpose. */
    readonly T: Tensor
    broadcastTo(shape: Shape): Tensor
    /** NumPy's slices: `x.at(':5', 0)` is `x[:5, 0]`. */
    at(...index: (number | string)[]): Tensor
    /** Rows by index. */
    gather(rows: TensorLike): Tensor
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the declaration above has the types
type Method = (x: Tensor, ...rest: any[]) => Tensor

const methods: Record<string, Method> = {
  ...pickFunctions(elementwise, [
    'where',
    'reluGradient',
    'sigmoidGradient',
    'backThroughSigmoid',
    'tanhGradient',
    'toFloat',
    'clipThrough',
    'step',
  ]),
  ...pickFunctions(reductions, []),
  softmax: soft.softmax,
  logSoftmax: soft.logSoftmax,
  matmul: product.matmul,
  dot: product.dot,
  reshape: movement.reshape,
  transpose: movement.transpose,
  broadcastTo: movement.broadcastTo,
  at,
  gather,
}

function pickFunctions(module: object, without: readonly string[]): Record<string, Method> {
  return Object.fromEntries(Object.entries(module).filter(([name]) => !without.includes(name)))
}

for (const [name, method] of Object.entries(methods))
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]) {
      return method(this, ...rest)
    },
    writable: true,
    configurable: true,
  })

Object.defineProperty(Tensor.prototype, 'T', {
  get(this: Tensor) {
    return movement.transpose(this)
  },
  configurable: true,
})
