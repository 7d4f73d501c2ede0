/** From JavaScript values to tensors and back. */
import { ChainruleError } from '../errors.ts'
import { type Checked, checkOptions, describeValue, oneOf, optional } from '../options.ts'
import { constant, literal, Tensor, type Values } from './graph.ts'
import { type DType, formatShape, type Nested, type Shape, sizeOf, type TypedArray } from './shape.ts'

/** What every operation accepts: a tensor, a number, nested arrays, or a typed array (one axis). */
export type TensorLike = Tensor | number | TypedArray | Nested<number>

export interface TensorOptions {
  shape?: Shape
  dtype?: DType
}

// Never `instanceof`: arrays made in another realm (a test runner's, a vm's) are arrays too.
export function isTypedArray(x: unknown): x is TypedArray {
  return ArrayBuffer.isView(x) && !(Object.prototype.toString.call(x) === '[object DataView]')
}

function describe(x: unknown): string {
  if (x === null) return 'null'
  if (Array.isArray(x)) return 'an array'
  if (typeof x === 'object') return Object.prototype.toString.call(x).slice(8, -1)
  return typeof x === 'string' ? JSON.stringify(x) : String(x)
}

/** The shape of nested arrays; every level must be even. */
export function nestedShape(values: unknown, where: string): number[] {
  const shape: number[] = []
  for (let level = values; Array.isArray(level) || isTypedArray(level); level = (level as ArrayLike<unknown>)[0]) {
    shape.push(level.length)
    if (level.length === 0) break
  }
  check(values, shape, 0, where, '')
  return shape
}

function check(x: unknown, shape: readonly number[], depth: number, where: string, path: string): void {
  const expected = shape[depth]
  const list = Array.isArray(x) || isTypedArray(x)
  if (expected === undefined) {
    if (typeof x === 'number') return
    const hint = list ? 'The array is ragged: all rows need the same length.' : 'Convert it to a number first.'
    throw new ChainruleError(
      'ERR_DATA',
      `${where}: expected a number at ${path || 'the top'}, got ${describe(x)}. ${hint}`,
    )
  }
  const length = list ? (x as ArrayLike<unknown>).length : undefined
  if (length !== expected) {
    const got = length === undefined ? describe(x) : `${length} values`
    throw new ChainruleError(
      'ERR_DATA',
      `${where}: the array is ragged: ${path || 'the top'} has ${got}, expected ${expected} as in the first row`,
    )
  }
  if (isTypedArray(x)) return
  for (let i = 0; i < expected; i++) {
    const item = (x as readonly unknown[])[i]
    if (depth + 1 === shape.length && typeof item === 'number') continue
    check(item, shape, depth + 1, where, `${path}[${i}]`)
  }
}

/** Writes nested arrays of a known, even shape into a flat array. */
export function flatten(values: unknown, into: { [index: number]: number }, at = 0): number {
  if (typeof values === 'number') {
    into[at] = values
    return at + 1
  }
  const list = values as ArrayLike<unknown>
  for (let i = 0; i < list.length; i++) {
    const item = list[i]
    if (typeof item === 'number') into[at++] = item
    else at = flatten(item, into, at)
  }
  return at
}

/** A shape as users give it. @throws ERR_SHAPE for what is no list of integers of at least `least` */
export function checkedShape(where: string, shape: unknown, least = 0): number[] {
  if (Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= least)) return [...shape]
  const got = Array.isArray(shape) ? `[${shape.map(describeValue).join(', ')}]` : describeValue(shape)
  throw new ChainruleError(
    'ERR_SHAPE',
    `${where}: expected a shape, a list of integers ≥ ${least} such as [2, 3], got ${got}`,
  )
}

const tensorTable = {
  shape: optional((value) => checkedShape('tensor', value)),
  dtype: optional(oneOf<DType>(['float32', 'int32'])),
}

