// Every operation in a graph: for another batch than the one that stands for it, saved and loaded, the same bits.
import { expect, test } from 'vitest'
import { input, losses, Model, type Tensor, tensor } from '../../src/index.ts'
import { table } from '../ops/table/index.ts'
import { product } from '../support/oracle.ts'
import { seeded } from '../support/random.ts'
import type { Row } from '../support/rows.ts'

/** The inputs of a case, all different. */
function inputsOf({ data }: Row, shapes: readonly (readonly number[])[]): Tensor[] {
  const random = seeded(7)
  return shapes.map((shape, i) => {
    const of = 'draw' in data ? data : data[i]!
    const values = of.draw(product(shape), random)
    return tensor(of.dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values), { shape })
  })
}

const bits = (t: Tensor) => Buffer.from(t.data().slice().buffer).toString('base64')

/** Compares a row as a graph with the row itself; false where it cannot be described for any batch. */
async function isSame(
  row: Row,
  given: readonly Tensor[],
  follows: (t: Tensor, i: number) => boolean,
): Promise<boolean> {
  const symbols = given.map((t, i) => (follows(t, i) ? input(t.shape.slice(1), { dtype: t.dtype }) : t))
  const named = (list: readonly Tensor[]) =>
    Object.fromEntries(list.flatMap((t, i) => (follows(given[i]!, i) ? [[`t${i}`, t]] : [])))
  let model: Model
  try {
    model = new Model({ inputs: named(symbols), outputs: row.compute(...symbols) }) as never
  } catch {
    return false
  }
  const expected = row.compute(...given)
  for (const other of [model, await Model.load(model.toBytes()), model.clone()]) {
    const y = other.predictSync(named(given) as never)
    expect([y.shape, y.dtype, bits(y)]).toEqual([expected.shape, expected.dtype, bits(expected)])
  }
  return true
}

/** In some case of some row of an operation: with the first input as an input, and those that begin with the same size. */
async function works(row: Row): Promise<boolean> {
  const some = row.shapes.filter(
    (shapes) => shapes.length > 0 && shapes.every((s) => product(s) > 0 && product(s) <= 1000) && shapes[0]!.length > 0,
  )
  let isAny = false
  for (const shapes of some.slice(0, 10)) {
    const given = inputsOf(row, shapes)
    const [n] = given[0]!.shape
    isAny = (await isSame(row, given, (_, i) => i === 0)) || isAny
    isAny = (await isSame(row, given, (t) => t.shape[0] === n)) || isAny
  }
  return isAny
}

// The rows of these make labels in the shape of their input.
const isOfLabels = ({ op, data }: Row) => (op in losses || op === 'crossEntropy') && 'draw' in data
// Whose rows name whole shapes, or make matrices of the first two axes: test/model/graph.test.ts.
const others = new Set(['broadcastTo'])
const ops = [...new Set(table.filter((row) => !isOfLabels(row)).map(({ op }) => op))].filter((op) => !others.has(op))

test.each(ops)('%s', async (op) => {
  const same: boolean[] = []
  for (const row of table) if (row.op === op && !isOfLabels(row) && !same.includes(true)) same.push(await works(row))
  expect(same).toContain(true)
})
