/** Options of training, scoring and predicting, and how they are checked. */
import type { Data } from '../data/dataset.ts'
import type { AnyLoss } from '../losses/index.ts'
import type { AnyMetric, Metric } from '../metrics/index.ts'
import type { OptimizerName } from '../optimizers/index.ts'
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
import type { Callback } from './callbacks.ts'
import type { Scores } from './evaluate.ts'

type NameOf<E> = E extends string ? E : E extends Metric<infer N> ? N : never
type Show<T> = { [K in keyof T]: T[K] } & {}
/** The scores of a list of metrics; none by name where it may be any list. */
export type ScoresOf<M extends readonly unknown[]> = Show<
  { loss: number } & { [K in AnyMetric extends M[number] ? never : NameOf<M[number]>]: number }
>

export interface CompileOptions<M extends readonly AnyMetric[] = readonly AnyMetric[]> {
  optimizer: OptimizerName | Optimizer
  loss: AnyLoss
  /** Reported beside the loss. */
  metrics?: M
}

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
