import { mul } from '../../ops/elementwise.ts'
import { type Drawn, randomDropout } from '../../ops/random.ts'
import { checkOptions, number } from '../../options.ts'
import { full } from '../../tensor/create.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape } from '../../tensor/shape.ts'
import type { DropoutOptions } from '../dropout.ts'
import { NoiseLayer, noiseTable } from './layer.ts'

const table = { rate: number({ min: 0, below: 1 }), ...noiseTable }

abstract class SpatialDropout extends NoiseLayer {
  readonly #rate: number

  constructor(checked: Drawn & { rate: number }) {
    super(checked)
    this.#rate = checked.rate
  }

  /** Of the input. */
  protected abstract readonly axes: readonly string[]

  protected disturb(x: Tensor, seeded: Drawn): Tensor {
    if (x.rank !== this.axes.length)
      throw shapeError(this.type, `expected inputs [${this.axes.join(', ')}], got ${formatShape(x.shape)}`)
    if (this.#rate === 0) return x
    const shape = x.shape.map((size, i) => (i === 0 || i === x.rank - 1 ? size : 1))
    return mul(x, randomDropout(full(shape, 1), this.#rate, seeded as { seed?: number }))
  }
}

export class SpatialDropout1d extends SpatialDropout {
  static readonly type = 'spatialDropout1d'
  protected readonly axes = ['batch', 'steps', 'channels']

  constructor(options: DropoutOptions & { rate: number }) {
    super(checkOptions('spatialDropout1d', options, table))
  }
}

export class SpatialDropout2d extends SpatialDropout {
  static readonly type = 'spatialDropout2d'
  protected readonly axes = ['batch', 'height', 'width', 'channels']

  constructor(options: DropoutOptions & { rate: number }) {
    super(checkOptions('spatialDropout2d', options, table))
  }
}

/**
 * Dropout of whole channels of a series: input [batch, steps, channels]. While training, each channel of each sample is 0 with
 * probability `rate`, and the others are divided by 1 − rate (Tompson et al., 2015). The shape does not change.
 */
export function spatialDropout1d(rate: number, options: DropoutOptions = {}): SpatialDropout1d {
  return new SpatialDropout1d({ rate, ...options })
}

/**
 * Dropout of whole channels of a picture: input [batch, height, width, channels]. While training, each channel of each picture
 * is 0 with probability `rate`, and the others are divided by 1 − rate (Tompson et al., 2015). The shape does not change.
 */
export function spatialDropout2d(rate: number, options: DropoutOptions = {}): SpatialDropout2d {
  return new SpatialDropout2d({ rate, ...options })
}
