/** From JavaScript values to tensors and back. */
import { ChainruleError } from '../errors.ts'
import { type Checked, checkOptions, describeValue, oneOf, optional } from '../options.ts'
import { allocate, isTypedArray } from './arrays.ts'
import { convert } from './convert.ts'
import { Tensor, type Values } from './graph.ts'
import { constant, literal } from './leaves.ts'
import { type DType, formatShape, type Nested, type Shape, sizeOf, type TypedArray } from './shape.ts'
import { checkedCount, checkedShape } from './sizes.ts'

/** What every operation accepts: a tensor, a number, nested arrays, or a typed array (one axis). */
export type TensorLike = Tensor | number | TypedArray | Nested<number>

export interface TensorOptions {
  shape?: Shape
  dtype?: DType
}

const tensorTable = {
  shape: optional((value) => checkedShape('tensor', value)),
  dtype: optional(oneOf<DType>(['float32', 'int32'])),
}

/**
 * A tensor from numbers.
 * @param values a number, nested arrays (not ragged), a typed array, or a tensor
 * @param given `shape` for flat values (their number must fit); `dtype`, by default float32, or int32 for typed arrays
 *   of integers such as Int32Array and for bigints
 * @throws ERR_DATA for ragged arrays, what is not a number, and numbers that the dtype cannot hold; ERR_SHAPE when the
 *   values do not fill the shape
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
  if (typeof values !== 'number' && typeof values !== 'bigint' && !Array.isArray(values) && !isTypedArray(values))
    throw new ChainruleError(
      'ERR_DATA',
      `tensor: expected a number, nested arrays or a typed array, got ${describeValue(values)}`,
    )
  const { shape: own, flat } = convert(values, 'tensor', options.dtype)
  const shape = options.shape ?? own
  if (sizeOf(shape) !== flat.length)
    throw new ChainruleError(
      'ERR_SHAPE',
      `tensor: the shape ${formatShape(shape)} holds ${sizeOf(shape)} values, got ${flat.length}`,
    )
  return constant(flat, shape)
}

/** What an operation was given, as a tensor. Numbers take the dtype of the operand beside them where they can. */
export function toTensor(x: TensorLike, beside?: Tensor): Tensor {
  if (x instanceof Tensor) return x
  if (typeof x !== 'number') return tensor(x)
  if (beside?.dtype === 'int32' && (x | 0) === x) return literal(Int32Array.of(x))
  return literal(convert(x, 'tensor').flat)
}

export function zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  return filled('zeros', shape, 0, dtype)
}

export function ones(shape: Shape, dtype: DType = 'float32'): Tensor {
  return filled('ones', shape, 1, dtype)
}

/** A tensor with the same value everywhere. @throws ERR_DATA for a value that the dtype cannot hold */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  return filled('full', shape, value, dtype)
}

function filled(where: string, given: Shape, value: number, dtype: DType): Tensor {
  const shape = checkedShape(where, given)
  const type = oneOf<DType>(['float32', 'int32'])(dtype, { where, name: 'dtype' })
  if (typeof value !== 'number')
    throw new ChainruleError('ERR_DATA', `${where}: expected a number as the value, got ${describeValue(value)}`)
  const { flat } = convert(value, where, type)
  const values = allocate(type, shape, where)
  // New arrays are zeros; −0 is another value.
  return constant(Object.is(flat[0], 0) ? values : values.fill(flat[0]!), shape)
}

/** The identity matrix of n rows. */
export function eye(n: number): Tensor {
  const rows = checkedCount('eye', 'n', n)
  const values = allocate('float32', [rows, rows], 'eye')
  for (let i = 0; i < rows; i++) values[i * rows + i] = 1
  return constant(values, [rows, rows])
}

/** 0, 1, ..., n − 1 as int32. */
export function arange(n: number): Tensor {
  const values = allocate('int32', [checkedCount('arange', 'n', n)], 'arange')
  for (let i = 0; i < values.length; i++) values[i] = i
  return constant(values, [values.length])
}

/** Nested arrays from flat values. */
export function nest(values: Values, shape: Shape, at = 0): unknown {
  if (shape.length === 0) return values[at]
  const [n = 0, ...rest] = shape
  const step = sizeOf(rest)
  if (rest.length === 0) return Array.from(values.subarray(at, at + n))
  return Array.from({ length: n }, (_, i) => nest(values, rest, at + i * step))
}
