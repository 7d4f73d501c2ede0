import type { Initializer, InitializerName } from '../../initializers.ts'
import { toFloat } from '../../ops/elementwise.ts'
import { rowNormalize } from '../../ops/row-normalization.ts'
import { checkOptions } from '../../options.ts'
import type { Parameter } from '../../parameters/parameter.ts'
import type { Regularizer } from '../../regularizers.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { Shape } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { makeWeight, penaltiesOf, weightTable } from '../weights.ts'
import { axisOption, checkFeatures, epsilonOption, featureAxis, withLast } from './along.ts'

export interface RmsNormalizationOptions extends LayerOptions {
  /** The axis of the features, negative from the end; default −1. */
  axis?: number
  /** Added to the mean of the squares; default 1e-6. */
  epsilon?: number
  /** First values; default 'ones'. */
  scaleInitializer?: InitializerName | Initializer
  scaleRegularizer?: Regularizer
}

const table = { axis: axisOption, epsilon: epsilonOption(1e-6), ...weightTable('scale'), ...layerTable }

export class RmsNormalization extends Layer {
  static readonly type = 'rmsNormalization'
  scale!: Parameter
  readonly #checked

  constructor(options: RmsNormalizationOptions = {}) {
    const checked = checkOptions('rmsNormalization', options, table)
    super(checked)
    this.#checked = checked
  }

  protected override build(shape: Shape): void {
    this.scale = makeWeight('scale', this.#checked, [shape[featureAxis(this.type, shape, this.#checked.axis)]!], 'ones')
  }

  protected forward(x: Tensor): Tensor {
    const { axis, epsilon } = this.#checked
    const at = featureAxis(this.type, x.shape, axis)
    checkFeatures(this.type, x.shape, at, this.scale.size())
    const weights = { gamma: this.scale, beta: null }
    return withLast(toFloat(x), at, (t) => rowNormalize(t, weights, { kind: 'meanSquare', epsilon }))
  }

  protected override computeMask(_: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }

  override regularization() {
    return penaltiesOf(this.#checked, { scale: this.scale })
  }
}

/**
 * Divides each sample, at each position, by the root of the mean of its squared features: y = x / √(mean x² + epsilon)·scale
 * (Zhang and Sennrich, 2019). The shape does not change; scale is [features].
 *
 * PyTorch's RMSNorm has as its epsilon the smallest step of the type, 1.2e-7.
 */
export function rmsNormalization(options: RmsNormalizationOptions = {}): RmsNormalization {
  return new RmsNormalization(options)
}
