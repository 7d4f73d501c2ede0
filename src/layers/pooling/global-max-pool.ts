import { max } from '../../ops/reduce.ts'
import { GlobalPool, type GlobalPoolOptions } from './pool.ts'

export class GlobalMaxPool1d extends GlobalPool {
  static readonly type = 'globalMaxPool1d'

  constructor(options: GlobalPoolOptions = {}) {
    super('globalMaxPool1d', 1, max, options)
  }
}

export class GlobalMaxPool2d extends GlobalPool {
  static readonly type = 'globalMaxPool2d'

  constructor(options: GlobalPoolOptions = {}) {
    super('globalMaxPool2d', 2, max, options)
  }
}

export class GlobalMaxPool3d extends GlobalPool {
  static readonly type = 'globalMaxPool3d'

  constructor(options: GlobalPoolOptions = {}) {
    super('globalMaxPool3d', 3, max, options)
  }
}

/**
 * The largest value of each channel of whole sequences.
 *
 * Input [batch, time, channels], output [batch, channels].
 * Equal ones share the gradient.
 */
export function globalMaxPool1d(options: GlobalPoolOptions = {}): GlobalMaxPool1d {
  return new GlobalMaxPool1d(options)
}

/**
 * The largest value of each channel of whole pictures.
 *
 * Input [batch, height, width, channels], output [batch, channels].
 * Equal ones share the gradient.
 */
export function globalMaxPool2d(options: GlobalPoolOptions = {}): GlobalMaxPool2d {
  return new GlobalMaxPool2d(options)
}

/**
 * The largest value of each channel of whole volumes.
 *
 * Input [batch, depth, height, width, channels], output [batch, channels].
 * Equal ones share the gradient.
 */
export function globalMaxPool3d(options: GlobalPoolOptions = {}): GlobalMaxPool3d {
  return new GlobalMaxPool3d(options)
}
