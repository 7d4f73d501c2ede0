/** What callers of `fit` see: logs, callbacks, history. */

/**
 * Numbers of one epoch or batch. `loss` is what is minimised; where layers have penalties it is the sum of `dataLoss` and
 * `regularizationLoss`. Validation scores, without penalties, as `valLoss`, `valAccuracy`, ...
 */
export type Logs<S> = { epoch: number; step: number; learningRate: number } & S & {
    dataLoss?: number
    regularizationLoss?: number
  } & {
    [K in keyof S & string as `val${Capitalize<K>}`]?: number
  }

export interface History<S> {
  readonly epochs: readonly Logs<S>[]
  readonly stopped: 'finished' | 'callback'
}

/** What a callback may do to the run. */
export interface RunControl {
  /** Ends the run after this call; `fit` resolves. */
  stop(): void
  /** The learning rate from the next step on, before decay; overrides the optimizer's. */
  learningRate: number
}

export interface Callback<S> {
  onEpochEnd?(logs: Logs<S>, run: RunControl): void | Promise<void>
  onBatchEnd?(logs: Logs<S>, run: RunControl): void | Promise<void>
}
