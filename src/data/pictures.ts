/** From picture files to what a network was trained on. */
import { toPath } from '../files/failure.ts'
import { decodePng, type GreyPicture } from '../files/png.ts'
import { readBytes } from '../files/read.ts'
import { boolean, type Check, checkOptions, number, optional, optionError } from '../options.ts'
import type { Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { pixelScale } from './pixels.ts'
import { resize } from './resize.ts'

export interface PictureOptions {
  /** [height, width] to resize to: shrinking averages areas, growing interpolates. Default: the picture's own size. */
  size?: readonly [height: number, width: number]
  /** Dark becomes light: for a photo on white paper where the network knows light on black. Default false. */
  invert?: boolean
  /** Values are brightness·scale + shift, brightness from 0 (black) to 255. Default 1/127.5 and −1: from −1 to 1. */
  scale?: number
  shift?: number
  /** One row of height·width values, as a dense layer takes it; `false` keeps rows and columns. Default true. */
  flat?: boolean
}

const mostPixels = 2 ** 28

const pictureSize: Check<readonly [number, number]> = (value, subject) => {
  const sides = Array.isArray(value) && value.length === 2 ? (value as number[]) : [0, 0]
  const [height = 0, width = 0] = sides
  const fits = sides.every((side) => Number.isSafeInteger(side) && side > 0) && height * width <= mostPixels
  if (fits) return [height, width]
  throw optionError(subject, '[height, width] in pixels, each 1 or more', value, 'Give for example [28, 28].')
}

/** The checks of {@link PictureOptions}. */
export const pictureTable = {
  size: optional(pictureSize),
  invert: optional(boolean, false),
  scale: optional(number(), pixelScale.scale),
  shift: optional(number(), pixelScale.shift),
  flat: optional(boolean, true),
}

/**
 * Reads a picture of one's own for a network that was trained on small grey pictures:
 * `await model.predict(await readPicture('shoe.png', { size: [28, 28], invert: true }))`.
 *
 * A PNG of any kind becomes brightness (0.299 R + 0.587 G + 0.114 B, over white where it is transparent), is resized,
 * inverted, and scaled, in this order. Row 0 is the top, column 0 the left.
 * @param picture the path of a PNG file, or its bytes
 * @returns a batch of one: float32 [1, height·width], or [1, height, width, 1] with `flat: false`; from −1 to 1 by default
 * @throws ERR_FILE for a file that cannot be read, is no PNG or damaged, ERR_OPTION for wrong options
 */
export async function readPicture(picture: string | URL | Uint8Array, options: PictureOptions = {}): Promise<Tensor> {
  const { size, invert, scale, shift, flat } = checkOptions('readPicture', options, pictureTable)
  const { height, width, data } = await greyPicture(picture, { size, invert })
  const values = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) values[i] = data[i]! * scale + shift
  return constant(values, flat ? [1, height * width] : [1, height, width, 1])
}

/** The picture's brightness, resized and inverted on request. */
export async function greyPicture(
  picture: string | URL | Uint8Array,
  { size, invert }: { size: readonly [number, number] | undefined; invert: boolean },
): Promise<GreyPicture> {
  const isBytes = Object.prototype.toString.call(picture) === '[object Uint8Array]'
  const bytes = isBytes ? (picture as Uint8Array) : await readBytes(picture as string | URL)
  const decoded = await decodePng(bytes, isBytes ? 'the picture' : toPath(picture as string | URL))
  const grey = size ? await resize(decoded, ...size) : decoded
  return invert ? { ...grey, data: grey.data.map((brightness) => 255 - brightness) } : grey
}
