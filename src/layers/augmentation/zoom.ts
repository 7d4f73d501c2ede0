import { mul, sub } from '../../ops/elementwise.ts'
import { checkOptions, optional } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import {
  Augmentation,
  type Factor,
  factorOption,
  mapsOf,
  moved,
  type SamplingOptions,
  samplingTable,
  within,
} from './layer.ts'

export interface ZoomOptions extends SamplingOptions {
  /** Of the width on its own; by default the proportions stay. */
  widthFactor?: Factor
}

const least = -1 + 2 ** -20 // nothing is left at −1
const table = { heightFactor: factorOption(least, 1), widthFactor: optional(factorOption(least, 1)), ...samplingTable }

export class RandomZoom extends Augmentation {
  static readonly type = 'randomZoom'
  readonly #checked

  constructor(options: ZoomOptions & { heightFactor: Factor }) {
    const checked = checkOptions('randomZoom', options, table)
    super(checked)
    this.#checked = checked
  }

  protected augment(x: Tensor): Tensor {
    const { heightFactor, widthFactor } = this.#checked
    const [n, height, width] = x.shape as [number, number, number, number]
    const [down, across] = this.draw(n, 2)
    const b1 = within(down!, [1 + heightFactor[0], 1 + heightFactor[1]])
    const a0 = widthFactor ? within(across!, [1 + widthFactor[0], 1 + widthFactor[1]]) : b1
    const kept = (size: number, zoom: Tensor) => mul(sub(1, zoom), (size - 1) / 2)
    return moved(x, mapsOf(n, [a0, 0, kept(width, a0), 0, b1, kept(height, b1)]), this.#checked)
  }
}

/**
 * Zooms pictures [batch, height, width, channels] about their middle while training, each by a factor of its own; otherwise it
 * does nothing. The shape does not change.
 * @param heightFactor 0.2 is from 20 % closer to 20 % further; [-0.3, -0.2] closer only, positive ones further away
 */
export function randomZoom(heightFactor: Factor, options: ZoomOptions = {}): RandomZoom {
  return new RandomZoom({ heightFactor, ...options })
}
