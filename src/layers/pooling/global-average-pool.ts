import { div, mul, toFloat } from '../../ops/elementwise.ts'
import { reshape } from '../../ops/movement.ts'
import { mean, sum } from '../../ops/reduce.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { Context } from '../context.ts'
import { channelsOf } from '../sizes.ts'
import { GlobalPool, type GlobalPoolOptions } from './pool.ts'

export class GlobalAveragePool1d extends GlobalPool {
  static readonly type = 'globalAveragePool1d'

  constructor(options: GlobalPoolOptions = {}) {
    super('globalAveragePool1d', 1, mean, options)
  }

  protected override forward(x: Tensor, context: Context): Tensor {
    const { mask } = context
    if (!mask) return super.forward(x, context)
    channelsOf(this.type, x.shape, 1)
    const counts = reshape(toFloat(mask), [...mask.shape, 1])
    const over = { axis: 1, keepdims: this.options.keepdims === true }
    return div(sum(mul(toFloat(x), counts), over), sum(counts, over))
  }
}

export class GlobalAveragePool2d extends GlobalPool {
  static readonly type = 'globalAveragePool2d'

  constructor(options: GlobalPoolOptions = {}) {
    super('globalAveragePool2d', 2, mean, options)
  }
}

export class GlobalAveragePool3d extends GlobalPool {
  static readonly type = 'globalAveragePool3d'

  constructor(options: GlobalPoolOptions = {}) {
    super('globalAveragePool3d', 3, mean, options)
  }
}

/**
 * The average of each channel over whole sequences (Lin et al., 2013, Network in network).
 *
 * Input [batch, time, channels], output [batch, channels]. Steps that a mask leaves out do not count.
 */
export function globalAveragePool1d(options: GlobalPoolOptions = {}): GlobalAveragePool1d {
  return new GlobalAveragePool1d(options)
}

/**
 * The average of each channel over whole pictures (Lin et al., 2013, Network in network).
 *
 * Input [batch, height, width, channels], output [batch, channels].
 */
export function globalAveragePool2d(options: GlobalPoolOptions = {}): GlobalAveragePool2d {
  return new GlobalAveragePool2d(options)
}

/**
 * The average of each channel over whole volumes (Lin et al., 2013, Network in network).
 *
 * Input [batch, depth, height, width, channels], output [batch, channels].
 */
export function globalAveragePool3d(options: GlobalPoolOptions = {}): GlobalAveragePool3d {
  return new GlobalAveragePool3d(options)
}
