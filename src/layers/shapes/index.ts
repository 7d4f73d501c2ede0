/** Layers that change shapes: of samples, and of pictures. */
import { Cropping1d, Cropping2d, Cropping3d } from './cropping.ts'
import { Permute } from './permute.ts'
import { RepeatVector } from './repeat-vector.ts'
import { Reshape } from './reshape.ts'
import { UpSampling1d, UpSampling2d } from './up-sampling.ts'
import { ZeroPadding1d, ZeroPadding2d, ZeroPadding3d } from './zero-padding.ts'

export type { Around } from './around.ts'
export { type CroppingOptions, cropping1d, cropping2d, cropping3d } from './cropping.ts'
export { permute } from './permute.ts'
export { repeatVector } from './repeat-vector.ts'
export { reshape } from './reshape.ts'
export { type UpSampling1dOptions, type UpSampling2dOptions, upSampling1d, upSampling2d } from './up-sampling.ts'
export { type ZeroPaddingOptions, zeroPadding1d, zeroPadding2d, zeroPadding3d } from './zero-padding.ts'

export const shapes = [
  ...[Cropping1d, Cropping2d, Cropping3d],
  ...[Permute, RepeatVector, Reshape],
  ...[UpSampling1d, UpSampling2d],
  ...[ZeroPadding1d, ZeroPadding2d, ZeroPadding3d],
]
