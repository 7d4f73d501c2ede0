/**
 * No operation without a row: a new one fails here until test/ops/table knows it. What there is is looked up, in every
 * file of src/ops, and not listed.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as chainrule from '../../src/index.ts'
import { gradient, losses, ones, Tensor } from '../../src/index.ts'
import { pendingNodes } from '../../src/tensor/apply.ts'
import { operationNamed } from '../../src/tensor/operations.ts'
import { forms } from '../support/fused.ts'
import { allOperations, opsModules } from '../support/operations.ts'
import { product } from '../support/oracle.ts'
import type { Row } from '../support/rows.ts'
import { table } from './table/index.ts'

const rows = new Set(table.map((row) => row.op))
const modules = await opsModules()
const operations = await allOperations()

// Tested elsewhere, for they have no value that a row could state.
const elsewhere = {
  'random.test.ts': ['bernoulli', 'dropout', 'permutation', 'randomNormal', 'randomUniform'],
  'errors/training.test.ts': ['checkFinite'],
  'ops/checked.test.ts': ['toIndices', 'toProbabilities'],
  // In the references of the cross-entropies.
  'ops/fused.test.ts': ['clipThrough'],
  'layers/noise.test.ts': ['alphaDropout', 'gaussianDropout', 'gaussianNoise'],
  'ops/norm.test.ts': ['squaredNorm'],
  'model/touched.test.ts': ['putRows', 'takeRows', 'touchedRows'],
  'ops/derivatives.test.ts': ['takePlaces'],
  'ops/pooling.test.ts': ['maxPoolPick'],
}

test('every file of operations is looked at', () => {
  expect(modules.length).toBeGreaterThanOrEqual(10)
  expect(operations.length).toBeGreaterThan(70)
})

test('every exported operation has a row, or is drawn at random', () => {
  const public_ = new Set(Object.keys(chainrule))
  const names = modules.flatMap(({ exports }) => Object.keys(exports)).filter((name) => public_.has(name))
  expect(names.length).toBeGreaterThan(50)
  expect(names.filter((name) => !rows.has(name)).sort()).toEqual([
    'randomBernoulli',
    'randomNormal',
    'randomPermutation',
    'randomUniform',
  ])
})

/** The operations in a row's graph and in its gradient's, of its smallest case. */
function operationsOf({ shapes, data, compute, gradient: has }: Row): string[] {
  const sizeOfCase = (shapes: Row['shapes'][number]) => shapes.reduce((sum, s) => sum + product(s), 0)
  const small = [...shapes]
    .sort((a, b) => sizeOfCase(a) - sizeOfCase(b))
    .filter((s) => sizeOfCase(s) > 2)
    .slice(0, 4)
  return small.flatMap((inputs) => {
    const x = inputs.map((shape, i) => {
      const draw = 'draw' in data ? data : data[i]!
      return draw.dtype === 'float32' ? ones(shape) : ones(shape).cast('int32')
    })
    const y = compute(...x)
    const floats = x.filter((t) => t.dtype === 'float32')
    const all = has === false || y.dtype !== 'float32' ? [y] : [y, ...gradient(y, floats, ones(y.shape))]
    return pendingNodes(all).map(({ operation }) => operation.name)
  })
}

test('every operation is met by a row, by its gradient, or as a fused one', () => {
  const met = new Set([...table.flatMap(operationsOf), ...Object.keys(forms)])
  const unmet = operations.map(({ name }) => name).filter((name) => !met.has(name))
  expect(unmet.sort()).toEqual(Object.values(elsewhere).flat().sort())
})

test('every file of rows is run by a test, on its own', () => {
  const here = new URL('.', import.meta.url)
  const files = (folder: URL) => readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const tests = files(here).map((file) => readFileSync(new URL(file, here), 'utf8'))
  const tables = files(new URL('table/', here)).filter((file) => file !== 'index.ts')
  const isRun = (file: string) =>
    tests.some((text) => /import \{[^}]*\brows\b[^}]*\} from/.test(text) && text.includes(`'./table/${file}'`))
  expect(tables.length).toBeGreaterThan(10)
  expect(tables.filter((file) => !isRun(file))).toEqual([])
})

test('every loss and every internal operation of layers has a row', () => {
  const named = Object.keys(losses).filter((name) => name !== 'custom')
  for (const name of [...named, 'linear', 'crossEntropy', 'at']) expect(rows).toContain(name)
})

const own = new Set(['constructor', 'dtype', 'rank', 'size', 'data', 'item', 'toArray', 'toString', 'toJSON', 'T'])
for (const internal of ['isVariable', 'now', 'origin']) own.add(internal)
const methods = Object.getOwnPropertyNames(Tensor.prototype).filter((name) => !own.has(name))

test('every method of tensors computes something that has a row', () => {
  expect(methods.length).toBeGreaterThan(40)
  expect(methods.filter((name) => !rows.has(name))).toEqual([])
})

type Call = (...args: unknown[]) => Tensor
const rest: Record<string, unknown[]> = {
  clip: [0, 1],
  sum: [{ axis: 0 }],
  max: [{ axis: -1, keepdims: true }],
  mean: [{ axis: 1 }],
  min: [],
  argmax: [],
  argmin: [{ axis: 1 }],
  transpose: [[1, 0]],
  broadcastTo: [[3, 2, 2]],
  cast: ['int32'],
  gather: [Int32Array.of(1, 0, 1)],
  oneHot: [5],
  at: [1],
}
const functions = chainrule as unknown as Record<string, Call>

// Of that name the function is a layer.
const layers = ['reshape']
test.each(methods.filter((name) => functions[name] && !layers.includes(name)))(
  'the method %s is the function of its name',
  (name) => {
    const x = chainrule.tensor([
      [0.5, 2],
      [3, 4],
    ])
    const f = functions[name]!
    const args = rest[name] ?? (f.length >= 2 ? [x.T.add(1)] : [])
    const subject = name === 'oneHot' ? chainrule.tensor(Int32Array.of(0, 4)) : x
    const method = (subject as unknown as Record<string, Call>)[name]!
    const [got, expected] = [method.apply(subject, args), f(subject, ...args)]
    expect(got.toArray()).toEqual(expected.toArray())
    expect(got.dtype).toBe(expected.dtype)
  },
)

test('T is the transpose', () => {
  expect(
    chainrule
      .tensor([
        [1, 2],
        [3, 4],
      ])
      .T.toArray(),
  ).toEqual([
    [1, 3],
    [2, 4],
  ])
})

test('every operation is known by its name: a saved graph may have it', () => {
  expect(operations.filter((operation) => operationNamed(operation.name) !== operation)).toEqual([])
})
