import { toFloat } from '../ops/elementwise.ts'
import { randomDropout } from '../ops/random.ts'
import { checkOptions, nonNegativeInteger, number, optional } from '../options.ts'
import type { Tensor } from '../tensor/graph.ts'
import type { Context } from './context.ts'
import { Layer } from './layer.ts'
import { type LayerOptions, layerTable } from './options.ts'

export interface DropoutOptions extends LayerOptions {
  /** Fixes the mask: the same one in each step. Without it the model's seed decides, and every step has another. */
  seed?: number
}

const table = { rate: number({ min: 0, below: 1 }), seed: optional(nonNegativeInteger), ...layerTable }

export class Dropout extends Layer {
  static readonly type = 'dropout'
  readonly #checked

  constructor(options: DropoutOptions & { rate: number }) {
    const checked = checkOptions('dropout', options, table)
    super(checked)
    this.#checked = checked
  }

  protected forward(x: Tensor, { mode }: Context): Tensor {
    const { rate, seed } = this.#checked
    return mode === 'train' ? randomDropout(toFloat(x), rate, seed === undefined ? {} : { seed }) : x
  }

  protected override computeMask(_x: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }
}

/**
 * Sets inputs to 0 with probability `rate` while training and divides the others by 1 − rate, so that the expected
 * sum stays the same; otherwise it does nothing (Srivastava et al., 2014). The shape does not change.
 */
export function dropout(rate: number, options: DropoutOptions = {}): Dropout {
  return new Dropout({ rate, ...options })
}
