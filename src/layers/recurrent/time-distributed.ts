import { reshape } from '../../ops/movement.ts'
import { checkOptions, describeValue, optionError, type Subject } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import { Tensor } from '../../tensor/graph.ts'
import { formatShape } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'

function layerOption(value: unknown, subject: Subject): Layer {
  if (value instanceof Layer) return value as Layer
  throw optionError(subject, 'a layer', value, 'Give one such as dense(10).')
}

const table = { layer: layerOption, ...layerTable }

export class TimeDistributed extends Layer {
  static readonly type = 'timeDistributed'
  readonly layer: Layer

  constructor(options: LayerOptions & { layer: Layer }) {
    const checked = checkOptions('timeDistributed', options, table)
    super(checked)
    this.layer = checked.layer
  }

  protected forward(x: Tensor): Tensor {
    if (!(x instanceof Tensor) || x.rank < 3)
      throw shapeError(
        'timeDistributed',
        `expected a sequence [batch, t, ...] of samples with one axis or more, got ${x instanceof Tensor ? formatShape(x.shape) : describeValue(x)}`,
      )
    const [batch, steps, ...sample] = x.shape as [number, number, ...number[]]
    const y = this.layer.apply(reshape(x, [batch * steps, ...sample]))
    if (!(y instanceof Tensor) || y.rank === 0 || y.size(0) !== batch * steps)
      throw shapeError(
        'timeDistributed',
        `expected the layer to give one result for each of ${batch * steps} steps, [${batch * steps}, ...], got ` +
          `${y instanceof Tensor ? formatShape(y.shape) : describeValue(y)}`,
      )
    return reshape(y, [batch, steps, ...y.shape.slice(1)])
  }

  protected override computeMask(_x: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }
}

/**
 * Applies a layer to each step of a sequence: input [batch, t, ...], output [batch, t, ...] of what the layer makes of a
 * sample. All steps are one batch for the layer, [batch·t, ...]: a batch normalization in it counts over samples and steps,
 * where Keras's counts over the samples of each step.
 */
export function timeDistributed(layer: Layer, options: LayerOptions = {}): TimeDistributed {
  return new TimeDistributed({ layer, ...options })
}
