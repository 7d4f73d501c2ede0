import { multiplyByNoise } from '../../ops/noise.ts'
import type { Drawn } from '../../ops/random.ts'
import { checkOptions, number } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { DropoutOptions } from '../dropout.ts'
import { NoiseLayer, noiseTable } from './layer.ts'

const table = { rate: number({ min: 0, below: 1 }), ...noiseTable }

export class GaussianDropout extends NoiseLayer {
  static readonly type = 'gaussianDropout'
  readonly #rate: number

  constructor(options: DropoutOptions & { rate: number }) {
    const checked = checkOptions('gaussianDropout', options, table)
    super(checked)
    this.#rate = checked.rate
  }

  protected disturb(x: Tensor, seeded: Drawn): Tensor {
    return multiplyByNoise(x, this.#rate, seeded)
  }
}

/**
 * Multiplies by normal numbers of mean 1 and variance rate / (1 − rate) while training; otherwise it does nothing (Srivastava
 * et al., 2014). The shape does not change.
 */
export function gaussianDropout(rate: number, options: DropoutOptions = {}): GaussianDropout {
  return new GaussianDropout({ rate, ...options })
}
