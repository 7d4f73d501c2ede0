/** Metrics by name. A new one is a file beside this one, or an entry in its family's, and one line here. */

import { isDescribed, makerOf } from '../descriptions/description.ts'
import { builtIn } from '../descriptions/registry.ts'
import { ChainruleError } from '../errors.ts'
import { type Loss, type LossFunction, traitsOf } from '../losses/index.ts'
import { describeValue, oneOf } from '../options.ts'
import {
  accuracy,
  binary,
  binaryAccuracy,
  byOutputs,
  categorical,
  categoricalAccuracy,
  regression,
  regressionAccuracy,
} from './accuracy.ts'
import { customMetric, type Formula, formulaOf, type Metric, type Scorer } from './metric.ts'

export { type Metric, type MetricFactory, type MetricFunction, meanOf, type Scorer } from './metric.ts'

/** One argument gives options, two compute: `metrics.categoricalAccuracy(y, p)` is a number. */
export const metrics = { accuracy, categoricalAccuracy, binaryAccuracy, regressionAccuracy, custom: customMetric }

/** 'accuracy' is the one that fits the loss: categorical, binary or regression. */
export type MetricName = Exclude<keyof typeof metrics, 'custom'>
export type AnyMetric = MetricName | Metric

const names = Object.keys(metrics).filter((name) => name !== 'custom') as MetricName[]

/** A metric from its name or itself. */
export function metricOf(given: unknown): Metric {
  if (isDescribed(given, 'metric')) return given as Metric
  const called = names.find((name) => metrics[name] === given)
  if (typeof given !== 'string')
    throw new ChainruleError(
      'ERR_OPTION',
      `compile: a metric must be a name or metrics.custom(...), got ${describeValue(given)}` +
        (called ? `. Write '${called}' or metrics.${called}()` : ''),
    )
  const make: () => Metric = metrics[oneOf(names)(given, { where: 'compile', name: 'metrics' })]
  return make()
}

/** What `accuracy` is beside a loss. A logit of 0 is a probability of 0.5. */
function fittingFormula(loss: Loss | LossFunction): Formula {
  const { accuracy: kind, logits } = traitsOf(loss)
  return kind === null ? byOutputs : { categorical, binary: binary(logits ? 0 : 0.5), regression }[kind]
}

/** How metrics are computed beside a loss: `accuracy` is the one that fits it. */
export function scorersOf(list: readonly Metric[], loss: Loss | LossFunction): Scorer[] {
  const scorers = list.map((metric) => {
    const fit = makerOf(metric) === builtIn('metric', 'accuracy')
    const formula = fit ? fittingFormula(loss) : formulaOf(metric)
    if (!formula)
      throw new ChainruleError(
        'ERR_OPTION',
        `compile: the metric '${metric.name}' was made by hand. Write metrics.custom('${metric.name}', (y, p) => ...).`,
      )
    return { ...formula, name: metric.name }
  })
  const twice = scorers.find(({ name }, i) => scorers.findIndex((s) => s.name === name) !== i)
  if (twice)
    throw new ChainruleError(
      'ERR_OPTION',
      `compile: two metrics are named '${twice.name}'. Give one of them another name, such as { name: 'second' }.`,
    )
  return scorers
}
