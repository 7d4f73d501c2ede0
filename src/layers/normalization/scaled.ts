/** Layers with gamma and beta per feature that normalise each sample by itself. */
import type { Initializer, InitializerName } from '../../initializers.ts'
import type { Parameter } from '../../parameters/parameter.ts'
import type { Regularizer } from '../../regularizers.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { Shape } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { layerTable } from '../options.ts'
import { makeWeight, penaltiesOf, weightTable } from '../weights.ts'
import { axisOption, epsilonOption, featureAxis, type NormalizationOptions, switchOption } from './along.ts'

export interface ScaledOptions extends NormalizationOptions {
  /** Whether beta is added; default true. */
  center?: boolean
  /** Whether it is multiplied by gamma; default true. */
  scale?: boolean
  /** First values; default 'ones'. */
  gammaInitializer?: InitializerName | Initializer
  /** First values; default 'zeros'. */
  betaInitializer?: InitializerName | Initializer
  gammaRegularizer?: Regularizer
  betaRegularizer?: Regularizer
}

export const scaledTable = {
  axis: axisOption,
  epsilon: epsilonOption(1e-3),
  center: switchOption,
  scale: switchOption,
  ...weightTable('gamma'),
  ...weightTable('beta'),
  ...layerTable,
}

interface Checked {
  readonly axis: number
  readonly center: boolean
  readonly scale: boolean
}

export abstract class Scaled extends Layer {
  gamma: Parameter | null = null
  beta: Parameter | null = null
  /** How many features it was built for. */
  protected features = 0
  readonly #checked: Checked

  constructor(checked: Checked) {
    super(checked)
    this.#checked = checked
  }

  protected override build(shape: Shape): void {
    const { axis, scale, center } = this.#checked
    this.features = shape[featureAxis(this.type, shape, axis)]!
    if (scale) this.gamma = makeWeight('gamma', this.#checked, [this.features], 'ones')
    if (center) this.beta = makeWeight('beta', this.#checked, [this.features], 'zeros')
  }

  protected override computeMask(_: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }

  override regularization() {
    return penaltiesOf(this.#checked, { gamma: this.gamma, beta: this.beta })
  }
}
