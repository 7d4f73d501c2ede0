/** One kind of value per sample, in native memory. */
import { ChainruleError } from '../errors.ts'
import { type Memory, native } from '../native.ts'
import type { Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { type DType, formatShape, type Shape, type StoredType, sizeOf } from '../tensor/shape.ts'
import type { Sliced } from './slices.ts'
import { flatOf, refuseNotFinite, rowsPerSlice, type Samples, samplesOf } from './values.ts'

export interface Column {
  readonly memory: Memory
  /** As it is stored. */
  readonly dtype: Exclude<StoredType, 'float64'>
  /** As it is read where nobody asks for another: what the user's arrays were. */
  readonly reads: DType
  /** The shape of one sample. */
  readonly shape: Shape
  /** What a sample is multiplied by, and what is then added, when it is read as float32. */
  readonly scale: number
  readonly shift: number
}

export interface ColumnOptions {
  readonly scale?: number
  readonly shift?: number
  /** Whether bytes are pixels (float32), or class numbers (int32). */
  readonly bytes?: DType
  /** The dtype that the model takes, where that is known. */
  readonly wanted?: DType | undefined
}

/** Copies samples [n, ...] into native memory, in the smallest type that holds them. */
export function* columnFrom(
  data: unknown,
  path: string,
  { scale = 1, shift = 0, bytes = 'int32', wanted }: ColumnOptions = {},
): Sliced<{ column: Column; samples: number }> {
  const isScaled = scale !== 1 || shift !== 0
  const given = yield* samplesOf(data, path, isScaled ? undefined : wanted)
  const [samples = 0, ...shape] = given.shape
  if (given.shape.length === 0 || samples === 0 || sizeOf(shape) === 0)
    throw new ChainruleError('ERR_DATA', `${path} is empty: shape ${formatShape(given.shape)}, expected [samples, ...]`)
  const { memory, dtype } = sizeOf(shape) === 1 ? yield* compact(given, path) : yield* copied(given, path)
  const natural = given.dtype === 'uint8' ? bytes : given.dtype
  return { column: { memory, dtype, reads: isScaled ? 'float32' : natural, shape, scale, shift }, samples }
}

type Stored = Pick<Column, 'memory' | 'dtype'>

function* copied({ shape, dtype, piece }: Samples, path: string): Sliced<Stored> {
  const [n = 0, ...rest] = shape
  const size = sizeOf(rest)
  const bytesPerRow = size * (dtype === 'uint8' ? 1 : 4)
  const memory = native().memory(n * bytesPerRow)
  for (let at = 0, rows = rowsPerSlice(size); at < n; at += rows) {
    const part = piece(at, Math.min(n, at + rows))
    refuseNotFinite(part, size, at, path)
    native().write(memory, at * bytesPerRow, part)
    yield
  }
  return { memory, dtype }
}

/** One number per sample: whole ones, of which float32 rounds none, are stored as int32, ready to be class numbers. */
function* compact(given: Samples, path: string): Sliced<Stored> {
  if (given.dtype !== 'float32') return yield* copied(given, path)
  const flat = yield* flatOf(given, path)
  const whole = isWhole(flat)
  const stored = whole ? new Int32Array(flat) : flat
  const memory = native().memory(stored.byteLength)
  native().write(memory, 0, stored)
  return { memory, dtype: whole ? 'int32' : 'float32' }
}

function isWhole(values: Float32Array | Int32Array): boolean {
  for (let i = 0; i < values.length; i++)
    if (!Number.isInteger(values[i]) || Math.abs(values[i]!) > 2 ** 24) return false
  return true
}

const arrays = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array }

/** Rows of the memory, as stored. Neighbours are read together. */
function storedRows(column: Column, rows: ArrayLike<number>) {
  const size = sizeOf(column.shape)
  const flat = new arrays[column.dtype](rows.length * size)
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const first = rows[from]!
    do to++
    while (to < rows.length && rows[to] === first + to - from)
    const part = flat.subarray(from * size, to * size)
    native().read(column.memory, first * size * flat.BYTES_PER_ELEMENT, part)
  }
  return flat
}

/** Rows of the memory as a tensor. */
export function readRows(column: Column, rows: ArrayLike<number>, dtype: DType = column.reads): Tensor {
  const stored = storedRows(column, rows)
  const values = dtype === 'int32' ? new Int32Array(stored.length) : new Float32Array(stored.length)
  const { scale, shift } = column
  if (scale === 1 && shift === 0) values.set(stored)
  else for (let i = 0; i < stored.length; i++) values[i] = stored[i]! * scale + shift
  return constant(values, [rows.length, ...column.shape])
}

/** All numbers of these rows in order, a slice at a time: `visit` gets them, and the position of the first sample. */
export function* scan(
  column: Column,
  rows: { readonly length: number; at(from: number, to: number): ArrayLike<number> },
  visit: (values: ArrayLike<number>, first: number) => void,
): Sliced<void> {
  const { scale, shift } = column
  const count = Math.min(rowsPerSlice(sizeOf(column.shape)), 8192)
  for (let from = 0; from < rows.length; from += count) {
    const stored = storedRows(column, rows.at(from, Math.min(rows.length, from + count)))
    visit(scale === 1 && shift === 0 ? stored : Float32Array.from(stored, (v) => v * scale + shift), from)
    yield
  }
}
