import { formatSizes } from './batch.ts'

/** Sizes per axis, outermost first. `[]` is a scalar. */
export type Shape = readonly number[]

/** What a tensor holds. Data sets may also be stored as `uint8`; per-step scalars are `float64`. */
export type DType = 'float32' | 'int32'
export type StoredType = DType | 'uint8' | 'float64'

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Uint8ClampedArray
  | BigInt64Array
  | BigUint64Array

/** Nested arrays of numbers: `[[1, 2], [3, 4]]`; the innermost may be typed arrays. */
export interface Nested<T> extends ReadonlyArray<T | Nested<T> | TypedArray> {}

/** The most axes that a tensor has: as many as kernels walk. */
export const largestRank = 8

/** The elements that a shape holds. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const n of shape) size *= n
  return size
}

/** Elements from one index to the next, per axis, of a contiguous row-major tensor. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step
    step *= shape[i]!
  }
  return strides
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}

/** `[3, 4]`; a size may be a word or `?`, and is `batch` in a graph of layers. */
export function formatShape(shape: readonly (number | string)[]): string {
  return `[${formatSizes(shape).join(', ')}]`
}

/** NumPy's rule: align at the last axis; sizes are equal or one of them is 1. Null where they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length)
  const out = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1
    const n = b[b.length - i] ?? 1
    if (m !== n && m !== 1 && n !== 1) return null
    out[rank - i] = m === 1 ? n : m
  }
  return out
}

/** Strides for reading a tensor of `shape` as if it had the shape `as`: 0 along every broadcast axis. */
export function broadcastStrides(shape: Shape, as: Shape): number[] {
  const own = stridesOf(shape)
  const lead = as.length - shape.length
  return as.map((n, i) => (i < lead || (shape[i - lead] === 1 && n !== 1) ? 0 : own[i - lead]!))
}

/**
 * Merges neighbouring axes that every operand walks as one, so that kernels see as few axes as possible.
 * Axes of size 1 vanish; at least one axis stays.
 */
export function collapse(dims: Shape, ...strides: number[][]): { dims: number[]; strides: number[][] } {
  const outDims: number[] = []
  const out: number[][] = strides.map(() => [])
  for (let i = 0; i < dims.length; i++) {
    const n = dims[i]!
    if (n === 1) continue
    const last = outDims.length - 1
    if (last >= 0 && strides.every((s, k) => out[k]![last] === s[i]! * n)) {
      outDims[last]! *= n
      for (const [k, s] of strides.entries()) out[k]![last] = s[i]!
      continue
    }
    outDims.push(n)
    for (const [k, s] of strides.entries()) out[k]!.push(s[i]!)
  }
  if (outDims.length === 0) {
    outDims.push(1)
    for (const s of out) s.push(1)
  }
  return { dims: outDims, strides: out }
}
