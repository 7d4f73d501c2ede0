/** Layers that change values by chance while training, and else do nothing. */
import { toFloat } from '../../ops/elementwise.ts'
import type { Drawn } from '../../ops/random.ts'
import { nonNegativeInteger, optional } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { Context } from '../context.ts'
import { Layer } from '../layer.ts'
import { layerTable } from '../options.ts'

export const noiseTable = { seed: optional(nonNegativeInteger), ...layerTable }

export abstract class NoiseLayer extends Layer {
  readonly #seeded: Drawn

  constructor(checked: Drawn) {
    super(checked)
    this.#seeded = checked.seed === undefined ? {} : { seed: checked.seed }
  }

  /** x while training. */
  protected abstract disturb(x: Tensor, seeded: Drawn): Tensor

  protected forward(x: Tensor, { mode }: Context): Tensor {
    return mode === 'train' ? this.disturb(toFloat(x), this.#seeded) : x
  }

  protected override computeMask(_x: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }
}
