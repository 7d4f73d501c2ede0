/** Rows chosen by index, and one-hot rows. */

import { apply } from '../tensor/apply.ts'
import { arange, type TensorLike, toTensor, zeros } from '../tensor/create.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { broadcastShapes, formatShape, type Shape, type StoredType, sameShape, sizeOf } from '../tensor/shape.ts'
import { checkedCount } from '../tensor/sizes.ts'
import { toIndices } from './check.ts'
import { equal, mul, pair, toFloat } from './elementwise.ts'
import { broadcastTo, reshape, sizesOf } from './movement.ts'

interface Gather {
  dtype: StoredType
  rowShape: Shape
  scale: number
  shift: number
  /** Rows of the table; 0 when only the memory that is bound decides. */
  count: number
}

const gatherOperation: Operation<Gather> = defineOperation({
  name: 'gather',
  infer: ([, rows], { dtype, rowShape }) => [{ shape: [...rows!.shape, ...rowShape], dtype }],
  resize: (g, size) => ({ ...g, rowShape: g.rowShape.map(size), count: size(g.count) }),
  emit: ({ inputs: [, rows], outputs: [y], attributes: { rowShape, scale, shift, count } }) => ({
    kernel: 'gather',
    attributes: [sizeOf(rowShape), scale, shift, count],
    touched: [y!.size(), y!.size(), rows!.size()],
  }),
  flops: ({ outputs: [y], attributes: { scale, shift } }) => (scale === 1 && shift === 0 ? 0 : 2 * y!.size()),
  gradient: ({ inputs: [table, rows], attributes: { count } }, [dy]) => [
    count > 0 ? apply(scatterOperation, [dy!, rows!], table!.shape) : null,
    null,
  ],
  fault: ({ attributes: { count } }, row, value) =>
    `row index ${value} at position ${row} is outside the table${count ? `, which has ${count} rows` : ''}`,
})

const scatterOperation: Operation<Shape> = defineOperation({
  name: 'gatherGradient',
  infer: (_, shape) => [{ shape, dtype: 'float32' }],
  resize: sizesOf,
  emit: ({ attributes: shape }) => ({ kernel: 'scatterAdd', attributes: [sizeOf(shape.slice(1))] }),
  flops: ({ inputs: [dy] }) => dy!.size(),
  rows: ({ inputs: [dy, rows] }) => ({ values: dy!, places: rows! }),
  gradient: ({ inputs: [, rows] }, [ddx]) => [gather(ddx!, rows!), null],
  fault: (_, row, value) => `row index ${value} at position ${row} is outside the table`,
})

/** Rows of a table by int32 index: `table[rows]`. An index outside is an error when it is computed. */
export function gather(table: TensorLike, rows: TensorLike): Tensor {
  const t = toTensor(table)
  if (t.rank === 0) throw shapeError('gather', 'the table needs at least one axis')
  const [count = 0, ...rowShape] = t.shape
  if (t.size() === 0) throw shapeError('gather', `the table is empty: shape ${formatShape(t.shape)}`)
  return apply(gatherOperation, [t, toIndices('gather', toTensor(rows), 'row index')], {
    dtype: t.dtype,
    rowShape,
    scale: 1,
    shift: 0,
    count,
  })
}

/** Rows of a data set, converted to `dtype` and scaled. The table is one row at some place; more follow it there. */
export function gatherStored(table: Tensor, rows: Tensor, dtype: 'float32' | 'int32', scale = 1, shift = 0): Tensor {
  return apply(gatherOperation, [table, rows], { dtype, rowShape: table.shape, scale, shift, count: 0 })
}

const setRowsOperation: Operation<null> = defineOperation<null>({
  name: 'scatter',
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  emit: ({ inputs: [x, rows, values], outputs: [y] }) => ({
    kernel: 'setRows',
    attributes: [sizeOf(x!.shape.slice(1))],
    operands: [y!, rows!, values!],
    touched: [values!.size(), rows!.size(), values!.size()],
  }),
  inPlace: [[0, 0]],
  updates: true,
  flops: () => 0,
  gradient: ({ inputs: [x, rows, values] }, [dy]) => [
    apply(setRowsOperation, [dy!, rows!, zeros(values!.shape)], null),
    null,
    mul(gather(dy!, rows!), lastToSet(x!, rows!, values!)),
  ],
  fault: ({ inputs: [x] }, row, value) =>
    `row index ${value} at position ${row} is outside the tensor, which has ${x!.shape[0]} rows`,
})

/** 1 for the values that stayed, 0 for those that another one was written over. */
function lastToSet(x: Tensor, rows: Tensor, values: Tensor): Tensor {
  const numbers = reshape(arange(rows.size()), rows.shape)
  const winners = apply(setRowsOperation, [zeros([x.shape[0]!], 'int32'), rows, numbers], null)
  const stayed = equal(gather(winners, rows), numbers)
  return toFloat(reshape(stayed, [...rows.shape, ...new Array<number>(values.rank - rows.rank).fill(1)]))
}

/**
 * x with other rows at these indices: NumPy's `x[rows] = values`, as a new tensor. Where an index stands twice the last
 * value stays. An index outside is an error when it is computed.
 * @param rows int32 indices of the first axis
 * @param values [...rows, ...the shape of a row], or what broadcasts to it
 */
export function scatter(x: TensorLike, rows: TensorLike, values: TensorLike): Tensor {
  const [t, v] = pair(toTensor(x), values)
  if (t.rank === 0) throw shapeError('scatter', 'the tensor needs at least one axis')
  const indices = toIndices('scatter', toTensor(rows), 'row index')
  const shape = [...indices.shape, ...t.shape.slice(1)]
  const fits = broadcastShapes(v.shape, shape)
  if (!fits || !sameShape(fits, shape))
    throw shapeError(
      'scatter',
      `${formatShape(indices.shape)} rows of ${formatShape(t.shape)} take values ${formatShape(shape)}, got ${formatShape(v.shape)}`,
    )
  if (sizeOf(shape) === 0) return t
  return apply(setRowsOperation, [t, indices, broadcastTo(v, shape)], null)
}

const oneHotOperation: Operation<number> = defineOperation({
  name: 'oneHot',
  infer: ([labels], classes) => [{ shape: [...labels!.shape, classes], dtype: 'float32' }],
  emit: ({ attributes: classes }) => ({ kernel: 'oneHot', attributes: [classes] }),
  flops: () => 0,
  fault: (node, row, value) =>
    `label ${value} at position ${row}: expected an integer from 0 to ${(node.attributes as number) - 1}`,
})

/** 1 at the label's position, 0 elsewhere: [n] integers to [n, classes]. */
export function oneHot(labels: TensorLike, classes: number): Tensor {
  checkedCount('oneHot', 'classes', classes, 1)
  return apply(oneHotOperation, [toIndices('oneHot', toTensor(labels), 'label')], classes)
}
