import { mul, notEqual, toFloat } from '../../ops/elementwise.ts'
import { max } from '../../ops/reduce.ts'
import { checkOptions, number, optional } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'

export interface MaskingOptions extends LayerOptions {
  /** Steps of which every number is this one are padding; default 0. */
  maskValue?: number
}

const table = { maskValue: optional(number(), 0), ...layerTable }

export class Masking extends Layer {
  static readonly type = 'masking'
  readonly #maskValue: number

  constructor(options: MaskingOptions = {}) {
    const checked = checkOptions('masking', options, table)
    super(checked)
    this.#maskValue = checked.maskValue
  }

  protected forward(x: Tensor): Tensor {
    if (x.rank < 3) throw shapeError('masking', `expected sequences [batch, t, features], got ${formatShape(x.shape)}`)
    return mul(toFloat(x), toFloat(this.#counts(x, true)))
  }

  protected override computeMask(x: Tensor): Tensor {
    return this.#counts(x, false)
  }

  #counts(x: Tensor, keepdims: boolean): Tensor {
    return max(notEqual(x, this.#maskValue), { axis: x.shape.slice(2).map((_, i) => i + 2), keepdims })
  }
}

/**
 * Gives sequences [batch, t, features] a mask [batch, t]: a step whose numbers are all `maskValue` is padding. It becomes
 * zeros, and the layers behind leave it out; the loss and the metrics of an output that carries the mask do not count it.
 * The shape does not change. PyTorch has lengths instead (`pack_padded_sequence`).
 */
export function masking(options: MaskingOptions = {}): Masking {
  return new Masking(options)
}
