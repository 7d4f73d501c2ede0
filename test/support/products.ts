/** Single matrix products on the native side, with everything that its instruction can do, and in float64. */
import { kernelOf, native } from '../../src/native.ts'
import { seeded } from './random.ts'

export const activations = ['linear', 'relu', 'sigmoid', 'tanh'] as const

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
  /** The result is multiplied with the activation's derivative, in terms of its output. */
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
  /** An activation's output, of c's layout. */
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
export function multiply(p: Product, { a, b, c, bias, y }: Data): Float32Array {
  const parts = p.back ? [c, a, b, y] : p.bias ? [c, a, b, bias] : [c, a, b]
  const offsets = parts.map((_, i) => parts.slice(0, i).reduce((sum, x) => sum + Math.ceil(x.length / 16) * 64, 0))
  const bytes = offsets.at(-1)! + parts.at(-1)!.length * 4
  const l = layout(p)
  const batch = p.batch ?? 1
  const strides = [a, b, c].map((x) => x.length / batch)
  const flag = (x?: boolean) => (x ? 1 : 0)
  const attributes = [p.m, p.n, p.k, flag(p.ta), flag(p.tb), l.a.step, l.b.step, l.c.step, flag(p.accumulate)].concat(
    activations.indexOf(p.activation ?? 'linear') + (p.back ? 3 : 0),
    [batch, ...strides, 1, 0, 0, 0],
  )
  const operands = parts.flatMap((x, i) => [0, 0, offsets[i]!, x.length])
  const length = 5 + operands.length + attributes.length
  const instruction = [
    length,
    kernelOf('matmul').opcode,
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
  const result = new Float32Array(c.length)
  native().read(memory, 0, result)
  return result
}

const apply = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(0, x),
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
}

const derivative = {
  linear: () => 1,
  relu: (y: number) => (y > 0 ? 1 : 0),
  sigmoid: (y: number) => y * (1 - y),
  tanh: (y: number) => 1 - y * y,
}

/** In float64: the values, and for each the sum of the magnitudes that it is made of. What lies beside c stays. */
export function exactly(
  p: Product,
  { a, b, c, bias, y: output }: Data,
): { values: Float64Array; magnitudes: Float64Array } {
  const l = layout(p)
  const values = Float64Array.from(c)
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
        const f = p.activation ?? 'linear'
        values[at] = p.back ? sum * derivative[f](output[at]!) : apply[f](sum)
        magnitudes[at] = magnitude
      }
  return { values, magnitudes }
}
