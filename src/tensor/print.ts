/** Prints tensors as NumPy 2.4 does: 8 decimals, columns aligned, the middle of long axes left out. */
import type { Tensor, Values } from './graph.ts'
import { formatShape, sizeOf, stridesOf } from './shape.ts'

const edge = 3
const threshold = 1000
const width = 75
const precision = 8

/** @param values null when the tensor has none yet */
export function printTensor(t: Tensor, values: Values | null): string {
  if (!values) return `Tensor ${formatShape(t.shape)} ${t.dtype}, not computed: it depends on an input`
  if (t.rank === 0) return scalar(values)
  if (t.size() === 0) return '[]'
  const summarise = t.size() > threshold
  const shown = summarise ? pick(values, t.shape) : values
  const format = formatterFor(shown, values instanceof Int32Array)
  return block(values, t.shape, 0, 0, format, summarise)
}

/** The values that remain visible when long axes are cut. */
function pick(values: Values, shape: readonly number[]): number[] {
  const strides = stridesOf(shape)
  let offsets = [0]
  for (const [axis, n] of shape.entries())
    offsets = offsets.flatMap((o) => visible(n, true).map((i) => o + (i === null ? 0 : i) * strides[axis]!))
  return offsets.map((o) => values[o]!)
}

/** Indices along an axis; null stands for the dots. */
function visible(n: number, summarise: boolean): (number | null)[] {
  if (!summarise || n <= 2 * edge) return Array.from({ length: n }, (_, i) => i)
  const ends = Array.from({ length: edge }, (_, i) => i)
  return [...ends, null, ...ends.map((i) => n - edge + i)]
}

type Format = (value: number) => string

function block(
  values: Values,
  shape: readonly number[],
  axis: number,
  at: number,
  format: Format,
  summarise: boolean,
): string {
  const indices = visible(shape[axis]!, summarise)
  const step = sizeOf(shape.slice(axis + 1))
  if (axis === shape.length - 1)
    return row(
      indices.map((i) => (i === null ? '...' : format(values[at + i]!))),
      axis,
    )
  const indent = ' '.repeat(axis + 1)
  const parts = indices.map((i) =>
    i === null ? '...' : block(values, shape, axis + 1, at + i * step, format, summarise),
  )
  const gap = '\n'.repeat(shape.length - axis - 1)
  return `[${parts.join(gap + indent)}]`
}

// One row, broken where the line would get too long. The brackets that close behind it count.
function row(items: readonly string[], axis: number): string {
  const indent = ' '.repeat(axis + 1)
  const limit = width - axis - 1
  let text = ''
  let line = indent
  for (const item of items) {
    if (line.length + item.length > limit && line !== indent) {
      text += `${line.trimEnd()}\n`
      line = indent
    }
    line += `${item} `
  }
  return `[${(text + line).slice(indent.length, -1)}]`
}

// Not by spreading: eight axes show a million values, more than a call takes arguments.
function most(list: readonly number[], measure: (v: number) => number): number {
  return list.reduce((top, v) => Math.max(top, measure(v)), -Infinity)
}

/** One format for all values of an array, as NumPy chooses it. */
function formatterFor(values: ArrayLike<number>, integers: boolean): Format {
  const list = Array.from(values)
  if (integers) {
    const longest = most(list, (v) => String(v).length)
    return (v) => String(v).padStart(longest)
  }
  const finite = list.filter(Number.isFinite)
  return aligned(list, isExponential(finite) ? scientific(finite) : fixed(finite))
}

function isExponential(finite: readonly number[]): boolean {
  const sizes = finite.filter((v) => v !== 0).map(Math.abs)
  if (sizes.length === 0) return false
  const largest = most(sizes, (v) => v)
  const smallest = -most(sizes, (v) => -v)
  return largest >= 1e6 || smallest < Math.fround(1e-4) || Math.fround(largest / smallest) > 1000
}

/** The fewest digits that tell a float32 from its neighbours, as [digits, exponent of ten]. */
function shortest(v: number): [string, number] {
  let text = ''
  for (let digits = 0; digits < 9; digits++) {
    text = v.toExponential(digits)
    if (Math.fround(Number(text)) === Math.fround(v)) break
  }
  const [mantissa, power] = text.split('e')
  return [mantissa!.replace(/[-.]/g, ''), Number(power)]
}

const signOf = (v: number) => (v < 0 || Object.is(v, -0) ? '-' : '')

/** Without an exponent: the point stays, zeros behind it go. */
function positional(v: number): string {
  const [digits, power] = shortest(v)
  // Beyond `precision` the value itself is rounded, not its shortest form.
  const cut = digits.length - 1 - power > precision
  const size = Math.abs(v)
  const text = cut ? toEven(size.toFixed(precision), size.toFixed(exact)) : decimal(digits, power)
  return signOf(v) + text.replace(/0+$/, '')
}

// `toFixed` and `toExponential` round what lies exactly between two numbers up, NumPy to the even one. No float32 between
// two such numbers has more than these decimals, so that the longer text is exact.
const exact = 40

function toEven(rounded: string, longer: string): string {
  const tie = /^50*$/.test(longer.slice(rounded.length))
  return tie && Number(rounded.at(-1)) % 2 === 1 ? longer.slice(0, rounded.length) : rounded
}

function decimal(digits: string, power: number): string {
  if (power < 0) return `0.${'0'.repeat(-power - 1)}${digits}`
  const whole = digits.padEnd(power + 1, '0')
  return `${whole.slice(0, power + 1)}.${whole.slice(power + 1)}`
}

function fixed(finite: readonly number[]): Format {
  const decimals = Math.max(
    0,
    most(finite, (v) => positional(v).split('.')[1]!.length),
  )
  return (v) => {
    const [whole, fraction] = positional(v).split('.')
    return `${whole}.${fraction!.padEnd(decimals)}`
  }
}

function exponential(v: number, decimals: number): string {
  const size = Math.abs(v)
  const [rounded, power] = size.toExponential(decimals).split('e')
  const mantissa = toEven(rounded!, size.toExponential(exact).split('e')[0]!)
  const point = decimals === 0 ? '.' : ''
  return `${signOf(v)}${mantissa}${point}e${power![0]}${power!.slice(1).padStart(2, '0')}`
}

function scientific(finite: readonly number[]): Format {
  const decimals = Math.min(
    precision,
    Math.max(
      0,
      most(finite, (v) => shortest(v)[0].length - 1),
    ),
  )
  return (v) => exponential(v, decimals)
}

function special(v: number): string {
  return Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf'
}

function aligned(list: readonly number[], format: Format): Format {
  const text = (v: number) => (Number.isFinite(v) ? format(v) : special(v))
  const longest = most(list, (v) => text(v).length)
  return (v) => text(v).padStart(longest)
}

/** A number on its own, with at least one decimal and all its digits. */
function scalar(values: Values): string {
  const v = values[0]!
  if (values instanceof Int32Array) return String(v)
  if (!Number.isFinite(v)) return special(v)
  const [digits, power] = shortest(v)
  const size = Math.abs(v)
  if (v !== 0 && (size >= 1e6 || size < 1e-4)) {
    const text = exponential(v, digits.length - 1)
    return text.replace('.e', 'e')
  }
  const text = decimal(digits, power)
  return signOf(v) + (text.endsWith('.') ? `${text}0` : text)
}
