/** Prints tensors as NumPy does: 8 significant decimals, columns aligned, the middle of long axes left out. */
import type { Tensor, Values } from './graph.ts'
import { formatShape, sizeOf, stridesOf } from './shape.ts'

const edge = 3
const threshold = 1000
const width = 75
const precision = 8

/** @param values null when the tensor has none yet */
export function printTensor(t: Tensor, values: Values | null): string {
  if (!values) return `Tensor ${formatShape(t.shape)} ${t.dtype}, not computed: it depends on an input`
  if (t.rank === 0) return formatterFor(values)(values[0]!).trim()
  if (t.size() === 0) return '[]'
  const summarise = t.size() > threshold
  const shown = summarise ? pick(values, t.shape) : values
  const format = formatterFor(shown)
  return block(values, t.shape, 0, 0, format, summarise)
}

/** The values that remain visible when long axes are cut. */
function pick(values: Values, shape: readonly number[]): number[] {
  const strides = stridesOf(shape)
  let offsets = [0]
  for (const [axis, n] of shape.entries())
    offsets = offsets.flatMap(o => visible(n, true).map(i => o + (i === null ? 0 : i) * strides[axis]!))
  return offsets.map(o => values[o]!)
}

/** Indices along an axis; null stands for the dots. */
function visible(n: number, summarise: boolean): (number | null)[] {
  const all = Array.from({ length: n }, (_, i) => i)
  return summarise && n > 2 * edge ? [...all.slice(0, edge), null, ...all.slice(-edge)] : all
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
  const indent = ' '.repeat(axis + 1)
  if (axis === shape.length - 1) return row(indices.map(i => (i === null ? '...' : format(values[at + i]!))), indent)
  const parts = indices.map(i =>
    i === null ? '...' : block(values, shape, axis + 1, at + i * step, format, summarise),
  )
  const gap = '\n'.repeat(shape.length - axis - 1)
  return `[${parts.join(gap + indent)}]`
}

// One row, broken where the line would get too long.
function row(items: string[], indent: string): string {
  let text = ''
  let line = 0
  for (const [i, item] of items.entries()) {
    if (i > 0 && indent.length + line + 1 + item.length > width) {
      text += `\n${indent}${item}`
      line = item.length
    } else {
      text += (i > 0 ? ' ' : '') + item
      line += item.length + (i > 0 ? 1 : 0)
    }
  }
  return `[${text}]`
}

/** One format for all values of an array, as NumPy chooses it. */
function formatterFor(values: ArrayLike<number>): Format {
  const list = Array.from(values)
  if (values instanceof Int32Array) return padded(list, String)
  const finite = list.filter(Number.isFinite)
  const sizes = finite.filter(v => v !== 0).map(Math.abs)
  const largest = Math.max(...sizes, 0)
  const smallest = Math.min(...sizes, Number.POSITIVE_INFINITY)
  const exponent = largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000
  return padded(list, exponent && sizes.length > 0 ? scientific(finite) : fixed(finite))
}

/** The fewest digits that tell a float32 from its neighbours, at most `precision` after the point. */
function shortest(v: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const text = v.toPrecision(digits)
    if (Math.fround(Number(text)) === Math.fround(v)) return text
  }
  return String(v)
}

function fixed(values: readonly number[]): Format {
  const decimals = Math.max(0, ...values.map(v => fraction(Number(shortest(v)).toFixed(precision))))
  return v => special(v) ?? pad(Number(shortest(v)).toFixed(Math.min(decimals, precision)), decimals)
}

// NumPy keeps the point and drops zeros behind it, then pads so that points stand below each other.
function pad(text: string, decimals: number): string {
  if (decimals === 0) return `${text}.`
  const trimmed = text.replace(/0+$/, '')
  return trimmed.padEnd(text.length)
}

function fraction(text: string): number {
  return text.replace(/0+$/, '').split('.')[1]?.length ?? 0
}

function scientific(values: readonly number[]): Format {
  const digits = Math.max(0, ...values.map(v => fraction(`${Number(shortest(v)).toExponential().split('e')[0]}`)))
  return v => special(v) ?? exponential(v, Math.min(digits, precision))
}

function exponential(v: number, digits: number): string {
  const [mantissa, power] = Number(shortest(v)).toExponential(digits).split('e')
  const sign = power!.startsWith('-') ? '-' : '+'
  const point = mantissa!.includes('.') ? mantissa : `${mantissa}.`
  return `${point}e${sign}${power!.replace(/^[+-]/, '').padStart(2, '0')}`
}

function special(v: number): string | null {
  if (Number.isNaN(v)) return 'nan'
  return Number.isFinite(v) ? null : v > 0 ? 'inf' : '-inf'
}

function padded(values: readonly number[], format: Format): Format {
  const longest = Math.max(...values.map(v => format(v).length), 0)
  return v => format(v).padStart(longest)
}
