/** Metrics: functions of labels and predictions that give one number per sample, [batch]; reported as their mean. */

import { ChainruleError } from './errors.ts'
import {
  areClassNumbers,
  classNumbers,
  isRegression,
  type LossFunction,
  type LossName,
  losses,
  lossFunction,
} from './losses.ts'
import { abs, equal, greater, less, sub, toFloat } from './ops/elementwise.ts'
import { reshape } from './ops/movement.ts'
import { argmax, mean } from './ops/reduce.ts'
import { describeValue, oneOf } from './options.ts'
import { shapeError } from './tensor/describing.ts'
import type { Tensor } from './tensor/graph.ts'
import { formatShape, sameShape } from './tensor/shape.ts'

export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor

export interface Metric<N extends string = string> {
  readonly kind: 'metric'
  readonly name: N
  /** The constant comes from `prepare`. */
  readonly compute: (yTrue: Tensor, yPred: Tensor, constant: number) => Tensor
  /** A constant that follows from the training targets; it is computed once and kept with the model. */
  readonly prepare?: (targets: Float64Array) => number
}

/** 1 where the argmax of predictions [batch, classes] is the label; one-hot labels by argmax. */
function categoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  if (yPred.rank < 2)
    throw shapeError('categoricalAccuracy', `expected predictions [batch, classes], got ${formatShape(yPred.shape)}`)
  const truth = areClassNumbers(yTrue, yPred) ? classNumbers(yTrue, 'accuracy') : argmax(yTrue, { axis: -1 })
  return toFloat(equal(argmax(yPred, { axis: -1 }), truth))
}

/** ŷ > 0.5 against y, averaged over all outputs of a sample. */
function binaryAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  return perSample('binaryAccuracy', yTrue, yPred, (y) => toFloat(equal(greater(yPred, 0.5), greater(y, 0.5))))
}

/** |ŷ − y| below a 250th of the targets' population standard deviation, averaged over all outputs of a sample. */
function regressionAccuracy(yTrue: Tensor, yPred: Tensor, tolerance: number): Tensor {
  return perSample('regressionAccuracy', yTrue, yPred, (y) => toFloat(less(abs(sub(yPred, y)), tolerance)))
}

function perSample(where: string, yTrue: Tensor, yPred: Tensor, compare: (y: Tensor) => Tensor): Tensor {
  if (yTrue.size() !== yPred.size())
    throw shapeError(where, `labels ${formatShape(yTrue.shape)} and predictions ${formatShape(yPred.shape)} differ`)
  return mean(reshape(compare(reshape(yTrue, yPred.shape)), [yPred.shape[0]!, -1]), { axis: 1 })
}

/** The population standard deviation / 250. */
function toleranceOf(targets: Float64Array): number {
  const average = targets.reduce((sum, v) => sum + v, 0) / targets.length
  return Math.sqrt(targets.reduce((sum, v) => sum + (v - average) ** 2, 0) / targets.length) / 250
}

const builtIn = {
  categoricalAccuracy: { compute: categoricalAccuracy },
  binaryAccuracy: { compute: binaryAccuracy },
  regressionAccuracy: { compute: regressionAccuracy, prepare: toleranceOf },
}

/** 'accuracy' is the one that fits the loss: categorical, binary or regression. */
export type MetricName = keyof typeof builtIn | 'accuracy'

const names: readonly MetricName[] = ['accuracy', ...(Object.keys(builtIn) as (keyof typeof builtIn)[])]

export const metrics = {
  /** A metric of your own: a function that gives one number per sample, [batch]. */
  custom<N extends string>(name: N, compute: MetricFunction): Metric<N> {
    if (typeof name !== 'string' || name === '' || typeof compute !== 'function')
      throw new ChainruleError(
        'ERR_OPTION',
        `metrics.custom: expected a name and a function, got ${describeValue(name)} and ${describeValue(compute)}`,
      )
    return Object.freeze({ kind: 'metric', name, compute } as const)
  },
}

/** A metric from its name or itself. */
export function metricOf(given: unknown, loss: LossName | LossFunction): Metric {
  if ((given as Metric | null)?.kind === 'metric') return given as Metric
  if (typeof given !== 'string')
    throw new ChainruleError(
      'ERR_OPTION',
      `compile: a metric must be a name or metrics.custom(...), got ${describeValue(given)}`,
    )
  const name = oneOf(names)(given, { where: 'compile', name: 'metrics' })
  return { kind: 'metric', name, ...(name === 'accuracy' ? accuracyFor(loss) : builtIn[name]) }
}

function accuracyFor(loss: LossName | LossFunction): Omit<Metric, 'kind' | 'name'> {
  if (isRegression(loss)) return builtIn.regressionAccuracy
  const own = lossFunction(loss)
  if (own === losses.categoricalCrossentropy) return builtIn.categoricalAccuracy
  if (own === losses.binaryCrossentropy) return builtIn.binaryAccuracy
  // A loss of the user's: several outputs are classes.
  const compute = (yTrue: Tensor, yPred: Tensor) =>
    (yPred.rank >= 2 && yPred.size(-1) > 1 ? categoricalAccuracy : binaryAccuracy)(yTrue, yPred)
  return { compute }
}

/** The mean of a metric over the batch, a scalar. */
export function metricMean(metric: Metric, yTrue: Tensor, yPred: Tensor, constant: number): Tensor {
  const values = metric.compute(yTrue, yPred, constant)
  const fits = values.rank === 0 || sameShape(values.shape.slice(0, 1), yPred.shape.slice(0, 1))
  if (!fits)
    throw shapeError(
      metric.name,
      `expected one number per sample, [${yPred.shape[0]}], got ${formatShape(values.shape)}`,
    )
  return mean(values)
}
