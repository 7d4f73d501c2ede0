/**
 * The rows of a table that a batch touches: what is read, added up and written costs what the batch holds, however long the
 * table is. Ids are in ascending order, each once; −1 follows where there are fewer of them than places.
 */
import { applyAll } from '../tensor/apply.ts'
import type { Node, Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { sizeOf } from '../tensor/shape.ts'
import { reshape } from './movement.ts'

/** A gradient that is 0 but for some rows. */
export interface Touched {
  /** [n] */
  readonly ids: Tensor
  /** [n, width]; zeros where the id is −1. */
  readonly rows: Tensor
}

const touchedOperation: Operation<{ count: number; width: number }> = defineOperation({
  name: 'touchedRows',
  infer: ([, places], { width }) => {
    const n = places!.size()
    return [
      { shape: [n, width], dtype: 'float32' },
      { shape: [n], dtype: 'int32' },
      { shape: [n], dtype: 'int32' },
      { shape: [n + 1], dtype: 'int32' },
      { shape: [2 * n], dtype: 'int32' },
    ]
  },
  emit: ({ inputs: [values, places], outputs: [rows, ids, order, starts, work], attributes: { count, width } }) => [
    { kernel: 'groupRows', attributes: [count], operands: [ids!, order!, starts!, work!, places!] },
    { kernel: 'sumRows', attributes: [width], operands: [rows!, values!, order!, starts!] },
  ],
  flops: ({ inputs: [values] }) => values!.size(),
  fault: (_, row, value) => `row index ${value} at position ${row} is outside the table`,
})

/** What is added to rows of a table of `count`, by id: values [..., width] for places [...]. */
export function touchedRows(values: Tensor, places: Tensor, count: number): Touched {
  const width = values.size() / places.size()
  const [rows, ids] = applyAll(touchedOperation, [values, places], { count, width })
  return { rows: rows!, ids: ids! }
}

const takeOperation: Operation<number> = defineOperation({
  name: 'takeRows',
  infer: ([, ids], width) => [{ shape: [ids!.size(), width], dtype: 'float32' }],
  emit: ({ inputs: [, ids], outputs: [y], attributes: width }) => ({
    kernel: 'takeRows',
    attributes: [width],
    touched: [y!.size(), y!.size(), ids!.size()],
  }),
  flops: () => 0,
})

/** These rows of a flat table; zeros for −1. */
export function takeRows(table: Tensor, ids: Tensor, width: number): Tensor {
  return applyAll(takeOperation, [table, ids], width)[0]!
}

const putOperation: Operation<number> = defineOperation({
  name: 'putRows',
  infer: ([table]) => [{ shape: table!.shape, dtype: 'float32' }],
  emit: ({ inputs: [, ids, ...rows], outputs: [y], attributes: width }: Node<number>) => ({
    kernel: 'putRows',
    attributes: [width],
    operands: [y!, ids!, ...rows],
    touched: [ids!.size() * width, ids!.size(), ...rows.map((t) => t.size())],
  }),
  flops: () => 0,
  inPlace: [[0, 0]],
  updates: true,
})

/** A flat table, changed in place: these rows of it are others; zeros where none are given. */
export function putRows(table: Tensor, ids: Tensor, width: number, rows?: Tensor): Tensor {
  const given = rows ? [reshape(rows, [ids.size(), width])] : []
  return applyAll(putOperation, [table, ids, ...given], width)[0]!
}

/** Whether it pays to treat a gradient of a table so: a short one is as cheap as a whole. */
export function isWorthIt(places: Tensor, table: readonly number[]): boolean {
  return table.length === 2 && sizeOf(table) > 0 && places.size() > 0 && 4 * places.size() <= table[0]!
}
