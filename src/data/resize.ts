import { setImmediate as nextTurn } from 'node:timers/promises'
import type { GreyPicture } from '../files/png.ts'

// Large pictures are worked on in pieces of a few milliseconds.
const pixelsPerTurn = 1 << 20

/** What one new pixel takes from the old ones along an axis: neighbours from `first` on, by weights that sum to 1. */
interface Share {
  readonly first: number
  readonly weights: readonly number[]
}

/**
 * A picture of another size; the sides' proportion may change. An axis that shrinks averages the area that a new pixel
 * covers (OpenCV's INTER_AREA), one that grows interpolates linearly between the pixels' centres (INTER_LINEAR).
 */
export async function resize(picture: GreyPicture, height: number, width: number): Promise<GreyPicture> {
  if (picture.height === height && picture.width === width) return picture
  const columns = shares(picture.width, width)
  // [old height, new width]
  const narrow = new Float32Array(picture.height * width)
  for (let y = 0, worked = 0; y < picture.height; y++, worked += picture.width) {
    const row = picture.data.subarray(y * picture.width, (y + 1) * picture.width)
    for (let x = 0; x < width; x++) narrow[y * width + x] = weighted(row, columns[x]!, 0, 1)
    if (worked > pixelsPerTurn) worked = await nextTurn(0)
  }
  const data = new Uint8Array(height * width)
  for (const [y, share] of shares(picture.height, height).entries()) {
    for (let x = 0; x < width; x++) data[y * width + x] = Math.round(weighted(narrow, share, x, width))
  }
  return { width, height, data }
}

function weighted(values: Uint8Array | Float32Array, { first, weights }: Share, at: number, step: number): number {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * values[at + (first + i) * step]!
  return sum
}

function shares(from: number, to: number): Share[] {
  const scale = from / to
  return Array.from({ length: to }, (_, i) =>
    scale > 1 ? area(i * scale, (i + 1) * scale, from) : between(i, scale, from),
  )
}

/** The pixels between two places, each by the part of it that lies between them. */
function area(start: number, end: number, from: number): Share {
  const first = Math.floor(start)
  const last = Math.min(Math.ceil(end), from)
  const parts = Array.from(
    { length: last - first },
    (_, i) => Math.min(first + i + 1, end) - Math.max(first + i, start),
  )
  const whole = parts.reduce((sum, part) => sum + part, 0)
  return { first, weights: parts.map((part) => part / whole) }
}

/** The two pixels whose centres lie around the new pixel's centre; at an edge, only the last one. */
function between(i: number, scale: number, from: number): Share {
  const centre = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), from - 1)
  const first = Math.floor(centre)
  const weight = centre - first
  return { first, weights: weight === 0 ? [1] : [1 - weight, weight] }
}
