/** What a metric is: a description with a name, and a function of all labels and predictions that gives one number. */
import { type Described, describe, type Maker, madeBy } from '../descriptions/description.ts'
import { register } from '../descriptions/registry.ts'
import { ChainruleError } from '../errors.ts'
import { onePerSample } from '../losses/one-per-sample.ts'
import { mean } from '../ops/reduce.ts'
import { type Checked, type CheckTable, checkOptions, describeValue, optional, type Subject } from '../options.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { outsideTracing } from '../tensor/describing.ts'
import { hooks, Tensor } from '../tensor/graph.ts'
import type { DType, Shape } from '../tensor/shape.ts'

export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor

/** A number over all samples of an epoch or an evaluation; a function of all of them as well. */
export interface Metric<N extends string = string> extends Described<'metric'> {
  /** Of the score. */
  readonly name: N
  (yTrue: TensorLike, yPred: TensorLike): number
}

/** A metric by its defaults. One argument gives options, two compute. */
export interface MetricFactory<D extends string, O extends object = Record<never, never>> {
  <const N extends string = D>(options?: O & { name?: N }): Metric<NoInfer<N>>
  (yTrue: TensorLike, yPred: TensorLike): number
}

/** How a score is computed: the mean over samples of one number each. */
export interface Formula {
  /** One number per sample, [batch], or their mean. The constant comes from `prepare`. */
  readonly compute: (yTrue: Tensor, yPred: Tensor, constant: number) => Tensor
  /** A constant that follows from the training targets; it is computed once and kept with the model. */
  readonly prepare?: (targets: Float64Array) => number
  /** How it takes labels: class numbers, or quantities. Shapes are those of one sample. */
  readonly targets: (labels: Shape, outputs: Shape) => DType
}

/** A formula under the name of its score. */
export interface Scorer extends Formula {
  readonly name: string
}

const formulas = new WeakMap<object, Formula>()

/** How a metric is computed; undefined for what is none. */
export function formulaOf(metric: object): Formula | undefined {
  return formulas.get(metric)
}

// What logs have beside scores.
const reserved = ['loss', 'dataLoss', 'regularizationLoss', 'epoch', 'step', 'learningRate']

/** The name of a score: a property of the logs. */
export function scoreName(value: unknown, { where, name }: Subject): string {
  const refuse = (what: string) =>
    new ChainruleError('ERR_OPTION', `${where}: option '${name}' ${what}. Give another name, such as 'within'.`)
  if (typeof value !== 'string' || value === '') throw refuse(`must be a string, got ${describeValue(value)}`)
  if (reserved.includes(value) || /^val[A-Z]/.test(value) || value === '__proto__')
    throw refuse(`must not be '${value}', which logs have already`)
  return value
}

/** A built-in metric. */
export function defineMetric<D extends string, T extends CheckTable>(
  type: D,
  table: T,
  formula: (options: Checked<T>) => Formula,
): MetricFactory<D, { -readonly [K in keyof T]?: Checked<T>[K] }> {
  const all = { ...table, name: optional(scoreName) }
  const maker: Maker = { kind: 'metric', type, make: (options) => make(options) }
  const make = (given?: object) => {
    const options = checkOptions(`metrics.${type}`, given, all)
    return describeMetric(maker, options, (options.name as string | undefined) ?? type, formula(options as Checked<T>))
  }
  register(maker)
  const defaults = formula(checkOptions(`metrics.${type}`, {}, all) as Checked<T>)
  const factory = (...args: unknown[]) => {
    if (args.length < 2 && args[0] instanceof Tensor) throw twoTensors(type)
    return args.length < 2 ? make(args[0] as object | undefined) : score(defaults, type, args)
  }
  return madeBy(factory, maker) as MetricFactory<D, { -readonly [K in keyof T]?: Checked<T>[K] }>
}

/** A metric of your own: a function that gives one number per sample, [batch]; the score is their mean. */
export function customMetric<const N extends string>(name: N, compute: MetricFunction): Metric<NoInfer<N>> {
  if (typeof name !== 'string' || name === '' || typeof compute !== 'function')
    throw new ChainruleError(
      'ERR_OPTION',
      `metrics.custom: expected a name and a function, got ${describeValue(name)} and ${describeValue(compute)}`,
    )
  scoreName(name, { where: 'metrics.custom', name: 'name' })
  const maker: Maker = { kind: 'metric', type: name, make: () => metric }
  const metric = describeMetric(maker, {}, name, { compute, targets: () => 'float32' })
  return metric as Metric<N>
}

function describeMetric(maker: Maker, options: object, name: string, formula: Formula): Metric {
  const call = (...args: unknown[]) => score(formula, maker.type, args)
  formulas.set(call, formula)
  return describe<Metric>(maker, options, { name } as never, call)
}

/** Over whole arrays, as one batch. */
function score({ compute, prepare, targets }: Formula, type: string, args: readonly unknown[]): number {
  if (args.length < 2) throw twoTensors(type)
  const [y, p] = args.slice(0, 2).map((x) => toTensor(x as TensorLike)) as [Tensor, Tensor]
  return outsideTracing(() => {
    const constant = prepare ? prepare(Float64Array.from(hooks.read(y))) : 0
    return meanOf({ name: type, compute, targets }, y, p, constant).item()
  })
}

function twoTensors(type: string): ChainruleError {
  return new ChainruleError('ERR_OPTION', `metrics.${type}: a metric needs two arrays, labels and predictions: (y, p)`)
}

/** The mean of a metric over the batch, a scalar. */
export function meanOf(scorer: Scorer, yTrue: Tensor, yPred: Tensor, constant: number): Tensor {
  const values = scorer.compute(yTrue, yPred, constant)
  return mean(onePerSample(values, scorer.name, yPred.shape[0] ?? 1, yTrue, yPred))
}
