import { averagePool } from '../../ops/pooling.ts'
import { Pool, type PoolOptions } from './pool.ts'

export class AveragePool1d extends Pool {
  static readonly type = 'averagePool1d'

  constructor(options: PoolOptions<1> = {}) {
    super('averagePool1d', 1, averagePool, options)
  }
}

export class AveragePool2d extends Pool {
  static readonly type = 'averagePool2d'

  constructor(options: PoolOptions<2> = {}) {
    super('averagePool2d', 2, averagePool, options)
  }
}

export class AveragePool3d extends Pool {
  static readonly type = 'averagePool3d'

  constructor(options: PoolOptions<3> = {}) {
    super('averagePool3d', 3, averagePool, options)
  }
}

/**
 * The average of each window of sequences, per channel.
 *
 * Input [batch, time, channels], output [batch, windows, channels]:
 * ⌊(size − poolSize) / stride⌋ + 1 along each axis, with padding 'same' ⌈size / stride⌉.
 * Cells outside of the picture do not count. (PyTorch's AvgPool counts its padding as zeros, unless
 * count_include_pad is False.)
 */
export function averagePool1d(options: PoolOptions<1> = {}): AveragePool1d {
  return new AveragePool1d(options)
}

/**
 * The average of each window of pictures, per channel.
 *
 * Input [batch, height, width, channels], output [batch, rows, columns, channels]:
 * ⌊(size − poolSize) / stride⌋ + 1 along each axis, with padding 'same' ⌈size / stride⌉.
 * Cells outside of the picture do not count. (PyTorch's AvgPool counts its padding as zeros, unless
 * count_include_pad is False.)
 */
export function averagePool2d(options: PoolOptions<2> = {}): AveragePool2d {
  return new AveragePool2d(options)
}

/**
 * The average of each window of volumes, per channel.
 *
 * Input [batch, depth, height, width, channels], output [batch, layers, rows, columns, channels]:
 * ⌊(size − poolSize) / stride⌋ + 1 along each axis, with padding 'same' ⌈size / stride⌉.
 * Cells outside of the picture do not count. (PyTorch's AvgPool counts its padding as zeros, unless
 * count_include_pad is False.)
 */
export function averagePool3d(options: PoolOptions<3> = {}): AveragePool3d {
  return new AveragePool3d(options)
}