/** The natural dtype of a typed array: whole numbers are int32. */
function dtypeOf(values: unknown): DType {
  const name = isTypedArray(values) ? Object.prototype.toString.call(values) : ''
  return /Int|Uint/.test(name) ? 'int32' : 'float32'
}

/**
 * A tensor from numbers.
 * @param values a number, nested arrays (not ragged), a typed array, or a tensor
 * @param given `shape` for flat values (their number must fit); `dtype`, by default float32, or int32 for arrays of
 *   integers such as Int32Array
 * @throws ERR_DATA for ragged arrays and what is not a number, ERR_SHAPE when the values do not fill the shape
 */
export function tensor(values: TensorLike, given?: TensorOptions): Tensor {
  // Every call of a program comes by here, nearly always without options.
  const options: Partial<Checked<typeof tensorTable>> =
    given === undefined ? {} : checkOptions('tensor', given, tensorTable)
  if (values instanceof Tensor) {
    if (options.shape || options.dtype)
      throw new ChainruleError('ERR_OPTION', 'tensor: a tensor has its shape and dtype; use reshape() or cast()')
    return values
  }
  const own = typeof values === 'number' ? [] : nestedShape(values, 'tensor')
  if (typeof values !== 'number' && !Array.isArray(values) && !isTypedArray(values))
    throw new ChainruleError(
      'ERR_DATA',
      `tensor: expected a number, nested arrays or a typed array, got ${describe(values)}`,
    )
  const shape = options.shape ?? own
  if (sizeOf(shape) !== sizeOf(own))
    throw new ChainruleError(
      'ERR_SHAPE',
      `tensor: the shape ${formatShape(shape)} holds ${sizeOf(shape)} values, got ${sizeOf(own)}`,
    )
  const dtype = options.dtype ?? dtypeOf(values)
  const flat = dtype === 'int32' ? new Int32Array(sizeOf(own)) : new Float32Array(sizeOf(own))
  flatten(values, flat)
  return constant(flat, [...shape])
}

/** What an operation was given, as a tensor. Numbers take the dtype of the operand beside them where they can. */
export function toTensor(x: TensorLike, beside?: Tensor): Tensor {
  if (x instanceof Tensor) return x
  if (typeof x === 'number' && beside?.dtype === 'int32' && Number.isInteger(x) && Math.abs(x) < 2 ** 31)
    return literal(Int32Array.of(x))
  return typeof x === 'number' ? literal(Float32Array.of(x)) : tensor(x)
}

export function zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  return filled('zeros', shape, 0, dtype)
}

export function ones(shape: Shape, dtype: DType = 'float32'): Tensor {
  return filled('ones', shape, 1, dtype)
}

/** A tensor with the same value everywhere. */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  return filled('full', shape, value, dtype)
}

function filled(where: string, given: Shape, value: number, dtype: DType): Tensor {
  const shape = checkedShape(where, given)
  const make = { float32: Float32Array, int32: Int32Array }[
    oneOf<DType>(['float32', 'int32'])(dtype, { where, name: 'dtype' })
  ]
  return constant(new make(sizeOf(shape)).fill(value), shape)
}

/** The identity matrix of n rows. */
export function eye(n: number): Tensor {
  const values = new Float32Array(n * n)
  for (let i = 0; i < n; i++) values[i * n + i] = 1
  return constant(values, [n, n])
}

/** 0, 1, ..., n − 1 as int32. */
export function arange(n: number): Tensor {
  return constant(
    Int32Array.from({ length: n }, (_, i) => i),
    [n],
  )
}

/** Nested arrays from flat values. */
export function nest(values: Values, shape: Shape, at = 0): unknown {
  if (shape.length === 0) return values[at]
  const [n = 0, ...rest] = shape
  const step = sizeOf(rest)
  if (rest.length === 0) return Array.from(values.subarray(at, at + n))
  return Array.from({ length: n }, (_, i) => nest(values, rest, at + i * step))
}
