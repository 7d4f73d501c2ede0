import { batchNormalize, moments } from '../../ops/batch-normalization.ts'
import { add, div, maximum, mul, square, sub, toFloat } from '../../ops/elementwise.ts'
import { reshape } from '../../ops/movement.ts'
import { sum } from '../../ops/reduce.ts'
import { checkOptions, number, optional } from '../../options.ts'
import type { Parameter } from '../../parameters/parameter.ts'
import { type State, state } from '../../parameters/state.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { Shape } from '../../tensor/shape.ts'
import type { Context } from '../context.ts'
import { Layer } from '../layer.ts'
import { layerTable } from '../options.ts'
import { makeWeight, penaltiesOf, weightTable } from '../weights.ts'
import { axisOption, checkFeatures, epsilonOption, featureAxis, switchOption, withLast } from './along.ts'
import type { ScaledOptions } from './scaled.ts'

export interface BatchNormalizationOptions extends ScaledOptions {
  /** How much of the moving statistics stays in each step; default 0.99. */
  momentum?: number
}

const table = {
  axis: axisOption,
  momentum: optional(number({ min: 0, max: 1 }), 0.99),
  epsilon: epsilonOption(1e-3),
  center: switchOption,
  scale: switchOption,
  ...weightTable('gamma'),
  ...weightTable('beta'),
  ...layerTable,
}

export class BatchNormalization extends Layer {
  static readonly type = 'batchNormalization'
  gamma: Parameter | null = null
  beta: Parameter | null = null
  movingMean!: State
  movingVariance!: State
  readonly #checked

  constructor(options: BatchNormalizationOptions = {}) {
    const checked = checkOptions('batchNormalization', options, table)
    super(checked)
    this.#checked = checked
  }

  protected override build(shape: Shape): void {
    const { axis, scale, center } = this.#checked
    const size = [shape[featureAxis(this.type, shape, axis)]!]
    if (scale) this.gamma = makeWeight('gamma', this.#checked, size, 'ones')
    if (center) this.beta = makeWeight('beta', this.#checked, size, 'zeros')
    this.movingMean = state(size, 'zeros')
    this.movingVariance = state(size, 'ones')
  }

  protected forward(input: Tensor, context: Context): Tensor {
    const axis = featureAxis(this.type, input.shape, this.#checked.axis)
    checkFeatures(this.type, input.shape, axis, this.movingMean.size())
    return withLast(toFloat(input), axis, (x) => {
      const { epsilon } = this.#checked
      // What is frozen does not move, and is used as it is, as in Keras.
      if (context.mode !== 'train' || !context.trainable)
        return batchNormalize(x, { mean: this.movingMean, variance: this.movingVariance }, this, {
          epsilon,
          own: false,
        })
      const isMasked = context.mask !== undefined && axis === input.rank - 1
      const own = isMasked ? maskedMoments(x, context.mask!) : moments(x)
      this.#move(own, context)
      return batchNormalize(x, own, this, { epsilon, own: !isMasked })
    })
  }

  #move({ mean, variance }: { mean: Tensor; variance: Tensor }, context: Context): void {
    const { momentum } = this.#checked
    const moved = (before: State, now: Tensor) => add(mul(before, momentum), mul(now, 1 - momentum))
    context.update(this.movingMean, moved(this.movingMean, mean))
    context.update(this.movingVariance, moved(this.movingVariance, variance))
  }

  protected override computeMask(_: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }

  override regularization() {
    return penaltiesOf(this.#checked, { gamma: this.gamma, beta: this.beta })
  }
}

/** Of the steps that count: x [batch, t, ..., channels], mask [batch, t]. */
function maskedMoments(x: Tensor, mask: Tensor): { mean: Tensor; variance: Tensor } {
  const counts = reshape(toFloat(mask), [...mask.shape, ...x.shape.slice(2).map(() => 1)])
  const axis = x.shape.map((_, i) => i).slice(0, -1)
  const perStep = x.size() / (mask.size() * x.size(-1))
  const total = maximum(mul(sum(counts), perStep), 1e-7)
  const average = (t: Tensor) => div(sum(mul(t, counts), { axis }), total)
  const mean = average(x)
  return { mean, variance: average(square(sub(x, mean))) }
}

/**
 * Normalises each channel over the batch and all positions: y = (x − mean) / √(variance + epsilon)·gamma + beta
 * (Ioffe and Szegedy, 2015). The shape does not change; gamma and beta are [channels].
 *
 * In training, mean and variance (Σ (x − mean)² / n) are the batch's, and the moving ones, which are state, become
 * moving·momentum + batch·(1 − momentum). In prediction, and where the layer or one around it is not trainable, the moving
 * ones are used. A relu behind it is computed in the same pass. Steps that a mask leaves out do not count.
 *
 * PyTorch's BatchNorm has epsilon 1e-5 and momentum 0.1, which is 1 − 0.9 here, and moves its variance by the unbiased
 * one, Σ (x − mean)² / (n − 1).
 */
export function batchNormalization(options: BatchNormalizationOptions = {}): BatchNormalization {
  return new BatchNormalization(options)
}
