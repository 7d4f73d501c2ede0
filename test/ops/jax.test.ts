// Answers of JAX (test/golden/operations): values, and gradients of Σ y·dy.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { einsum, gradient, type Tensor, tensor, topK } from '../../src/index.ts'

interface Packed {
  dtype: 'float32' | 'int32'
  shape: number[]
  data: number[]
}

interface Options {
  axis?: number
  k?: number
  widths?: [number, number][]
  value?: number
  shift?: number
  times?: number[]
  equation?: string
}

interface Case {
  op: string
  options: Options
  inputs: Packed[]
  dy: Packed
  result: Packed
  gradients: Packed[]
}

const file = new URL('../golden/operations/cases.json', import.meta.url)
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[]

const unpack = ({ dtype, shape, data }: Packed) =>
  tensor(dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data), { shape })

const special: Record<string, (inputs: Tensor[], options: Options) => Tensor> = {
  topValues: ([x], { k }) => topK(x!, k!).values,
  pad: ([x], { widths, value }) => x!.pad(widths!, value),
  roll: ([x], { shift, axis }) => x!.roll(shift!, axis!),
  flip: ([x], { axis }) => x!.flip(axis!),
  tile: ([x], { times }) => x!.tile(times!),
  triu: ([x], { k }) => x!.triu(k),
  tril: ([x], { k }) => x!.tril(k),
  scatter: ([x, rows, values]) => x!.scatter(rows!, values!),
  einsum: ([a, b], { equation }) => einsum(equation!, a!, b!),
}

function compute(op: string, inputs: Tensor[], options: Options): Tensor {
  if (special[op]) return special[op](inputs, options)
  return (inputs[0]![op as 'sum'] as (options: Options) => Tensor).call(inputs[0], options)
}

function expectClose(got: Tensor, expected: Packed, label: string): void {
  expect(got.shape, label).toEqual(expected.shape)
  const scale = Math.max(1, ...expected.data.map(Math.abs))
  const wrong = Array.from(got.data()).findIndex((x, i) => !(Math.abs(x - expected.data[i]!) <= 3e-6 * scale))
  if (wrong >= 0) expect.fail(`${label}: element ${wrong} is ${got.data()[wrong]}, JAX says ${expected.data[wrong]}`)
}

test.each(cases.map((c) => [c.op, JSON.stringify(c.options), c] as const))('%s %s is as in JAX', (op, _, c) => {
  const inputs = c.inputs.map(unpack)
  const y = compute(op, inputs, c.options)
  const floats = inputs.filter((t) => t.dtype === 'float32')
  const gradients = gradient(y, floats, unpack(c.dy))
  expectClose(y, c.result, 'value')
  for (const [i, g] of gradients.entries()) expectClose(g, c.gradients[i]!, `gradient ${i}`)
})
