/** Many pictures: bytes in native memory, scaled when they are read. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { native } from '../native.ts'
import type { Shape, TypedArray } from '../tensor/shape.ts'
import { columnFrom } from './column.ts'
import { Dataset } from './dataset.ts'
import { inSlices } from './slices.ts'

/** Brightness 0 to 255, as bytes, becomes −1 to 1. */
export const pixelScale = { scale: 1 / 127.5, shift: -1 } as const

const copiedPerTurn = 1 << 22

/**
 * A data set of pictures, x [n, ...shape] as bytes and one label each. `new Dataset` would do the same in one go, and
 * hold up the event loop for as long as it takes to copy them.
 */
export async function pixelDataset(
  pixels: Uint8Array,
  shape: Shape,
  labels: TypedArray,
  { scale, shift }: { readonly scale: number; readonly shift: number },
): Promise<Dataset> {
  const { column } = await inSlices(columnFrom(labels, 'y'))
  const memory = native().memory(pixels.length)
  for (let at = 0; at < pixels.length; at += copiedPerTurn) {
    native().write(memory, at, pixels.subarray(at, at + copiedPerTurn))
    await nextTurn()
  }
  const x = { memory, dtype: 'uint8', reads: 'float32', shape, scale, shift } as const
  return new Dataset(
    { x: [] },
    {},
    {
      length: labels.length,
      x: new Map([['', x]]),
      y: new Map([['', column]]),
      sampleWeight: null,
      rows: null,
    },
  )
}
