// Answers of NumPy (test/golden/numpy) for shapes, broadcasting, reductions, slices, products and printing.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as chainrule from '../../src/index.ts'
import { type Tensor, tensor } from '../../src/index.ts'

interface Packed {
  dtype: 'float32' | 'int32'
  shape: number[]
  data: (number | string)[]
}

interface Options {
  axis?: number | number[]
  keepdims?: boolean
  shape?: number[]
  order?: number[]
  index?: string
  low?: number
  high?: number
  classes?: number
  widths?: [number, number][]
  value?: number
  shift?: number
  times?: number[]
  k?: number
  equation?: string
}

interface Case {
  op: string
  inputs: Packed[]
  options: Options
  result: Packed
}

const file = new URL('../golden/numpy/cases.json', import.meta.url)
const { cases, printed } = JSON.parse(readFileSync(file, 'utf8')) as {
  cases: Case[]
  printed: (Packed & { text: string })[]
}

const words: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
}
const numbers = (data: Packed['data']) => data.map((x) => (typeof x === 'string' ? words[x]! : x))

function unpack({ dtype, shape, data }: Packed): Tensor {
  const flat = numbers(data)
  return tensor(dtype === 'int32' ? Int32Array.from(flat) : Float32Array.from(flat), { shape })
}

type Call = (inputs: Tensor[], options: Options) => Tensor

const special: Record<string, Call> = {
  at: ([x], { index }) => x!.at(...index!.split(',').map((i) => (i.includes(':') ? i : Number(i)))),
  transpose: ([x], { order }) => x!.transpose(order),
  reshape: ([x], { shape }) => x!.reshape(shape!),
  broadcastTo: ([x], { shape }) => x!.broadcastTo(shape!),
  concat: (inputs, { axis }) => chainrule.concat(inputs, axis as number),
  stack: (inputs, { axis }) => chainrule.stack(inputs, axis as number),
  oneHot: ([x], { classes }) => chainrule.oneHot(x!, classes!),
  clip: ([x], { low, high }) => x!.clip(low!, high!),
  where: ([c, a, b]) => chainrule.where(c!, a!, b!),
  pad: ([x], { widths, value }) => x!.pad(widths!, value),
  flip: ([x], { axis }) => x!.flip(axis as number),
  roll: ([x], { shift, axis }) => x!.roll(shift!, axis as number),
  tile: ([x], { times }) => x!.tile(times!),
  triu: ([x], { k }) => x!.triu(k),
  tril: ([x], { k }) => x!.tril(k),
  topValues: ([x], { k }) => chainrule.topK(x!, k!).values,
  topIndices: ([x], { k }) => chainrule.topK(x!, k!).indices,
  einsum: ([a, b], { equation }) => chainrule.einsum(equation!, a!, b!),
}

function compute({ op, inputs, options }: Case): Tensor {
  const tensors = inputs.map(unpack)
  if (special[op]) return special[op](tensors, options)
  const method = tensors[0]![op as 'add'] as (...rest: unknown[]) => Tensor
  return method.call(tensors[0], ...tensors.slice(1), options)
}

const hasNumbersOnly = ({ inputs, result }: Case) =>
  [...inputs, result].every((t) => t.data.every((x) => typeof x === 'number'))

// Sums and products are rounded in another order, exponentials elsewhere in the last bits; all else is exact.
const rounded = new Set([
  'sum',
  'mean',
  'matmul',
  'dot',
  'exp',
  'log',
  'tanh',
  'pow',
  'cumsum',
  'std',
  'variance',
  'prod',
  'logSumExp',
  'einsum',
])

function isClose(op: string, got: number, expected: number, scale: number): boolean {
  if (Object.is(got, expected) || got === expected) return true
  return rounded.has(op) && Math.abs(got - expected) <= 1e-6 * scale
}

describe.each([...new Set(cases.map((c) => c.op))])('%s is as in NumPy', (op) => {
  // Debug mode refuses what is no finite number.
  const all = cases.filter((c) => c.op === op)
  const own = process.env.CHAINRULE_DEBUG === '1' ? all.filter(hasNumbersOnly) : all
  test(`${own.length} cases`, () => {
    for (const c of own) {
      const label = `${op} of ${c.inputs.map((i) => `[${i.shape}]`).join(', ')} ${JSON.stringify(c.options)}`
      const y = compute(c)
      expect(y.shape, label).toEqual(c.result.shape)
      expect(y.dtype, label).toBe(c.result.dtype)
      const expected = numbers(c.result.data).map((x) => (c.result.dtype === 'float32' ? Math.fround(x) : x))
      const scale = Math.max(1, ...expected.filter(Number.isFinite).map(Math.abs))
      const got = y.data()
      const wrong = expected.findIndex((x, i) => !isClose(op, got[i]!, x, scale))
      if (wrong >= 0) expect.fail(`${label}: element ${wrong} is ${got[wrong]}, NumPy says ${expected[wrong]}`)
    }
  })
})

test.each(printed.map((p, i) => [i, p.dtype, `[${p.shape}]`, p] as const))(
  'prints array %i, %s %s, as NumPy does',
  (_i, _dtype, _shape, p) => {
    expect(String(unpack(p))).toBe(p.text)
  },
)

test('console.log shows a tensor as NumPy prints it', async () => {
  const { inspect } = await import('node:util')
  expect(inspect(tensor([[1, 2.5]]))).toBe('[[1.  2.5]]')
})
