/**
 * The training loop. Steps run natively in chunks: a chunk ends where somebody wants to see or change something
 * (callbacks, validation, progress lines), or when it is long enough.
 */
import type { Dataset } from '../data/dataset.ts'
import type { Sliced } from '../data/slices.ts'
import { ChainruleError } from '../errors.ts'
import { explain, runSync } from '../program/run.ts'
import type { Progress } from '../reports/progress.ts'
import type { Callback, History, Logs, RunControl } from './callbacks.ts'
import { Chunks, type FailedStep, type Leg } from './chunk.ts'
import { evaluate } from './evaluate.ts'
import { notFinite, restated } from './faults.ts'
import { Means, type Scores } from './rows.ts'
import type { Training } from './training.ts'

export interface FitPlan<S> {
  readonly dataset: Dataset
  readonly validation: Dataset | null
  readonly epochs: number
  readonly batchSize: number
  readonly shuffle: boolean
  readonly resume: boolean
  readonly callbacks: readonly Callback<S>[]
  readonly signal: AbortSignal | undefined
  readonly progress: Progress
  readonly seed: number
}

// Between two chunks JavaScript works for about a microsecond per step, and the event loop waits for that.
const longestChunk = 4096
const progressInterval = 100

export class Fit<S extends Scores> {
  readonly #training: Training
  readonly #plan: FitPlan<S>
  readonly #chunks: Chunks
  readonly #stepsPerEpoch: number
  readonly #history: Logs<S>[] = []
  /** The first epoch of this run, counted over all runs, and the step in it to begin with. */
  readonly #base: number
  readonly #firstStep: number
  #means: Means[] = []
  #stopped = false

  /** Looks at the labels, and describes a step. */
  static *begin<S extends Scores>(training: Training, plan: FitPlan<S>): Sliced<Fit<S>> {
    const { dataset, batchSize } = plan
    yield* training.prepare(dataset)
    training.train(dataset, Math.min(batchSize, dataset.length))
    yield* training.check(dataset)
    return new Fit(training, plan)
  }

