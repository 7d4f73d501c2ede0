import { maxPool } from '../../ops/pooling.ts'
import { Pool, type PoolOptions } from './pool.ts'

export class MaxPool1d extends Pool {
  static readonly type = 'maxPool1d'

  constructor(options: PoolOptions<1> = {}) {
    super('maxPool1d', 1, maxPool, options)
  }
}

export class MaxPool2d extends Pool {
  static readonly type = 'maxPool2d'

  constructor(options: PoolOptions<2> = {}) {
    super('maxPool2d', 2, maxPool, options)
  }
}

export class MaxPool3d extends Pool {
  static readonly type = 'maxPool3d'

  constructor(options: PoolOptions<3> = {}) {
    super('maxPool3d', 3, maxPool, options)
  }
}

/**
 * The largest value of each window of sequences, per channel.
 *
 * Input [batch, time, channels], output [batch, windows, channels]:
 * ⌊(size − poolSize) / stride⌋ + 1 along each axis, with padding 'same' ⌈size / stride⌉.
 * The gradient goes to that cell, of equal ones to the first. NaN counts as larger than any number. (PyTorch's padding
 * is a number, the same on both sides; with 'same' one cell more may lie at the end.)
 */
export function maxPool1d(options: PoolOptions<1> = {}): MaxPool1d {
  return new MaxPool1d(options)
}

/**
 * The largest value of each window of pictures, per channel.
 *
 * Input [batch, height, width, channels], output [batch, rows, columns, channels]:
 * ⌊(size − poolSize) / stride⌋ + 1 along each axis, with padding 'same' ⌈size / stride⌉.
 * The gradient goes to that cell, of equal ones to the first. NaN counts as larger than any number. (PyTorch's padding
 * is a number, the same on both sides; with 'same' one cell more may lie at the end.)
 */
export function maxPool2d(options: PoolOptions<2> = {}): MaxPool2d {
  return new MaxPool2d(options)
}

/**
 * The largest value of each window of volumes, per channel.
 *
 * Input [batch, depth, height, width, channels], output [batch, layers, rows, columns, channels]:
 * ⌊(size − poolSize) / stride⌋ + 1 along each axis, with padding 'same' ⌈size / stride⌉.
 * The gradient goes to that cell, of equal ones to the first. NaN counts as larger than any number. (PyTorch's padding
 * is a number, the same on both sides; with 'same' one cell more may lie at the end.)
 */
export function maxPool3d(options: PoolOptions<3> = {}): MaxPool3d {
  return new MaxPool3d(options)
}
