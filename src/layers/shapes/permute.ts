import { transpose } from '../../ops/movement.ts'
import { type Check, checkOptions, optionError } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape, largestRank } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'

const orderOption: Check<readonly number[]> = (value, subject) => {
  const list: unknown[] = Array.isArray(value) && value.length < largestRank ? Array.from(value) : []
  if (list.length > 0 && list.every((_, i) => list.includes(i + 1))) return list as number[]
  throw optionError(
    subject,
    'the numbers 1, 2, ... of the axes behind the batch, in another order',
    value,
    'Write [2, 1] to swap the two axes of a sample.',
  )
}

const table = { order: orderOption, ...layerTable }

export class Permute extends Layer {
  static readonly type = 'permute'
  readonly #order

  constructor(options: LayerOptions & { order: readonly number[] }) {
    const checked = checkOptions('permute', options, table)
    super(checked)
    this.#order = checked.order
  }

  protected forward(x: Tensor): Tensor {
    if (x.rank !== this.#order.length + 1)
      throw shapeError(
        'permute',
        `the order ${formatShape(this.#order)} is of samples with ${this.#order.length} axes, got inputs of shape ` +
          `${formatShape(x.shape)}, whose samples have ${x.rank - 1}`,
      )
    return transpose(x, [0, ...this.#order])
  }
}

/**
 * The axes of each sample in another order, as in Keras counted from 1: `permute([2, 1])` makes [batch, b, a] of
 * [batch, a, b]. PyTorch's permute counts the batch, too.
 */
export function permute(order: readonly number[], options: LayerOptions = {}): Permute {
  return new Permute({ order, ...options })
}
