/**
 * One row per operation: how it is computed, what it means in float64, how its data are drawn. A row is checked for
 * value and gradient, read at once and as a program.
 */
import { expect, test } from 'vitest'
import { gradient, info, program, type Shape, type Tensor, tensor } from '../../src/index.ts'
import { type Nd, numericDerivative, product } from './oracle.ts'
import { type Draw, type Random, seeded, uniform } from './random.ts'

export interface Row {
  /** The exported name. */
  readonly op: string
  readonly title?: string
  /** The shapes of the inputs, one case each. */
  readonly shapes: readonly (readonly Shape[])[]
  /** How the inputs are drawn: one for all, or one each. */
  readonly data: Draw | readonly Draw[]
  compute(...x: Tensor[]): Tensor
  oracle(...x: Nd[]): Nd
  /** The derivative of an oracle of one input that works element by element. */
  readonly derivative?: (x: number) => number
  /** Allowed error of an element, in units of its last place; `Infinity` leaves it to `relative`. Default 0: exact. */
  readonly ulps?: number
  /** Allowed error relative to the largest element, for sums in another order. */
  readonly relative?: number
  /** The same of the gradient. Default 1e-5. */
  readonly gradientError?: number
  /** False where there is none: integers, comparisons, steps. */
  readonly gradient?: boolean
  /** How much the oracle costs per element, about; decides how many elements of a gradient are compared. Default 1. */
  readonly effort?: number
  /** Points without a derivative, which the data avoid. */
  readonly kinks?: string
}

export const lanes = info().lanes

/** One element, all ends of a vector, odd ones, more than one tile of work. */
export const sizes = [...new Set([1, 7, 8, 9, 15, 16, 17, lanes - 1 || 1, lanes, lanes + 1, 37, 1000, 40_001])]

/** Vectors of all sizes, and a matrix. */
export const vectors: Shape[][] = [...sizes.map((n) => [[n]]), [[3, 5]], [[2, 3, 4]]]

/** Pairs of equal shapes in all sizes, and shapes that broadcast. */
export const pairs: Shape[][] = [
  ...sizes.map((n) => [[n], [n]]),
  ...[1, 7, 8, 9, 15, 16, 17, 37].flatMap((n) => [
    [[n], []],
    [[], [n]],
    [[3, n], [n]],
    [
      [n, 1],
      [1, n],
    ],
    [
      [4, n],
      [4, 1],
    ],
  ]),
  [
    [2, 1, 3],
    [4, 1],
  ],
  [
    [2, 3, 1, 5],
    [1, 4, 1],
  ],
]

const first = new Float32Array(1)
const bits = new Int32Array(first.buffer)

/** The distance from a float32 to the next one. */
export function ulp(x: number): number {
  first[0] = Math.max(Math.abs(x), 2 ** -126)
  bits[0]! += 1
  return first[0]! - Math.max(Math.abs(Math.fround(x)), 2 ** -126)
}

const asTensor = (x: Nd, draw: Draw) =>
  tensor(draw.dtype === 'int32' ? Int32Array.from(x.data) : Float32Array.from(x.data), { shape: x.shape })

function checkValue(row: Row, y: Tensor, expected: Nd): void {
  expect(y.shape).toEqual(expected.shape)
  const got = y.data()
  const { ulps = 0, relative = 0 } = row
  const scale = expected.data.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
  const wrong = got.findIndex((x, i) => {
    const e = expected.data[i]!
    if (x === e || Object.is(x, Math.fround(e))) return false
    return !(Math.abs(x - e) <= Math.max(ulps === 0 ? 0 : (ulps + 0.5) * ulp(e), relative * scale))
  })
  if (wrong >= 0) expect.fail(`element ${wrong} of ${got.length} is ${got[wrong]}, expected ${expected.data[wrong]}`)
}

