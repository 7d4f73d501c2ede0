/** Softmax along any axis, and what else activations do along one. */
import { type TensorLike, tensor, toTensor } from '../tensor/create.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { formatShape } from '../tensor/shape.ts'
import { checkedAxis } from '../tensor/sizes.ts'
import { relu, sigmoid } from './activation.ts'
import { add, div, greater, mul, neg, sub, toFloat } from './elementwise.ts'
import { transpose } from './movement.ts'
import { cumsum, sort } from './order.ts'
import { sum } from './reduce.ts'
import { at } from './slice.ts'
import { logSoftmax, softmax } from './softmax.ts'

/** f works along the last axis: the axis goes there, and back again. */
function along(name: string, f: (x: Tensor) => Tensor, x: Tensor, axis: number): Tensor {
  const i = checkedAxis(name, axis, x.shape)
  if (i === x.rank - 1) return f(x)
  const order = x.shape.map((_, k) => (k === i ? x.rank - 1 : k === x.rank - 1 ? i : k))
  return transpose(f(transpose(x, order)), order)
}

export const softmaxAlong = (x: TensorLike, axis: number) => along('softmax', softmax, toTensor(x), axis)
export const logSoftmaxAlong = (x: TensorLike, axis: number) => along('logSoftmax', logSoftmax, toTensor(x), axis)

/** The first half along an axis times the sigmoid of the second. */
export function glu(x: TensorLike, axis: number): Tensor {
  const t = toTensor(x)
  const i = checkedAxis('glu', axis, t.shape)
  const size = t.shape[i]!
  if (size % 2 !== 0)
    throw shapeError('glu', `axis ${axis} of shape ${formatShape(t.shape)} has an odd size: it is cut into halves`)
  const half = (range: string) => at(t, ...t.shape.slice(0, i).map(() => ':'), range)
  return mul(half(`:${size / 2}`), sigmoid(half(`${size / 2}:`)))
}

/**
 * The point of the simplex that is nearest to each row along an axis: max(0, x − τ) with τ such that the sum is 1 (Martins and
 * Astudillo, 2016).
 */
export function sparsemax(x: TensorLike, axis: number): Tensor {
  return along('sparsemax', sparsemaxOfRows, toFloat(toTensor(x)), axis)
}

function sparsemaxOfRows(x: Tensor): Tensor {
  const last = { axis: -1, keepdims: true }
  const descending = neg(sort(neg(x), { axis: -1 }))
  const rank = tensor(Float32Array.from({ length: x.size(-1) }, (_, i) => i + 1))
  // How many stay above 0: the k largest, as long as they lie above what their sum leaves for each.
  const stays = toFloat(greater(add(mul(descending, rank), 1), cumsum(descending, { axis: -1 })))
  const threshold = div(sub(sum(mul(descending, stays), last), 1), sum(stays, last))
  return relu(sub(x, threshold))
}
