/** Operations that reduce axes. */
import { boolean, checkOptions, optional } from '../options.ts'
import { apply } from '../tensor/apply.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts'
import { checkedAxes, checkedAxis } from '../tensor/sizes.ts'
import { cast, div, equal, mul, sqrt, square, sub, toFloat, where } from './elementwise.ts'
import { broadcastTo, reshape, transpose } from './movement.ts'

export interface Reduce {
  /** One axis or several, negative from the end; by default all. */
  axis?: number | readonly number[]
  /** Keep the reduced axes with size 1. */
  keepdims?: boolean
}

// A run of neighbouring axes is reduced by one kernel call over [outer, n, inner].
interface Run {
  first: number
  last: number
}

type Kind = 'sum' | 'mean' | 'max' | 'min' | 'prod'

function reduceOperation(kind: Kind, rule: (dy: Tensor, x: Tensor, y: Tensor, n: number) => Tensor): Operation<Run> {
  return defineOperation({
    name: kind,
    infer: ([x], { first, last }) => {
      const n = sizeOf(x!.shape.slice(first, last + 1))
      if (n === 0 && (kind === 'max' || kind === 'min'))
        throw shapeError(kind, `shape ${formatShape(x!.shape)} has nothing to reduce`)
      const shape = x!.shape.map((size, i) => (i >= first && i <= last ? 1 : size))
      return [{ shape, dtype: x!.dtype }]
    },
    emit: ({ inputs: [x], attributes }) => ({ kernel: kind, attributes: view(x!.shape, attributes) }),
    flops: ({ inputs: [x] }) => x!.size(),
    gradient: ({ inputs: [x], outputs: [y], attributes: { first, last } }, [dy]) => [
      rule(dy!, x!, y!, sizeOf(x!.shape.slice(first, last + 1))),
    ],
  })
}

function view(shape: Shape, { first, last }: Run): number[] {
  return [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(first, last + 1)), sizeOf(shape.slice(last + 1))]
}

// The output keeps reduced axes with size 1, so that dy broadcasts against x.
const operations = {
  sum: reduceOperation('sum', (dy, x) => broadcastTo(dy, x.shape)),
  mean: reduceOperation('mean', (dy, x, _, n) => broadcastTo(div(dy, n), x.shape)),
  max: reduceOperation('max', sharedAmongEqual),
  min: reduceOperation('min', sharedAmongEqual),
  prod: reduceOperation('prod', productOfOthers),
}

// Equal extremes share the gradient, as in JAX and TensorFlow.
function sharedAmongEqual(dy: Tensor, x: Tensor, y: Tensor, n: number): Tensor {
  const hit = toFloat(equal(x, y))
  const shape = y.shape
  const first = shape.findIndex((size, i) => size !== x.shape[i])
  if (first < 0 || n === 1) return broadcastTo(dy, x.shape)
  const axes = shape.flatMap((size, i) => (size !== x.shape[i] ? [i] : []))
  return mul(hit, div(dy, sum(hit, { axis: axes, keepdims: true })))
}

// y / x, and where one factor is 0 the product of the others, which are then alone to count.
function productOfOthers(dy: Tensor, x: Tensor, y: Tensor): Tensor {
  const axes = y.shape.flatMap((size, i) => (size !== x.shape[i] ? [i] : []))
  const zero = equal(x, 0)
  const zeros = axes.length === 0 ? zero : sum(zero, { axis: axes, keepdims: true })
  const rest = where(zero, 1, x)
  const others = axes.length === 0 ? rest : prod(rest, { axis: axes, keepdims: true })
  const alone = where(zero, where(equal(zeros, 1), others, 0), where(equal(zeros, 0), div(others, rest), 0))
  return mul(dy, alone)
}

const axisOption = optional((value: unknown) => value as Reduce['axis'])
const reduceTable = { axis: axisOption, keepdims: optional(boolean, false) }

function axesOf(where: string, x: Tensor, axis: Reduce['axis']): number[] {
  return axis === undefined ? x.shape.map((_, i) => i) : checkedAxes(where, axis, x.shape)
}