// All elements where that is cheap; else the ends and some between.
function positions(n: number, cost: number, random: Random): number[] {
  const most = Math.max(2, Math.floor(2e5 / cost))
  if (n <= most) return Array.from({ length: n }, (_, i) => i)
  return [0, n - 1, ...Array.from({ length: most - 2 }, () => random.integer(0, n))]
}

/** max |a − n| / max |n| */
function errorOf(actual: readonly number[], numeric: readonly number[]): number {
  const scale = Math.max(...numeric.map(Math.abs))
  const worst = Math.max(...actual.map((a, i) => Math.abs(a - numeric[i]!)))
  return worst === 0 ? 0 : worst / scale
}

function checkGradient(row: Row, x: readonly Nd[], input: number, dx: Tensor, dy: Nd, random: Random): void {
  expect(dx.shape).toEqual(x[input]!.shape)
  const got = dx.data()
  const at = positions(got.length, (dy.data.length + got.length) * (row.effort ?? 1), random)
  const numeric = at.map((i) => numericDerivative((z) => row.oracle(...z), x, input, i, dy))
  const error = errorOf(
    at.map((i) => got[i]!),
    numeric,
  )
  expect(error, `gradient of input ${input}`).toBeLessThanOrEqual(row.gradientError ?? 1e-5)
  if (!row.derivative) return
  const analytic = Array.from(x[0]!.data, (v, i) => dy.data[i]! * row.derivative!(v))
  expect(
    errorOf(
      at.map((i) => analytic[i]!),
      numeric,
    ),
    "the oracle's derivative",
  ).toBeLessThanOrEqual(1e-8)
  const worst = analytic.reduce((m, a, i) => Math.max(m, Math.abs(a - got[i]!)), 0)
  expect(worst, 'gradient').toBeLessThanOrEqual(1e-5 * analytic.reduce((m, a) => Math.max(m, Math.abs(a)), 0))
}

const sameBits = (a: Tensor, b: Tensor) => Buffer.compare(bytes(a), bytes(b)) === 0
const bytes = (t: Tensor) => Buffer.from(t.data().buffer)

function checkCase(row: Row, shapes: readonly Shape[], seed: number): void {
  const random = seeded(seed)
  const draws = shapes.map((_, i) => (Array.isArray(row.data) ? row.data[i]! : row.data) as Draw)
  const x = shapes.map((shape, i): Nd => ({ shape, data: draws[i]!.draw(product(shape), random) }))
  const expected = row.oracle(...x)
  const wanted = row.gradient === false ? [] : draws.flatMap((d, i) => (d.dtype === 'float32' ? [i] : []))
  const dy: Nd = { shape: expected.shape, data: uniform(0.5, 1.5).draw(expected.data.length, random) }
  const f = (...inputs: Tensor[]): Tensor[] => {
    const y = row.compute(...inputs)
    if (wanted.length === 0) return [y]
    const weights = tensor(Float32Array.from(dy.data), { shape: dy.shape })
    return [
      y,
      ...gradient(
        y,
        wanted.map((i) => inputs[i]!),
        weights,
      ),
    ]
  }
  const inputs = x.map((t, i) => asTensor(t, draws[i]!))
  const eager = f(...inputs)
  checkValue(row, eager[0]!, expected)
  for (const [i, input] of wanted.entries()) checkGradient(row, x, input, eager[i + 1]!, dy, random)
  const planned = program<Tensor[], Tensor[]>(f).sync(...inputs)
  for (const [i, t] of planned.entries())
    expect(sameBits(t, eager[i]!), `result ${i}: a program gives the bits of a read`).toBe(true)
}

const show = (shapes: readonly Shape[]) => shapes.map((s) => `[${s}]`).join(' ')

export function checkRows(rows: readonly Row[]): void {
  test.each(rows.map((row) => [row.title ?? row.op, row] as const))('%s', (_, row) => {
    for (const [i, shapes] of row.shapes.entries())
      try {
        checkCase(row, shapes, i + 1)
      } catch (error) {
        ;(error as Error).message = `shapes ${show(shapes)}: ${(error as Error).message}`
        throw error
      }
  })
}
