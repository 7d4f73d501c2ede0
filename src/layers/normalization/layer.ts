import { toFloat } from '../../ops/elementwise.ts'
import { rowNormalize } from '../../ops/row-normalization.ts'
import { checkOptions } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { checkFeatures, featureAxis, withLast } from './along.ts'
import { Scaled, type ScaledOptions, scaledTable } from './scaled.ts'

export class LayerNormalization extends Scaled {
  static readonly type = 'layerNormalization'
  readonly #own

  constructor(options: ScaledOptions = {}) {
    const checked = checkOptions('layerNormalization', options, scaledTable)
    super(checked)
    this.#own = checked
  }

  protected forward(x: Tensor): Tensor {
    const { axis, epsilon } = this.#own
    const at = featureAxis(this.type, x.shape, axis)
    checkFeatures(this.type, x.shape, at, this.features)
    return withLast(toFloat(x), at, (t) => rowNormalize(t, this, { kind: 'layer', epsilon }))
  }
}

/**
 * Normalises each sample, at each position, over its features: y = (x − mean) / √(variance + epsilon)·gamma + beta with
 * mean and variance along `axis` (Ba et al., 2016). The shape does not change; gamma and beta are [features].
 *
 * PyTorch's LayerNorm has epsilon 1e-5.
 */
export function layerNormalization(options: ScaledOptions = {}): LayerNormalization {
  return new LayerNormalization(options)
}