  private constructor(training: Training, plan: FitPlan<S>) {
    this.#training = training
    this.#plan = plan
    this.#chunks = new Chunks(training, plan.dataset, plan)
    this.#stepsPerEpoch = Math.ceil(plan.dataset.length / plan.batchSize)
    const { epoch, stepInEpoch } = training
    if (plan.resume && stepInEpoch >= this.#stepsPerEpoch)
      throw new ChainruleError(
        'ERR_OPTION',
        `fit: resume: the last run stopped after ${stepInEpoch} steps of an epoch, but with these data and this batch ` +
          `size an epoch has ${this.#stepsPerEpoch}. Give the same data and batchSize.`,
      )
    // An epoch that was left unfinished is not taken up again without `resume`.
    this.#base = epoch + (stepInEpoch > 0 && !plan.resume ? 1 : 0)
    this.#firstStep = plan.resume ? stepInEpoch : 0
  }

  async run(): Promise<History<S>> {
    const { progress, epochs, signal } = this.#plan
    signal?.throwIfAborted()
    let epoch = 0
    try {
      while (epoch < epochs && !this.#stopped) {
        const together = Math.min(epochs - epoch, this.#epochsPerChunk(epoch))
        progress.epochStart({ epoch: epoch + 1, epochs, steps: this.#stepsPerEpoch })
        const began = performance.now()
        const whole = await this.#epochs(epoch, together)
        const seconds = (performance.now() - began) / 1000 / together
        for (let i = 0; i < together && whole; i++) {
          const stepsSince = (together - 1 - i) * this.#stepsPerEpoch
          await this.#endEpoch(epoch + i, this.#means[i]!, seconds, stepsSince)
        }
        epoch += together
      }
    } finally {
      progress.close()
      this.#chunks.release()
    }
    return { epochs: this.#history, stopped: this.#stopped ? 'callback' : 'finished' }
  }

  /** How many epochs may run before somebody wants to see one end. */
  #epochsPerChunk(epoch: number): number {
    const { callbacks, validation, progress } = this.#plan
    const partial = epoch === 0 && this.#firstStep > 0
    if (callbacks.length > 0 || validation || progress.visible || partial) return 1
    return Math.max(1, Math.floor(longestChunk / this.#stepsPerEpoch))
  }

  /** Runs epochs; false when a callback stopped the run in the middle of one. */
  async #epochs(first: number, count: number): Promise<boolean> {
    const each = this.#plan.callbacks.some((c) => c.onBatchEnd)
    const begin = first === 0 ? this.#firstStep : 0
    const epoch = this.#base + first
    this.#means = Array.from({ length: count }, () => new Means(this.#chunks.columns))
    if (!each && this.#stepsPerEpoch - begin <= longestChunk) {
      await this.#leg({ epoch, from: begin, to: this.#stepsPerEpoch, cycles: count })
      return true
    }
    const size = each ? 1 : longestChunk
    for (let from = begin; from < this.#stepsPerEpoch; from += size) {
      if (this.#stopped) return false
      await this.#leg({ epoch, from, to: Math.min(from + size, this.#stepsPerEpoch), cycles: 1 })
      if (each) await this.#endBatch(first, from)
    }
    return true
  }

  async #leg(leg: Leg): Promise<void> {
    const { signal } = this.#plan
    signal?.throwIfAborted() // a step may be done before a cancellation comes: many in a row would hide it
    const watch = (done: () => number) => this.#watch(leg, done)
    const outcome = await this.#chunks.run(leg, signal, watch)
    this.#collect(leg, outcome.steps)
    const position = leg.epoch * this.#stepsPerEpoch + leg.from + outcome.steps
    this.#training.epoch = Math.floor(position / this.#stepsPerEpoch)
    this.#training.stepInEpoch = position % this.#stepsPerEpoch
    if (outcome.cancelled)
      throw signal?.aborted ? signal.reason : new ChainruleError('ERR_NATIVE', 'Training was cancelled.')
    if (outcome.failed) throw this.#errorOf(outcome.failed)
  }

  #collect(leg: Leg, done: number): void {
    const rows = this.#chunks.rows(done)
    const steps = leg.to - leg.from
    const { width } = this.#chunks.columns
    for (let i = 0; i < done; i++) {
      const samples = this.#chunks.samplesIn(leg.from + (i % steps))
      this.#means[Math.floor(i / steps)]!.add(rows, i * width, samples)
    }
  }

  /** Shows progress while a chunk runs; returns what ends that. */
  #watch(leg: Leg, done: () => number): () => void {
    const { progress } = this.#plan
    if (!progress.visible) return () => {}
    const timer = setInterval(() => {
      const steps = done()
      if (steps > 0) progress.update({ step: leg.from + steps, loss: this.#chunks.lossAt(steps - 1) })
    }, progressInterval)
    timer.unref()
    return () => clearInterval(timer)
  }

  // ---- edges

  #logs(epoch: number, scores: Scores, stepsSince = 0): Logs<S> {
    const { state } = this.#training
    const step = state.step - stepsSince
    const last = Math.max(0, step - 1)
    const learningRate = state.rateAt(last)
    return { epoch, step, learningRate, ...scores } as unknown as Logs<S>
  }

  #control(): RunControl {
    const fit = this
    return {
      stop: () => {
        fit.#stopped = true
      },
      get learningRate() {
        return fit.#training.state.learningRate
      },
      set learningRate(rate: number) {
        fit.#training.state.learningRate = rate
      },
    }
  }

  async #endBatch(epoch: number, step: number): Promise<void> {
    const row = this.#chunks.rows(1)
    const scores = Object.fromEntries(this.#chunks.columns.names.map((n, i) => [n, row[i]!])) as Scores
    this.#plan.progress.update({ step: step + 1, loss: row[0]! })
    for (const callback of this.#plan.callbacks) await callback.onBatchEnd?.(this.#logs(epoch, scores), this.#control())
  }

  /** @param stepsSince the steps done since that epoch ended, where several ran together */
  async #endEpoch(epoch: number, means: Means, seconds: number, stepsSince: number): Promise<void> {
    const { validation, batchSize, signal, progress, callbacks, dataset } = this.#plan
    const scores: Scores = means.get()
    if (validation) {
      const result = await evaluate(this.#training, validation, Math.max(batchSize, 256), signal)
      for (const [name, value] of Object.entries(result)) scores[`val${name[0]!.toUpperCase()}${name.slice(1)}`] = value
    }
    const logs = this.#logs(epoch, scores, stepsSince)
    this.#history.push(logs)
    progress.epochEnd(scores, seconds, dataset.length)
    for (const callback of callbacks) await callback.onEpochEnd?.(logs, this.#control())
  }

  // ---- faults

  #errorOf(failed: FailedStep): ChainruleError {
    const { fault, program } = failed
    const found = explain(program.compiled, fault)
    const step = `step ${this.#training.state.step}`
    if (found.code === 'ERR_NOT_FINITE') return this.#notFinite(failed, found, step)
    const sample =
      fault.row < program.batch ? `, sample ${this.#chunks.sampleAt(failed.first + fault.row)} of the data` : ''
    return restated(found, `${found.message} (${step}${sample})`)
  }

  /** Runs the step again with every value checked, to say where the first bad number arose. */
  #notFinite(failed: FailedStep, found: ChainruleError, step: string): ChainruleError {
    const { fault, program } = failed
    if (fault.stop === 'notFinite') {
      const { backward } = program.compiled.lines[fault.instruction]!.node!.role
      return notFinite(`${backward ? 'A gradient' : 'The loss'} is ${fault.value}`, found, step)
    }
    const debug = this.#training.train(this.#plan.dataset, program.batch, true)
    const again = runSync(this.#chunks.again(failed, debug))
    return notFinite(found.message, again ? explain(debug.compiled, again) : found, step)
  }
}
