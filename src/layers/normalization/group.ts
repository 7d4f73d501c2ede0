import { toFloat } from '../../ops/elementwise.ts'
import { groupNormalize } from '../../ops/group-normalization.ts'
import { checkOptions, optional, optionError, type Subject } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape, type Shape } from '../../tensor/shape.ts'
import { checkFeatures, featureAxis, withLast } from './along.ts'
import { Scaled, type ScaledOptions, scaledTable } from './scaled.ts'

export interface GroupNormalizationOptions extends ScaledOptions {
  /** In how many groups the channels are; −1: each is one (instance normalisation). Default 32. */
  groups?: number
}

function groupsOption(value: unknown, subject: Subject): number {
  if (Number.isSafeInteger(value) && ((value as number) >= 1 || value === -1)) return value as number
  throw optionError(
    subject,
    'a positive integer, or -1 for one group per channel',
    value,
    'Give a divisor of the channels.',
  )
}

const table = { groups: optional(groupsOption, 32), ...scaledTable }

export class GroupNormalization extends Scaled {
  static readonly type = 'groupNormalization'
  readonly #own

  constructor(options: GroupNormalizationOptions = {}) {
    const checked = checkOptions('groupNormalization', options, table)
    super(checked)
    this.#own = checked
  }

  protected override build(shape: Shape): void {
    const { axis, groups } = this.#own
    const channels = shape[featureAxis(this.type, shape, axis)]!
    if (groups !== -1 && channels % groups !== 0)
      throw shapeError(
        this.type,
        `${groups} groups do not divide the ${channels} channels of ${formatShape(shape)}. Give groups: a divisor of ${channels}.`,
      )
    super.build(shape)
  }

  protected forward(x: Tensor): Tensor {
    const { axis, epsilon, groups } = this.#own
    const at = featureAxis(this.type, x.shape, axis)
    checkFeatures(this.type, x.shape, at, this.features)
    const count = groups === -1 ? this.features : groups
    return withLast(toFloat(x), at, (t) => groupNormalize(t, this, { groups: count, epsilon }))
  }
}

/**
 * Normalises each sample over its positions and the channels of a group: y = (x − mean) / √(variance + epsilon)·gamma + beta
 * (Wu and He, 2018). The shape does not change; gamma and beta are [channels]. With one group it is layer normalisation
 * over all of a sample, with as many groups as channels instance normalisation.
 *
 * PyTorch's GroupNorm has epsilon 1e-5.
 */
export function groupNormalization(options: GroupNormalizationOptions = {}): GroupNormalization {
  return new GroupNormalization(options)
}
