/** Options of training, scoring and predicting, and how they are checked. */
import type { Data } from '../data/dataset.ts'
import type { AnyLoss } from '../losses/index.ts'
import type { AnyMetric, Metric } from '../metrics/index.ts'
import { type OptimizerName, optimizerOf } from '../optimizers/index.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import {
  abortSignal,
  boolean,
  listOf,
  nonNegativeInteger,
  optional,
  optionError,
  positiveInteger,
  type Subject,
} from '../options.ts'
import type { ProgressKind } from '../reports/progress.ts'
import type { Tensor } from '../tensor/graph.ts'
import type { Callback } from './callbacks.ts'
import type { Scores } from './rows.ts'

type NameOf<E> = E extends string ? E : E extends Metric<infer N> ? N : never
type Show<T> = { [K in keyof T]: T[K] } & {}
// No names where it may be any list of metrics.
type NamesIn<L> = L extends readonly unknown[] ? (AnyMetric extends L[number] ? never : NameOf<L[number]>) : never
type NamedScores<M> = { [K in keyof M & string]: `${K}${Capitalize<NamesIn<M[K]>>}` }[keyof M & string]

/** Metrics, or lists of them by output. */
export type MetricsOf<Out> = Out extends Tensor
  ? readonly AnyMetric[]
  : { readonly [K in keyof Out]?: readonly AnyMetric[] }
/** Of one output: { loss, accuracy }. Of named ones: { loss, priceLoss, kindLoss, kindAccuracy }. */
export type ScoresOf<M, Out = Tensor> = Out extends Tensor
  ? Show<{ loss: number } & { [K in NamesIn<M>]: number }>
  : Show<{ loss: number } & { [K in keyof Out & string as `${K}Loss`]: number } & { [K in NamedScores<M>]: number }>

// biome-ignore lint/suspicious/noExplicitAny: whatever the metrics are
export type CompileOptions<M extends MetricsOf<Out> = any, Out = Tensor> = {
  optimizer: OptimizerName | Optimizer
  /** For named outputs one loss for each. */
  loss: Out extends Tensor ? AnyLoss : { readonly [K in keyof Out]: AnyLoss }
  /** Reported beside the loss; for named outputs by output. */
  metrics?: M
} & (Out extends Tensor
  ? unknown
  : {
      /** Of the outputs in their sum; default 1. */
      lossWeights?: { readonly [K in keyof Out]?: number }
    })

export interface FitOptions<S = Scores, D = Data> {
  /** Passes over the data; default 1. */
  epochs?: number
  /** Samples per step; default 32. The last batch of an epoch holds what is left. */
  batchSize?: number
  /** Another order in each epoch; default true. */
  shuffle?: boolean
  /** Scored after each epoch: data, or the fraction of the samples, from the end, to hold back for that. */
  validation?: D | number
  callbacks?: readonly Callback<S>[]
  /** Ends the run after the current step; `fit` rejects with the signal's reason. */
  signal?: AbortSignal
  /**
   * Goes on where the last run, of this model or of the one that was saved, was stopped in mid-epoch: the rest of that
   * epoch counts as the first of `epochs`. Data, batch size and `shuffle` must be the same. Default false.
   */
  resume?: boolean
  /** 'auto' (default): a bar when stderr is a terminal outside CI, else nothing. */
  progress?: ProgressKind
}

export interface RunOptions {
  /** Samples per step; default 256. */
  batchSize?: number
  signal?: AbortSignal
}

// A misspelled event would never be called, without a word.
function callbackList(value: unknown, subject: Subject): readonly Callback<Scores>[] {
  return listOf(value, subject, '[{ onEpochEnd: (logs) => { ... } }]').map((given) => {
    const callback = given as Callback<Scores> | null
    if (typeof callback?.onEpochEnd === 'function' || typeof callback?.onBatchEnd === 'function') return callback
    throw optionError(subject, 'objects with onEpochEnd or onBatchEnd', given, 'Give one of these functions.')
  })
}

const anything = (value: unknown) => value
export const compileTable = {
  optimizer: (value: unknown) => optimizerOf(value, 'compile'),
  loss: anything,
  metrics: anything,
  lossWeights: anything,
}
export const signalOption = optional(abortSignal)
export const runTable = { batchSize: optional(positiveInteger, 256), signal: signalOption }
export const fitTable = {
  epochs: optional(nonNegativeInteger, 1),
  batchSize: optional(positiveInteger, 32),
  shuffle: optional(boolean, true),
  validation: optional(anything),
  callbacks: optional(callbackList, []),
  signal: signalOption,
  resume: optional(boolean, false),
  progress: optional((v: unknown) => v as ProgressKind, 'auto' as ProgressKind),
}
