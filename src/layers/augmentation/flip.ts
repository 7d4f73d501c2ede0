import { less, mul, sub, toFloat } from '../../ops/elementwise.ts'
import { checkOptions, oneOf, optional } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { DropoutOptions } from '../dropout.ts'
import { Augmentation, augmentationTable, mapsOf, moved } from './layer.ts'

export interface FlipOptions extends DropoutOptions {
  /** Left and right, top and bottom, or both, each by a draw of its own; default 'both'. */
  mode?: 'horizontal' | 'vertical' | 'both'
}

const table = { mode: optional(oneOf(['horizontal', 'vertical', 'both']), 'both'), ...augmentationTable }

export class RandomFlip extends Augmentation {
  static readonly type = 'randomFlip'
  readonly #mode

  constructor(options: FlipOptions = {}) {
    const checked = checkOptions('randomFlip', options, table)
    super(checked)
    this.#mode = checked.mode
  }

  protected augment(x: Tensor): Tensor {
    const [n, height, width] = x.shape as [number, number, number, number]
    const [across, down] = this.draw(n, 2).map((u) => toFloat(less(u, 0.5)))
    // A flip: from a column to the last one minus it.
    const flip = (flips: Tensor, size: number) => [sub(1, mul(flips, 2)), mul(flips, size - 1)] as const
    const [a0, a2] = this.#mode === 'vertical' ? [1, 0] : flip(across!, width)
    const [b1, b2] = this.#mode === 'horizontal' ? [1, 0] : flip(down!, height)
    const maps = mapsOf(n, [a0, 0, a2, 0, b1, b2])
    return moved(x, maps, { interpolation: 'nearest', fillMode: 'nearest', fillValue: 0 })
  }
}

/**
 * Flips pictures [batch, height, width, channels] while training, each with probability ½; otherwise it does nothing. The shape
 * does not change. Keras draws once for both directions, here each has a draw of its own.
 */
export function randomFlip(options: FlipOptions = {}): RandomFlip {
  return new RandomFlip(options)
}
