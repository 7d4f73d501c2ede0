import type { Constraint } from '../constraints.ts'
import type { Initializer, InitializerName } from '../initializers.ts'
import { greater, mul, toFloat, where } from '../ops/elementwise.ts'
import { type Check, checkOptions, optional, optionError } from '../options.ts'
import type { Parameter } from '../parameters/parameter.ts'
import type { Regularizer } from '../regularizers.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'
import { Layer } from './layer.ts'
import { type LayerOptions, layerTable } from './options.ts'
import { makeWeight, penaltiesOf, weightTable } from './weights.ts'

export interface PreluOptions extends LayerOptions {
  /** Along these axes (the batch is 0) one slope serves all: [1, 2] for one per channel of a picture. Default none. */
  sharedAxes?: readonly number[]
  /** First values; default 'zeros'. */
  alphaInitializer?: InitializerName | Initializer
  alphaRegularizer?: Regularizer
  alphaConstraint?: Constraint
}

const axesOption: Check<readonly number[]> = (value, subject) => {
  if (Array.isArray(value) && value.every((axis) => Number.isSafeInteger(axis) && axis >= 1)) return value
  throw optionError(subject, 'a list of axes from 1 on', value, 'Write [1, 2]: the batch, axis 0, is always shared.')
}

const table = { sharedAxes: optional(axesOption, []), ...weightTable('alpha'), ...layerTable }

export class Prelu extends Layer {
  static readonly type = 'prelu'
  alpha!: Parameter
  readonly #checked

  constructor(options: PreluOptions = {}) {
    const checked = checkOptions('prelu', options, table)
    super(checked)
    this.#checked = checked
  }

  protected override build(shape: Shape): void {
    const { sharedAxes } = this.#checked
    const beyond = sharedAxes.find((axis) => axis >= shape.length)
    if (beyond !== undefined)
      throw shapeError('prelu', `the input ${formatShape(shape)} has no axis ${beyond}, which 'sharedAxes' names`)
    const own = shape.slice(1).map((size, i) => (sharedAxes.includes(i + 1) ? 1 : size))
    this.alpha = makeWeight('alpha', this.#checked, own, 'zeros')
  }

  protected forward(input: Tensor): Tensor {
    const x = toFloat(input)
    const own = this.alpha.shape
    if (x.rank !== own.length + 1 || own.some((size, i) => size !== 1 && size !== x.shape[i + 1]))
      throw shapeError(
        'prelu',
        `expected inputs [batch, ${own.join(', ')}], got ${formatShape(x.shape)}: the layer was built for them`,
      )
    return where(greater(x, 0), x, mul(x, this.alpha))
  }

  protected override computeMask(_x: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }

  override regularization() {
    return penaltiesOf(this.#checked, { alpha: this.alpha })
  }
}

/**
 * x where x > 0, else alpha·x, with a slope alpha that is trained (He et al., 2015): one for each element of a sample, or along
 * `sharedAxes` one for all. The shape does not change.
 *
 * PyTorch's PReLU has one slope, or one per channel, and starts with 0.25; here, as in Keras, slopes start with 0.
 */
export function prelu(options: PreluOptions = {}): Prelu {
  return new Prelu(options)
}
