/** Metrics: functions of labels and predictions that give one number per sample, [batch]; reported as their mean. */
import { areClassNumbers, classNumbers } from './losses.ts'
import { equal, greater, toFloat } from './ops/elementwise.ts'
import { reshape } from './ops/movement.ts'
import { argmax, mean } from './ops/reduce.ts'
import { describeValue, oneOf } from './options.ts'
import { ChainruleError } from './errors.ts'
import { shapeError, type Tensor } from './tensor/graph.ts'
import { formatShape, sameShape } from './tensor/shape.ts'

export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor

export interface Metric<N extends string = string> {
  readonly kind: 'metric'
  readonly name: N
  readonly compute: MetricFunction
}

/**
 * Classes: the argmax of predictions [batch, classes] is the label (one-hot labels by argmax). One output: ŷ > 0.5
 * against y.
 */
function accuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  if (yPred.rank >= 2 && yPred.size(-1) > 1) {
    const truth = areClassNumbers(yTrue, yPred) ? classNumbers(yTrue, 'accuracy') : argmax(yTrue, { axis: -1 })
    return toFloat(equal(argmax(yPred, { axis: -1 }), truth))
  }
  const flat = reshape(yPred, [-1])
  if (yTrue.size() !== flat.size())
    throw shapeError('accuracy', `labels ${formatShape(yTrue.shape)} and predictions ${formatShape(yPred.shape)} differ`)
  return toFloat(equal(greater(flat, 0.5), greater(reshape(yTrue, [-1]), 0.5)))
}

const builtIn = { accuracy } satisfies Record<string, MetricFunction>

export type MetricName = keyof typeof builtIn

export const metrics = {
  /** A metric of your own: a function that gives one number per sample, [batch]. */
  custom<N extends string>(name: N, compute: MetricFunction): Metric<N> {
    return Object.freeze({ kind: 'metric', name, compute } as const)
  },
}

export function metricOf(given: unknown): Metric {
  if ((given as Metric | null)?.kind === 'metric') return given as Metric
  if (typeof given !== 'string')
    throw new ChainruleError(
      'ERR_OPTION',
      `compile: a metric must be a name or metrics.custom(...), got ${describeValue(given)}`,
    )
  const name = oneOf(Object.keys(builtIn) as MetricName[])(given, { where: 'compile', name: 'metrics' })
  return { kind: 'metric', name, compute: builtIn[name] }
}

/** The mean of a metric over the batch, a scalar. */
export function metricMean(metric: Metric, yTrue: Tensor, yPred: Tensor): Tensor {
  const values = metric.compute(yTrue, yPred)
  const fits = values.rank === 0 || sameShape(values.shape.slice(0, 1), yPred.shape.slice(0, 1))
  if (!fits)
    throw shapeError(metric.name, `expected one number per sample, [${yPred.shape[0]}], got ${formatShape(values.shape)}`)
  return mean(values)
}
