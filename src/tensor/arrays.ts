/** Typed arrays: what an unknown one is, and new ones. */
import { ChainruleError } from '../errors.ts'
import { following } from './batch.ts'
import { describeError } from './describing.ts'
import { type DType, formatShape, type Shape, sizeOf, type TypedArray } from './shape.ts'

const tag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!

/**
 * `'Float32Array'`, `'BigInt64Array'`, ... or undefined for all else. Never by `instanceof`, because arrays of another
 * realm (a test runner's, a vm's) are arrays too; nor by `toString`, which an object may answer as it likes.
 */
export function typedArrayName(x: unknown): string | undefined {
  return ArrayBuffer.isView(x) ? (tag.call(x) as string | undefined) : undefined
}

export function isTypedArray(x: unknown): x is TypedArray {
  return typedArrayName(x) !== undefined
}

/** Whether the memory behind an array was transferred, to a worker for example: it then reads as empty. */
export function isDetached(x: ArrayBufferView): boolean {
  if (x.byteLength > 0) return false
  try {
    new Uint8Array(x.buffer)
    return false
  } catch {
    return true
  }
}

/** An array of zeros for a tensor. @throws ERR_NATIVE when there is not so much memory */
export function allocate(dtype: DType, shape: Shape, where: string): Float32Array | Int32Array {
  const size = sizeOf(shape)
  if (shape.some(following))
    throw describeError(
      'ERR_DATA',
      where,
      `values of shape ${formatShape(shape)} cannot be made while a graph of layers is described: the batch is not known ` +
        'yet. Write tensor(0).broadcastTo(shape), or make them in forward of a layer of your own.',
    )
  try {
    return dtype === 'int32' ? new Int32Array(size) : new Float32Array(size)
  } catch (cause) {
    const megabytes = Math.ceil((size * 4) / 2 ** 20).toLocaleString('en')
    throw new ChainruleError(
      'ERR_NATIVE',
      `${where}: a tensor of shape ${formatShape(shape)} needs ${megabytes} MB, which cannot be allocated. Make it ` +
        'smaller, or compute it in parts.',
      { cause },
    )
  }
}
