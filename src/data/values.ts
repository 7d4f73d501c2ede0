/** What users hold samples in, read in pieces: nested arrays, typed arrays, tensors. */
import { ChainruleError } from '../errors.ts'
import { describeValue } from '../options.ts'
import { allocate, isTypedArray, typedArrayName } from '../tensor/arrays.ts'
import { convert, convertInto, naturalDtype, nestedShape } from '../tensor/convert.ts'
import { hooks, Tensor } from '../tensor/graph.ts'
import {
  type DType,
  formatShape,
  type Nested,
  type Shape,
  sameShape,
  sizeOf,
  type TypedArray,
} from '../tensor/shape.ts'
import { type Sliced, sliceSize } from './slices.ts'

/** Samples: nested arrays, a tensor, a typed array (one number per sample), or a typed array with a shape. */
export type ArrayData = Tensor | TypedArray | Nested<number> | { readonly data: TypedArray; readonly shape: Shape }

export type Piece = Float32Array | Int32Array | Uint8Array

/** Samples that have a shape and a type, and can be read in pieces. */
export interface Samples {
  /** [samples, ...] */
  readonly shape: Shape
  readonly dtype: DType | 'uint8'
  /** Those from `first` up to, and without, `end`, flat. Perhaps a view: not to be changed. */
  piece(first: number, end: number): Piece
}

/** Whether this is one array and not an object of arrays by name. */
export function isArrayData(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return true
  if (data instanceof Tensor || Array.isArray(data) || isTypedArray(data)) return true
  return 'data' in data && 'shape' in data
}

/**
 * Whole numbers in typed arrays and bigints are int32, bytes stay bytes, all else is float32.
 * @param wanted where it is known; numbers that it cannot hold are an error
 */
export function* samplesOf(data: unknown, path: string, wanted?: DType): Sliced<Samples> {
  if (data instanceof Tensor) return flatSamples(hooks.read(data), data.shape, path, wanted)
  if (isTypedArray(data)) return flatSamples(data, nestedShape(data, path), path, wanted)
  if (Array.isArray(data)) return yield* nestedSamples(data, path, wanted)
  const { data: values, shape } = (data ?? {}) as { data?: unknown; shape?: Shape }
  if (!isTypedArray(values) || !Array.isArray(shape))
    throw new ChainruleError(
      'ERR_DATA',
      `${path}: expected nested arrays, a typed array, { data, shape } or a tensor, got ${describeValue(data)}`,
    )
  const [length] = nestedShape(values, path)
  if (sizeOf(shape) !== length)
    throw new ChainruleError(
      'ERR_SHAPE',
      `${path}: the shape ${formatShape(shape)} holds ${sizeOf(shape)} values, got ${length}`,
    )
  return flatSamples(values, shape, path, wanted)
}

function flatSamples(values: TypedArray, shape: Shape, path: string, wanted: DType | undefined): Samples {
  const name = typedArrayName(values)!
  const size = sizeOf(shape.slice(1))
  const bytes = /^Uint8/.test(name)
  const dtype = wanted ?? (bytes ? 'uint8' : naturalDtype(values))
  const isStored = bytes ? dtype === 'uint8' : name === (dtype === 'int32' ? 'Int32Array' : 'Float32Array')
  const piece = (first: number, end: number): Piece => {
    const part = values.subarray(first * size, end * size)
    if (isStored && bytes) return new Uint8Array(part.buffer, part.byteOffset, part.length)
    if (isStored) return part as Float32Array | Int32Array
    const flat = allocate(dtype as DType, [part.length], path)
    whole(() => convertInto(part, flat, path), values, path, dtype as DType)
    return flat
  }
  return { shape, dtype, piece }
}

function* nestedSamples(data: readonly unknown[], path: string, wanted: DType | undefined): Sliced<Samples> {
  const [, ...sample] = whole(() => nestedShape(data.slice(0, 1), path), data, path)
  const size = sizeOf(sample)
  const dtype = wanted ?? naturalDtype(data)
  const rows = rowsPerSlice(size)
  for (let at = 0; at < data.length; at += rows) {
    const part = data.slice(at, at + rows)
    const shape = whole(() => nestedShape(part, path), data, path)
    if (!sameShape(shape, [part.length, ...sample])) nestedShape(data, path)
    yield
  }
  const piece = (from: number, end: number): Piece => {
    const part = data.slice(from, end)
    const flat = allocate(dtype, [part.length * size], path)
    whole(() => convertInto(part, flat, path), data, path, dtype)
    return flat
  }
  return { shape: [data.length, ...sample], dtype, piece }
}

/** Where a part of the data is wrong, all of it says where in all of it. */
function whole<T>(f: () => T, data: unknown, path: string, dtype?: DType): T {
  try {
    return f()
  } catch (error) {
    if (dtype) convert(data, path, dtype)
    else nestedShape(data, path)
    throw error
  }
}

export function rowsPerSlice(size: number): number {
  return Math.max(1, Math.floor(sliceSize / Math.max(1, size)))
}

/** All values in one array; where a number is not finite, the error names its sample. */
export function* flatOf(samples: Samples, path: string): Sliced<Float32Array | Int32Array> {
  const { shape, dtype, piece } = samples
  const [n = 0, ...rest] = shape
  const size = sizeOf(rest)
  const flat = allocate(dtype === 'int32' ? 'int32' : 'float32', shape, path)
  for (let at = 0, rows = rowsPerSlice(size); at < n; at += rows) {
    const part = piece(at, Math.min(n, at + rows))
    refuseNotFinite(part, size, at, path)
    flat.set(part, at * size)
    yield
  }
  return flat
}

/** @throws ERR_DATA for NaN and infinity, with the sample and, in larger ones, the place in it */
export function refuseNotFinite(values: Piece, size: number, first: number, path: string): void {
  if (!(values instanceof Float32Array)) return
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!
    if (v - v === 0) continue
    throw new ChainruleError(
      'ERR_DATA',
      `${path}: sample ${first + Math.floor(i / size)} holds ${v}, expected finite numbers. Remove the sample or fill ` +
        'the gap first.',
    )
  }
}
