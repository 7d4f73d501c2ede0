import { add, mul, toFloat } from '../../ops/elementwise.ts'
import { checkOptions, number, optional } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'

export interface RescalingOptions extends LayerOptions {
  /** Default 0. */
  offset?: number
}

const table = { scale: number(), offset: optional(number(), 0), ...layerTable }

export class Rescaling extends Layer {
  static readonly type = 'rescaling'
  readonly #checked

  constructor(options: RescalingOptions & { scale: number }) {
    const checked = checkOptions('rescaling', options, table)
    super(checked)
    this.#checked = checked
  }

  protected forward(x: Tensor): Tensor {
    const { scale, offset } = this.#checked
    const scaled = mul(toFloat(x), scale)
    return offset === 0 ? scaled : add(scaled, offset)
  }

  protected override computeMask(_x: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }
}

/**
 * x·scale + offset, while training and else: `rescaling(1 / 255)` in front of a model that is given bytes. The shape does
 * not change.
 */
export function rescaling(scale: number, options: RescalingOptions = {}): Rescaling {
  return new Rescaling({ scale, ...options })
}
