/** Layers that normalise. */
import { BatchNormalization } from './batch.ts'
import { GroupNormalization } from './group.ts'
import { LayerNormalization } from './layer.ts'
import { RmsNormalization } from './rms.ts'
import { UnitNormalization } from './unit.ts'

export { type BatchNormalization, type BatchNormalizationOptions, batchNormalization } from './batch.ts'
export { type GroupNormalizationOptions, groupNormalization } from './group.ts'
export { layerNormalization } from './layer.ts'
export { type RmsNormalizationOptions, rmsNormalization } from './rms.ts'
export type { ScaledOptions as NormalizationOptions } from './scaled.ts'
export { type UnitNormalizationOptions, unitNormalization } from './unit.ts'

export const normalization = [
  BatchNormalization,
  GroupNormalization,
  LayerNormalization,
  RmsNormalization,
  UnitNormalization,
]
