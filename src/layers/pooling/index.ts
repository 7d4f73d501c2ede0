/** Layers that make pictures smaller. */
import { AveragePool1d, AveragePool2d, AveragePool3d } from './average-pool.ts'
import { GlobalAveragePool1d, GlobalAveragePool2d, GlobalAveragePool3d } from './global-average-pool.ts'
import { GlobalMaxPool1d, GlobalMaxPool2d, GlobalMaxPool3d } from './global-max-pool.ts'
import { MaxPool1d, MaxPool2d, MaxPool3d } from './max-pool.ts'

export { averagePool1d, averagePool2d, averagePool3d } from './average-pool.ts'
export { globalAveragePool1d, globalAveragePool2d, globalAveragePool3d } from './global-average-pool.ts'
export { globalMaxPool1d, globalMaxPool2d, globalMaxPool3d } from './global-max-pool.ts'
export { maxPool1d, maxPool2d, maxPool3d } from './max-pool.ts'
export type { GlobalPoolOptions, PoolOptions } from './pool.ts'

export const pooling = [
  ...[MaxPool1d, MaxPool2d, MaxPool3d, AveragePool1d, AveragePool2d, AveragePool3d],
  ...[GlobalMaxPool1d, GlobalMaxPool2d, GlobalMaxPool3d],
  ...[GlobalAveragePool1d, GlobalAveragePool2d, GlobalAveragePool3d],
]
