import { dropToLimit } from '../../ops/noise.ts'
import type { Drawn } from '../../ops/random.ts'
import { checkOptions, number } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { DropoutOptions } from '../dropout.ts'
import { NoiseLayer, noiseTable } from './layer.ts'

const table = { rate: number({ min: 0, below: 1 }), ...noiseTable }

export class AlphaDropout extends NoiseLayer {
  static readonly type = 'alphaDropout'
  readonly #rate: number

  constructor(options: DropoutOptions & { rate: number }) {
    const checked = checkOptions('alphaDropout', options, table)
    super(checked)
    this.#rate = checked.rate
  }

  protected disturb(x: Tensor, seeded: Drawn): Tensor {
    return dropToLimit(x, this.#rate, seeded)
  }
}

/**
 * Dropout for networks of selu: while training, with probability `rate` a value becomes what selu goes to far below 0, −1.758,
 * and all are then scaled and moved so that inputs of mean 0 and variance 1 keep both (Klambauer et al., 2017). Otherwise it
 * does nothing. The shape does not change.
 */
export function alphaDropout(rate: number, options: DropoutOptions = {}): AlphaDropout {
  return new AlphaDropout({ rate, ...options })
}
