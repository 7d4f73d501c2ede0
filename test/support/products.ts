/** Single matrix products on the native side, with everything that its instruction can do, and in float64. */
import { kernelOf, native } from '../../src/native.ts'
import { activations as all } from './activations.ts'
import { seeded } from './random.ts'

/** One that is done on registers, and of each kind one that follows: by its value, with a number, with a slope that is kept. */
export const activations = ['linear', 'relu', 'sigmoid', 'tanh', 'celu', 'gelu'] as const

export interface Product {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly ta?: boolean
  readonly tb?: boolean
  /** Columns beside each matrix that are not its own. */
  readonly margin?: number
  readonly batch?: number
  readonly accumulate?: boolean
  readonly bias?: boolean
  readonly activation?: (typeof activations)[number]
  /** The result is multiplied with the activation's derivative, in terms of its output, or its slope. */
  readonly back?: boolean
}

/** Of each operand: rows and columns as it lies in memory, and the step from row to row. */
function layout({ m, n, k, ta, tb, margin = 0 }: Product) {
  const matrix = (rows: number, columns: number) => ({ rows, columns, step: Math.max(1, columns + margin) })
  return { c: matrix(m, n), a: ta ? matrix(k, m) : matrix(m, k), b: tb ? matrix(n, k) : matrix(k, n) }
}

export interface Data {
  readonly c: Float32Array
  readonly a: Float32Array
  readonly b: Float32Array
  readonly bias: Float32Array
  /** An activation's output, or its slope, of c's layout. */
  readonly y: Float32Array
}

export function dataFor(p: Product, seed: number): Data {
  const { a, b, c } = layout(p)
  const random = seeded(seed)
  const draw = (n: number) => Float32Array.from({ length: n }, () => random.uniform(-1, 1))
  const all = (x: { rows: number; step: number }) => draw(x.rows * x.step * (p.batch ?? 1))
  return { c: all(c), a: all(a), b: all(b), bias: draw(p.n), y: all(c) }
}

/** What the native side makes of c. */
export function multiply(p: Product, data: Data): Float32Array {
  return run(p, data, false)[0]!
}

/** The same, and what it makes of the slope, which is y before. */
export function multiplyWithSlope(p: Product, data: Data): Float32Array[] {
  return run(p, data, true)
}

function run(p: Product, { a, b, c, bias, y }: Data, keeps: boolean): Float32Array[] {
  const outputs = keeps ? [c, y] : [c]
  const parts = [...outputs, a, b, ...(p.back ? [y] : p.bias ? [bias] : [])]
  const offsets = parts.map((_, i) => parts.slice(0, i).reduce((sum, x) => sum + Math.ceil(x.length / 16) * 64, 0))
  const bytes = offsets.at(-1)! + parts.at(-1)!.length * 4
  const l = layout(p)
  const batch = p.batch ?? 1
  const strides = [a, b, c].map((x) => x.length / batch)
  const flag = (x?: boolean) => (x ? 1 : 0)
  const attributes = [p.m, p.n, p.k, flag(p.ta), flag(p.tb), l.a.step, l.b.step, l.c.step, flag(p.accumulate)].concat(
    codeOf(p.activation) + (p.back ? 64 : 0),
    [batch, ...strides, 1, 0, 0, 0],
    numbersOf(p.activation),
  )
  const operands = parts.flatMap((x, i) => [0, 0, offsets[i]!, x.length])
  const length = 5 + operands.length + attributes.length
  const instruction = [
    length,
    kernelOf(keeps ? 'matmulWithSlope' : 'matmul').opcode,
    parts.length,
    attributes.length,
    0,
    ...operands,
    ...attributes,
  ]
  const handle = native().program(Float64Array.from([1, 1, 0, 0, bytes, ...instruction]))
  const memory = native().memory(bytes)
  for (const [i, x] of parts.entries()) native().write(memory, offsets[i]!, x)
  native().run([handle, [memory], Float64Array.from([1, 0, 0, 0, 0, 0, 0])], 0)
  return outputs.map((output, i) => {
    const result = new Float32Array(output.length)
    native().read(memory, offsets[i]!, result)
    return result
  })
}

const oracleOf = (name: string | undefined) => all.find((a) => a.name === name)
const codeOf = (name: string | undefined) => 1 + all.findIndex((a) => a.name === name)
const numbersOf = (name: string | undefined) => [...(oracleOf(name)?.numbers ?? []), 0, 0].slice(0, 2)

/** The slope from the value, or what is kept of it. */
const derivative: Record<string, (y: number) => number> = {
  relu: (y) => (y > 0 ? 1 : 0),
  sigmoid: (y) => y * (1 - y),
  tanh: (y) => 1 - y * y,
  celu: (y) => (y > 0 ? 1 : y / 2.5 + 1),
}

/** In float64: the values, and for each the sum of the magnitudes that it is made of. What lies beside c stays. */
export function exactly(
  p: Product,
  { a, b, c, bias, y: output }: Data,
): { values: Float64Array; slopes: Float64Array; magnitudes: Float64Array } {
  const l = layout(p)
  const values = Float64Array.from(c)
  const slopes = Float64Array.from(output)
  const magnitudes = new Float64Array(c.length)
  const batch = p.batch ?? 1
  for (let t = 0; t < batch; t++)
    for (let i = 0; i < p.m; i++)
      for (let j = 0; j < p.n; j++) {
        const at = (t * p.m + i) * l.c.step + j
        let sum = (p.accumulate ? c[at]! : 0) + (p.bias ? bias[j]! : 0)
        let magnitude = Math.abs(sum) + 1
        const [fromA, fromB] = [(t * a.length) / batch, (t * b.length) / batch]
        for (let q = 0; q < p.k; q++) {
          const x = a[fromA + (p.ta ? q * l.a.step + i : i * l.a.step + q)]!
          const y = b[fromB + (p.tb ? j * l.b.step + q : q * l.b.step + j)]!
          sum += x * y
          magnitude += Math.abs(x * y)
        }
        const f = oracleOf(p.activation)
        const kept = output[at]!
        values[at] = p.back ? sum * (f ? (derivative[f.name]?.(kept) ?? kept) : 1) : f ? f.value(sum) : sum
        slopes[at] = f ? f.slope(sum) : 1
        magnitudes[at] = magnitude
      }
  return { values, slopes, magnitudes }
}
