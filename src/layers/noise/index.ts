/** Layers of noise. */
import { AlphaDropout } from './alpha-dropout.ts'
import { GaussianDropout } from './gaussian-dropout.ts'
import { GaussianNoise } from './gaussian-noise.ts'
import { SpatialDropout1d, SpatialDropout2d } from './spatial-dropout.ts'

export { alphaDropout } from './alpha-dropout.ts'
export { gaussianDropout } from './gaussian-dropout.ts'
export { gaussianNoise } from './gaussian-noise.ts'
export { spatialDropout1d, spatialDropout2d } from './spatial-dropout.ts'

export const noises = [AlphaDropout, GaussianDropout, GaussianNoise, SpatialDropout1d, SpatialDropout2d]
