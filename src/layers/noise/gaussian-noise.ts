import { addNoise } from '../../ops/noise.ts'
import type { Drawn } from '../../ops/random.ts'
import { checkOptions, number } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { DropoutOptions } from '../dropout.ts'
import { NoiseLayer, noiseTable } from './layer.ts'

const table = { stddev: number({ min: 0 }), ...noiseTable }

export class GaussianNoise extends NoiseLayer {
  static readonly type = 'gaussianNoise'
  readonly #stddev: number

  constructor(options: DropoutOptions & { stddev: number }) {
    const checked = checkOptions('gaussianNoise', options, table)
    super(checked)
    this.#stddev = checked.stddev
  }

  protected disturb(x: Tensor, seeded: Drawn): Tensor {
    return addNoise(x, this.#stddev, seeded)
  }
}

/**
 * Adds normal numbers of mean 0 and deviation `stddev` while training; otherwise it does nothing. The shape does not change.
 * The gradient passes as it is.
 */
export function gaussianNoise(stddev: number, options: DropoutOptions = {}): GaussianNoise {
  return new GaussianNoise({ stddev, ...options })
}