/** The options of a reduction that is made of others, checked under its own name. */
export function reduceOptions(name: string, x: Tensor, given?: Reduce): Reduce & { axis: number[]; keepdims: boolean } {
  const { axis, keepdims } = checkOptions(name, given, reduceTable)
  return { axis: axesOf(name, x, axis), keepdims }
}

function reduce(kind: Kind): (x: TensorLike, options?: Reduce) => Tensor {
  return (input, given) => {
    const options = checkOptions(kind, given, reduceTable)
    let x = toTensor(input)
    if (kind === 'mean') x = toFloat(x)
    if (x.stored === 'uint8') x = cast(x, 'int32')
    const axes = axesOf(kind, x, options.axis)
    const kept = x.shape.filter((_, i) => !axes.includes(i))
    const shape = options.keepdims ? x.shape.map((n, i) => (axes.includes(i) ? 1 : n)) : kept
    if (axes.length === 0) return x
    const gathered = neighbours(x, axes)
    const [first, last] = gathered === x ? [axes[0]!, axes.at(-1)!] : [x.rank - axes.length, x.rank - 1]
    return reshape(apply(operations[kind], [gathered], { first, last }), shape)
  }
}

/** Axes that do not stand side by side are brought to the end: one reduction sees all, and shares ties among all. */
function neighbours(x: Tensor, axes: readonly number[]): Tensor {
  if (axes.at(-1)! - axes[0]! === axes.length - 1) return x
  const others = x.shape.flatMap((_, i) => (axes.includes(i) ? [] : [i]))
  return transpose(x, [...others, ...axes])
}

export const sum = reduce('sum')
/** The average; float32. */
export const mean = reduce('mean')
/** NaN wins, as in NumPy. */
export const max = reduce('max')
export const min = reduce('min')

/** The product; of nothing 1. Of int32 it is exact modulo 2³². */
export const prod = reduce('prod')

/**
 * The mean of the squared distances from the mean, of the whole population as in NumPy and Keras (`ddof` 0). PyTorch
 * divides by n − 1.
 */
export function variance(x: TensorLike, options?: Reduce): Tensor {
  return squaredDistance('variance', x, options)
}

/** The square root of the variance; its derivative is NaN where that is 0. */
export function std(x: TensorLike, options?: Reduce): Tensor {
  return sqrt(squaredDistance('std', x, options))
}

function squaredDistance(name: string, input: TensorLike, given?: Reduce): Tensor {
  const x = toFloat(toTensor(input))
  const { axis, keepdims } = reduceOptions(name, x, given)
  return mean(square(sub(x, mean(x, { axis, keepdims: true }))), { axis, keepdims })
}

// ---- positions

function positionOperation(name: 'argmax' | 'argmin'): Operation<number> {
  return defineOperation({
    name,
    infer: ([x], axis) => {
      if (x!.shape[axis] === 0) throw shapeError(name, `shape ${formatShape(x!.shape)} has nothing to search`)
      return [{ shape: x!.shape.filter((_, i) => i !== axis), dtype: 'int32' }]
    },
    emit: ({ inputs: [x], attributes: axis }) => ({
      kernel: name,
      attributes: view(x!.shape, { first: axis, last: axis }),
    }),
    flops: ({ inputs: [x] }) => x!.size(),
  })
}

function position(name: 'argmax' | 'argmin') {
  const operation = positionOperation(name)
  return (input: TensorLike, options?: { axis?: number }): Tensor => {
    const { axis } = checkOptions(name, options, { axis: axisOption })
    const given = toTensor(input)
    const x = cast(given, given.dtype) // int32 as it is: float32 has no 2²⁴ + 1
    if (axis === undefined) return apply(operation, [reshape(x, [x.size()])], 0)
    return apply(operation, [x], checkedAxis(name, axis, x.shape))
  }
}

/** The index of the largest value along an axis (of all values without one): the first of equal ones. int32. */
export const argmax = position('argmax')
export const argmin = position('argmin')
