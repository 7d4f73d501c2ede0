import { add, clip, mul, sub } from '../../ops/elementwise.ts'
import { reshape } from '../../ops/movement.ts'
import { mean } from '../../ops/reduce.ts'
import { type Check, checkOptions, number, optional, optionError } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { DropoutOptions } from '../dropout.ts'
import { Augmentation, augmentationTable, type Factor, factorOption, within } from './layer.ts'

export interface ContrastOptions extends DropoutOptions {
  /** What results are cut to; default [0, 255]. */
  valueRange?: readonly [low: number, high: number]
}

const rangeOption: Check<readonly [number, number]> = (value, subject) => {
  const [low, high] = Array.isArray(value) && value.length === 2 ? value.map((v) => number()(v, subject)) : []
  if (low !== undefined && high !== undefined && low < high) return [low, high]
  throw optionError(subject, 'a lowest and a highest value', value, 'Write [0, 1] or [0, 255].')
}

const table = {
  factor: factorOption(-1, 1),
  valueRange: optional(rangeOption, [0, 255]),
  ...augmentationTable,
}

export class RandomContrast extends Augmentation {
  static readonly type = 'randomContrast'
  readonly #checked

  constructor(options: ContrastOptions & { factor: Factor }) {
    const checked = checkOptions('randomContrast', options, table)
    super(checked)
    this.#checked = checked
  }

  protected augment(x: Tensor): Tensor {
    const { factor, valueRange } = this.#checked
    const n = x.shape[0]!
    const times = reshape(within(this.draw(n, 1)[0]!, [1 + factor[0], 1 + factor[1]]), [n, 1, 1, 1])
    const middle = mean(x, { axis: [1, 2], keepdims: true })
    return clip(add(mul(sub(x, middle), times), middle), ...valueRange)
  }
}

/**
 * Changes the contrast of pictures [batch, height, width, channels] while training: (x − m)·f + m, m the mean of a channel of a
 * picture, f of its own for each picture. Otherwise it does nothing. The shape does not change.
 * @param factor f is from 1 − factor to 1 + factor, or from 1 + low to 1 + high. (For one number Keras's code draws from 1 to
 *   1 + factor, against what its documentation says; its list is [−low, high].)
 */
export function randomContrast(factor: Factor, options: ContrastOptions = {}): RandomContrast {
  return new RandomContrast({ factor, ...options })
}
