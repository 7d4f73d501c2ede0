import { floor, mul } from '../../ops/elementwise.ts'
import { sample } from '../../ops/sampling.ts'
import { checkOptions, positiveInteger } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { DropoutOptions } from '../dropout.ts'
import { Augmentation, augmentationTable, mapsOf } from './layer.ts'
import { resized } from './resizing.ts'

const table = { height: positiveInteger, width: positiveInteger, ...augmentationTable }

export class RandomCrop extends Augmentation {
  static readonly type = 'randomCrop'
  readonly #checked

  constructor(options: DropoutOptions & { height: number; width: number }) {
    const checked = checkOptions('randomCrop', options, table)
    super(checked)
    this.#checked = checked
  }

  protected augment(x: Tensor): Tensor {
    const { height, width } = this.#checked
    const [n, rows, columns] = x.shape as [number, number, number, number]
    if (rows < height || columns < width) return this.restore(x)
    const [down, right] = this.draw(n, 2)
    const maps = mapsOf(n, [1, 0, floor(mul(right!, columns - width + 1)), 0, 1, floor(mul(down!, rows - height + 1))])
    return sample(x, maps, { height, width, interpolation: 'nearest', fillMode: 'nearest', fillValue: 0 })
  }

  protected override restore(x: Tensor): Tensor {
    const { height, width } = this.#checked
    const [, rows, columns] = x.shape as [number, number, number, number]
    const cut = (size: number, wanted: number) => Math.max(1, Math.min(size, Math.trunc(wanted)))
    const [h, w] = [cut(rows, (columns * height) / width), cut(columns, (rows * width) / height)]
    const [top, left] = [Math.trunc((rows - h) / 2), Math.trunc((columns - w) / 2)]
    const middle = x.at(':', `${top}:${top + h}`, `${left}:${left + w}`)
    return resized(middle, height, width, 'bilinear')
  }
}

/**
 * Cuts [batch, height, width, channels] out of larger pictures: while training each at a place of its own. Otherwise, and where
 * the pictures are smaller, the largest part in the middle that has the same proportions is resized. (Keras cuts all pictures of
 * a batch at one place; and Keras 3 leaves those of predictions as they are, against what its documentation says.)
 */
export function randomCrop(height: number, width: number, options: DropoutOptions = {}): RandomCrop {
  return new RandomCrop({ height, width, ...options })
}
