import { add, cos, mul, neg, sin, sub } from '../../ops/elementwise.ts'
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

const table = { factor: factorOption(-1, 1), ...samplingTable }

export class RandomRotation extends Augmentation {
  static readonly type = 'randomRotation'
  readonly #checked

  constructor(options: SamplingOptions & { factor: Factor }) {
    const checked = checkOptions('randomRotation', options, table)
    super(checked)
    this.#checked = checked
  }

  protected augment(x: Tensor): Tensor {
    const [n, height, width] = x.shape as [number, number, number, number]
    const angle = mul(within(this.draw(n, 1)[0]!, this.#checked.factor), 2 * Math.PI)
    const [c, s] = [cos(angle), sin(angle)]
    const [cx, cy] = [(width - 1) / 2, (height - 1) / 2]
    const a2 = add(sub(cx, mul(c, cx)), mul(s, cy))
    const b2 = sub(sub(cy, mul(s, cx)), mul(c, cy))
    return moved(x, mapsOf(n, [c, neg(s), a2, s, c, b2]), this.#checked)
  }
}

/**
 * Turns pictures [batch, height, width, channels] about their middle while training, each by an angle of its own; otherwise it
 * does nothing. The shape does not change.
 * @param factor whole turns: 0.1 is from −36 to 36 degrees, [0, 0.25] from 0 to 90, counter-clockwise
 */
export function randomRotation(factor: Factor, options: SamplingOptions = {}): RandomRotation {
  return new RandomRotation({ factor, ...options })
}
