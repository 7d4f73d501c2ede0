import { mul } from '../../ops/elementwise.ts'
import { checkOptions } from '../../options.ts'
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

const table = { heightFactor: factorOption(-1, 1), widthFactor: factorOption(-1, 1), ...samplingTable }

export class RandomTranslation extends Augmentation {
  static readonly type = 'randomTranslation'
  readonly #checked

  constructor(options: SamplingOptions & { heightFactor: Factor; widthFactor: Factor }) {
    const checked = checkOptions('randomTranslation', options, table)
    super(checked)
    this.#checked = checked
  }

  protected augment(x: Tensor): Tensor {
    const { heightFactor, widthFactor } = this.#checked
    const [n, height, width] = x.shape as [number, number, number, number]
    const [down, right] = this.draw(n, 2)
    const dy = mul(within(down!, heightFactor), -height)
    const dx = mul(within(right!, widthFactor), -width)
    return moved(x, mapsOf(n, [1, 0, dx, 0, 1, dy]), this.#checked)
  }
}

/**
 * Moves pictures [batch, height, width, channels] while training, each by steps of its own; otherwise it does nothing. The shape
 * does not change.
 * @param heightFactor part of the height: 0.1 is up or down by a tenth at most, [0, 0.1] down only
 * @param widthFactor part of the width, positive to the right
 */
export function randomTranslation(
  heightFactor: Factor,
  widthFactor: Factor,
  options: SamplingOptions = {},
): RandomTranslation {
  return new RandomTranslation({ heightFactor, widthFactor, ...options })
}
