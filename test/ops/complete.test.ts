// No operation without a row: a new one fails here until test/ops/table knows it.
import { expect, test } from 'vitest'
import * as chainrule from '../../src/index.ts'
import { losses, Tensor } from '../../src/index.ts'
import * as elementwise from '../../src/ops/elementwise.ts'
import * as lookups from '../../src/ops/lookup.ts'
import * as products from '../../src/ops/matmul.ts'
import * as movement from '../../src/ops/movement.ts'
import * as random from '../../src/ops/random.ts'
import * as reductions from '../../src/ops/reduce.ts'
import * as slices from '../../src/ops/slice.ts'
import * as soft from '../../src/ops/softmax.ts'
import { table } from './table/index.ts'

const rows = new Set(table.map((row) => row.op))

test('every exported operation has a row, or is drawn at random', () => {
  const public_ = new Set(Object.keys(chainrule))
  const modules = [elementwise, products, movement, slices, lookups, reductions, soft]
  const names = modules.flatMap((m) => Object.keys(m)).filter((name) => public_.has(name))
  expect(names.length).toBeGreaterThan(50)
  expect(names.filter((name) => !rows.has(name))).toEqual([])
  expect(
    Object.keys(random)
      .filter((name) => public_.has(name))
      .sort(),
  ).toEqual(['randomBernoulli', 'randomNormal', 'randomPermutation', 'randomUniform'])
})

test('every loss and every internal operation of layers has a row', () => {
  const named = Object.keys(losses).filter((name) => name !== 'custom')
  for (const name of [...named, 'linear', 'crossEntropy', 'at']) expect(rows).toContain(name)
})

test('every method of tensors computes something that has a row', () => {
  const own = new Set(['constructor', 'dtype', 'rank', 'size', 'data', 'item', 'toArray', 'toString', 'T'])
  for (const internal of ['isVariable', 'now', 'origin']) own.add(internal)
  const methods = Object.getOwnPropertyNames(Tensor.prototype).filter((name) => !own.has(name))
  expect(methods.length).toBeGreaterThan(40)
  expect(methods.filter((name) => !rows.has(name))).toEqual([])
})

test('each method is the function of its name', () => {
  const x = chainrule.tensor([
    [1, 2],
    [3, 4],
  ])
  const calls = {
    add: [2],
    sub: [x],
    exp: [],
    clip: [0, 1],
    sum: [{ axis: 0 }],
    matmul: [x],
    reshape: [[4]],
    cast: ['int32'],
  }
  for (const [name, args] of Object.entries(calls)) {
    const method = (x as unknown as Record<string, (...a: unknown[]) => Tensor>)[name]!
    const f = (chainrule as unknown as Record<string, (...a: unknown[]) => Tensor>)[name]!
    expect(method.call(x, ...args).toArray(), name).toEqual(f(x, ...args).toArray())
  }
  expect(x.T.toArray()).toEqual([
    [1, 3],
    [2, 4],
  ])
})
