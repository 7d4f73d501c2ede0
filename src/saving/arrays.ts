/** Numbers in options as tensors of a file, and back. */
import type { StoredTensor } from '../files/safetensors.ts'
import type { Tensor, Values } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import type { Shape, TypedArray } from '../tensor/shape.ts'

export function storedTensor(values: Values, shape: Shape): StoredTensor {
  if (values instanceof Int32Array) return { dtype: 'I32', shape: [...shape], data: values }
  return { dtype: 'F32', shape: [...shape], data: values as Float32Array }
}

export function tensorFrom({ shape, data }: StoredTensor): Tensor {
  return constant((data as Float32Array | Int32Array).slice(), shape)
}

// Those that the format has are written as they are, others as bytes.
const dtypes = new Map([
  ['Float32Array', 'F32'],
  ['Float64Array', 'F64'],
  ['Int32Array', 'I32'],
  ['BigInt64Array', 'I64'],
  ['Uint8Array', 'U8'],
])

const arrays = {
  Float32Array,
  Float64Array,
  Int32Array,
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Uint8ClampedArray,
  BigInt64Array,
  BigUint64Array,
}

export function storedArray(array: TypedArray | BigInt64Array | BigUint64Array): {
  type: string
  stored: StoredTensor
} {
  const type = Object.prototype.toString.call(array).slice(8, -1)
  const dtype = dtypes.get(type)
  if (dtype) return { type, stored: { dtype, shape: [array.length], data: array } as StoredTensor }
  const data = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  return { type, stored: { dtype: 'U8', shape: [data.length], data } }
}

/** Null where the type is none, or does not go with what is stored. */
export function arrayFrom(type: unknown, { dtype, data }: StoredTensor): object | null {
  const make = typeof type === 'string' && Object.hasOwn(arrays, type) ? arrays[type as keyof typeof arrays] : undefined
  if (!make || dtype !== (dtypes.get(type as string) ?? 'U8') || data.byteLength % make.BYTES_PER_ELEMENT !== 0)
    return null
  return new make(new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer)
}
