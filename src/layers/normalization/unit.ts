import { toFloat } from '../../ops/elementwise.ts'
import { rowNormalize } from '../../ops/row-normalization.ts'
import { checkOptions } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { axisOption, featureAxis, withLast } from './along.ts'

export interface UnitNormalizationOptions extends LayerOptions {
  /** The axis of the features, negative from the end; default −1. */
  axis?: number
}

const table = { axis: axisOption, ...layerTable }

// Of a row of zeros, which stays zeros.
const epsilon = 1e-12

export class UnitNormalization extends Layer {
  static readonly type = 'unitNormalization'
  readonly #axis

  constructor(options: UnitNormalizationOptions = {}) {
    const checked = checkOptions('unitNormalization', options, table)
    super(checked)
    this.#axis = checked.axis
  }

  protected forward(x: Tensor): Tensor {
    const at = featureAxis(this.type, x.shape, this.#axis)
    return withLast(toFloat(x), at, (t) => rowNormalize(t, { gamma: null, beta: null }, { kind: 'unit', epsilon }))
  }

  protected override computeMask(_: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }
}

/**
 * Divides each sample, at each position, by its length: y = x / √Σ x² over the features, so that Σ y² is 1. Zeros stay
 * zeros. The shape does not change. As PyTorch's functional.normalize.
 */
export function unitNormalization(options: UnitNormalizationOptions = {}): UnitNormalization {
  return new UnitNormalization(options)
}
