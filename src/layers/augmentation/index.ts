/** Layers that prepare and vary pictures. */
import { RandomContrast } from './contrast.ts'
import { RandomCrop } from './crop.ts'
import { RandomFlip } from './flip.ts'
import { Rescaling } from './rescaling.ts'
import { Resizing } from './resizing.ts'
import { RandomRotation } from './rotation.ts'
import { RandomTranslation } from './translation.ts'
import { RandomZoom } from './zoom.ts'

export { type ContrastOptions, randomContrast } from './contrast.ts'
export { randomCrop } from './crop.ts'
export { type FlipOptions, randomFlip } from './flip.ts'
export type { Factor, SamplingOptions } from './layer.ts'
export { type RescalingOptions, rescaling } from './rescaling.ts'
export { type ResizingOptions, resizing } from './resizing.ts'
export { randomRotation } from './rotation.ts'
export { randomTranslation } from './translation.ts'
export { randomZoom, type ZoomOptions } from './zoom.ts'

export const augmentations = [
  ...[RandomContrast, RandomCrop, RandomFlip, RandomRotation, RandomTranslation, RandomZoom],
  ...[Rescaling, Resizing],
]
