/** From what users hold data in to native memory. */
import { ChainruleError } from '../errors.ts'
import { type Memory, native } from '../native.ts'
import { describeValue } from '../options.ts'
import { isTypedArray, typedArrayName } from '../tensor/arrays.ts'
import { convert, nestedShape } from '../tensor/convert.ts'
import { hooks, Tensor } from '../tensor/graph.ts'
import { formatShape, type Nested, type Shape, type StoredType, sizeOf, type TypedArray } from '../tensor/shape.ts'
import { checkedShape } from '../tensor/sizes.ts'

/** Samples: nested arrays, a tensor, a typed array (one number per sample), or a typed array with a shape. */
export type ArrayData = Tensor | TypedArray | Nested<number> | { readonly data: TypedArray; readonly shape: Shape }

/** One kind of value per sample, in native memory. */
export interface Column {
  readonly memory: Memory
  readonly dtype: StoredType
  /** The shape of one sample. */
  readonly shape: Shape
  /** What a sample is multiplied by, and what is then added, when it is read. */
  readonly scale: number
  readonly shift: number
}

interface Values {
  shape: Shape
  flat: Float32Array | Int32Array | Uint8Array
}

/** Copies samples [n, ...] into native memory, in the smallest type that holds them. */
export function columnFrom(
  data: ArrayData,
  name: string,
  { scale, shift } = { scale: 1, shift: 0 },
): { column: Column; samples: number } {
  const { shape, flat } = compact(valuesOf(data, name))
  const [samples = 0, ...rest] = shape
  if (shape.length === 0 || samples === 0 || flat.length === 0)
    throw new ChainruleError('ERR_DATA', `${name} is empty: shape ${formatShape(shape)}, expected [samples, ...]`)
  checkFinite(flat, shape, name)
  const memory = native().memory(flat.byteLength)
  native().write(memory, 0, flat)
  const dtype = flat instanceof Int32Array ? 'int32' : flat instanceof Uint8Array ? 'uint8' : 'float32'
  return { column: { memory, dtype, shape: rest, scale, shift }, samples }
}

function valuesOf(data: ArrayData, name: string): Values {
  if (data instanceof Tensor) return { shape: data.shape, flat: hooks.read(data) }
  if (isTypedArray(data) || Array.isArray(data)) return stored(data, name)
  const { data: values, shape } = (data ?? {}) as { data?: TypedArray; shape?: Shape }
  if (!isTypedArray(values) || !Array.isArray(shape))
    throw new ChainruleError(
      'ERR_DATA',
      `${name}: expected nested arrays, a typed array, { data, shape } or a tensor, got ${describeValue(data)}`,
    )
  checkedShape(name, shape)
  if (sizeOf(shape) !== values.length)
    throw new ChainruleError(
      'ERR_SHAPE',
      `${name}: the shape ${formatShape(shape)} holds ${sizeOf(shape)} values, got ${values.length}`,
    )
  return { shape, flat: stored(values, name).flat }
}

/** Bytes stay bytes, and are not copied here; whole numbers are int32, all else float32. */
function stored(values: TypedArray | Nested<number>, name: string): Values {
  const bytes = /Uint8/.test(typedArrayName(values) ?? '')
  if (!bytes) return convert(values, name)
  const { buffer, byteOffset, length } = values as Uint8Array
  return { shape: nestedShape(values, name), flat: new Uint8Array(buffer, byteOffset, length) }
}

/** Whole numbers, one per sample, are class numbers or counts: int32. */
function compact({ shape, flat }: Values): Values {
  if (shape.length > 2 || (shape[1] ?? 1) !== 1 || !(flat instanceof Float32Array)) return { shape, flat }
  const whole = flat.every((v) => Number.isInteger(v) && Math.abs(v) <= 2 ** 24)
  return { shape, flat: whole ? Int32Array.from(flat) : flat }
}

function checkFinite(flat: Values['flat'], shape: Shape, name: string): void {
  if (!(flat instanceof Float32Array)) return
  const at = flat.findIndex((v) => v - v !== 0)
  if (at < 0) return
  const row = Math.floor(at / (flat.length / shape[0]!))
  throw new ChainruleError(
    'ERR_DATA',
    `${name}: sample ${row} holds ${flat[at]}, expected finite numbers. Remove the sample or fill the gap first.`,
  )
}
