/** The methods of tensors: each is the operation of the same name with the tensor as its first input. */
import * as activation from '../ops/activation.ts'
import * as arrange from '../ops/arrange.ts'
import * as elementwise from '../ops/elementwise.ts'
import * as logic from '../ops/logic.ts'
import { gather, scatter } from '../ops/lookup.ts'
import * as product from '../ops/matmul.ts'
import * as movement from '../ops/movement.ts'
import * as order from '../ops/order.ts'
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
    /** 0 is false, all else true; 1 or 0, as int32. */
    logicalAnd(b: TensorLike): Tensor
    logicalOr(b: TensorLike): Tensor
    logicalNot(): Tensor
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
    erf(): Tensor
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
    prod(options?: reductions.Reduce): Tensor
    /** Of the whole population: divided by n. */
    variance(options?: reductions.Reduce): Tensor
    std(options?: reductions.Reduce): Tensor
    /** 1 where one is not 0, or all are not, as int32. */
    any(options?: reductions.Reduce): Tensor
    all(options?: reductions.Reduce): Tensor
    /** log Σ eˣ, without overflow. */
    logSumExp(options?: reductions.Reduce): Tensor
    argmax(options?: { axis?: number }): Tensor
    argmin(options?: { axis?: number }): Tensor
    /** Sums up to each element; without an axis of all of them. */
    cumsum(options?: order.Along): Tensor
    /** In ascending order along an axis, by default the last; NaN last, equal ones as they stood. */
    sort(options?: order.Along): Tensor
    argsort(options?: order.Along): Tensor
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
    /** With `value` around it: so many before and after, for each axis. */
    pad(widths: readonly (readonly [before: number, after: number])[], value?: number): Tensor
    flip(axis: number): Tensor
    /** Moved along an axis; what falls off the end comes in again. */
    roll(shift: number, axis: number): Tensor
    /** Repeated so many times along each axis. */
    tile(times: readonly number[]): Tensor
    /** The upper triangle of matrices, from the k-th diagonal on, and the lower one, up to it. */
    triu(k?: number): Tensor
    tril(k?: number): Tensor
    /** Rows by index. */
    gather(rows: TensorLike): Tensor
    /** With other rows at these indices, the last one where an index stands twice. */
    scatter(rows: TensorLike, values: TensorLike): Tensor
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the declaration above has the types
type Method = (x: Tensor, ...rest: any[]) => Tensor

const methods: Record<string, Method> = {
  relu: activation.relu,
  sigmoid: activation.sigmoid,
  tanh: activation.tanh,
  ...pickFunctions(elementwise, ['where', 'toFloat', 'clipThrough', 'step', 'pair']),
  ...pickFunctions(reductions, ['reduceOptions']),
  ...pickFunctions(logic, []),
  ...pickFunctions(arrange, ['split']),
  cumsum: order.cumsum,
  sort: order.sort,
  argsort: order.argsort,
  logSumExp: soft.logSumExp,
  softmax: soft.softmax,
  logSoftmax: soft.logSoftmax,
  matmul: product.matmul,
  dot: product.dot,
  reshape: movement.reshape,
  transpose: movement.transpose,
  broadcastTo: movement.broadcastTo,
  at,
  gather,
  scatter,
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
