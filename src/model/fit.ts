/**
 * The training loop. Steps run natively in chunks: a chunk ends where somebody wants to see or change something
 * (callbacks, validation, progress lines), or when it is long enough.
 */
import type { Dataset } from '../data/dataset.ts'
import { ChainruleError } from '../errors.ts'
import { type Fault, type Job, type Memory, native, type Run } from '../native.ts'
import { explain, finish, runSync, start } from '../program/run.ts'
import type { Progress } from '../progress.ts'
import { derive } from '../seeds.ts'
import type { Callback, History, Logs, RunControl } from './callbacks.ts'
import { batchesOf, evaluate, Means, type Scores } from './evaluate.ts'
import { Order, type StepProgram } from './feeds.ts'
import type { Training } from './training.ts'

export interface FitPlan<S> {
  readonly dataset: Dataset
  readonly validation: Dataset | null
  readonly epochs: number
  readonly batchSize: number
  readonly shuffle: boolean
  readonly callbacks: readonly Callback<S>[]
  readonly signal: AbortSignal | undefined
  readonly progress: Progress
  readonly seed: number
}

/** Some steps of an epoch: [from, to). */
interface Leg {
  readonly epoch: number
  readonly from: number
  readonly to: number
}

// Where nobody looks in between, a chunk has at most this many steps.
const longestChunk = 1 << 14
const progressInterval = 100
const purposes = { draws: 1, order: 2 }

export class Fit<S extends Scores> {
  readonly #training: Training
  readonly #plan: FitPlan<S>
  readonly #order: Order
  readonly #stepsPerEpoch: number
  readonly #means: Means[] = []
  readonly #width: number
  #buffers: { numbers: Memory; scalars: Memory; steps: number } | null = null
  #stopped = false
  #rate: number | null = null
  readonly #history: Logs<S>[] = []

  constructor(training: Training, plan: FitPlan<S>) {
    this.#training = training
    this.#plan = plan
    training.prepareMetrics(plan.dataset)
    this.#order = new Order(plan.dataset, plan.shuffle)
    this.#stepsPerEpoch = Math.ceil(plan.dataset.length / plan.batchSize)
    this.#width = training.trainNames.length
  }

  async run(): Promise<History<S>> {
    const { progress, epochs, signal } = this.#plan
    signal?.throwIfAborted()
    let epoch = 0
    try {
      while (epoch < epochs && !this.#stopped) {
        const together = Math.min(epochs - epoch, this.#epochsPerChunk())
        for (let e = epoch; e < epoch + together; e++) this.#means[e] = new Means(this.#width)
        progress.epochStart({ epoch: epoch + 1, epochs, steps: this.#stepsPerEpoch })
        const began = performance.now()
        await this.#epochs(epoch, together)
        const seconds = (performance.now() - began) / 1000 / together
        for (let e = epoch; e < epoch + together && !this.#stopped; e++) await this.#endEpoch(e, seconds)
        epoch += together
      }
    } finally {
      progress.close()
    }
    return { epochs: this.#history, stopped: this.#stopped ? 'callback' : 'finished' }
  }

  /** How many epochs may run before somebody wants to see one end. */
  #epochsPerChunk(): number {
    const { callbacks, validation, progress } = this.#plan
    if (callbacks.length > 0 || validation || progress.visible) return 1
    return Math.max(1, Math.floor(longestChunk / this.#stepsPerEpoch))
  }

  async #epochs(first: number, count: number): Promise<void> {
    const each = this.#plan.callbacks.some((c) => c.onBatchEnd)
    if (!each && this.#stepsPerEpoch <= longestChunk)
      return await this.#chunk(
        Array.from({ length: count }, (_, i) => ({ epoch: first + i, from: 0, to: this.#stepsPerEpoch })),
      )
    const size = each ? 1 : longestChunk
    for (let from = 0; from < this.#stepsPerEpoch && !this.#stopped; from += size) {
      await this.#chunk([{ epoch: first, from, to: Math.min(from + size, this.#stepsPerEpoch) }])
      if (each) await this.#endBatch(first, from)
    }
  }

  // ---- one chunk: a list of runs, in order

  async #chunk(legs: readonly Leg[]): Promise<void> {
    const { dataset, batchSize, seed, signal } = this.#plan
    const { state } = this.#training
    const total = legs.reduce((sum, leg) => sum + leg.to - leg.from, 0)
    const buffers = this.#buffersFor(total)
    native().write(buffers.scalars, 0, state.scalars(total, this.#rate === null ? undefined : this.#overriddenRate()))
    const runs: Run[] = []
    // Per run: its program (null for a shuffle) and its first step in the chunk.
    const parts: { program: StepProgram | null; at: number; steps: number; leg: Leg; first: number }[] = []
    let at = 0
    for (const leg of legs) {
      const shuffle = leg.from === 0 ? this.#order.shuffle(derive(seed, purposes.order), leg.epoch) : []
      for (const run of shuffle) {
        runs.push(run)
        parts.push({ program: null, at, steps: 1, leg, first: 0 })
      }
      for (const part of partsOf(leg, dataset.length, batchSize)) {
        const program = this.#training.train(dataset, part.size)
        runs.push(this.#runOf(program, part, buffers, at))
        parts.push({ program, at, steps: part.steps, leg, first: part.first })
        at += part.steps
      }
    }
    const segments = state.blocks.map((b) => b.block.segment)
    for (const s of segments) s.busy = `training is at step ${state.step}`
    const job = start(runs, false)
    const stopWatching = this.#watch(job, parts, buffers)
    const fault = await finish(job, signal).finally(() => {
      stopWatching()
      for (const s of segments) s.busy = null
    })
    const done = fault ? stepsBefore(parts, fault) : total
    this.#collect(parts, buffers, done)
    state.step += done
    if (fault) throw this.#errorOf(fault, parts, buffers)
  }

  #runOf(program: StepProgram, part: { steps: number; first: number }, buffers: Buffers, at: number): Run {
    const { state } = this.#training
    const { dataset, seed } = this.#plan
    return program.run(
      dataset,
      this.#order,
      part.first,
      { memory: buffers.numbers, offset: at * this.#width * 4 },
      { memory: buffers.scalars, offset: at * state.width * 8, stride: state.width * 8 },
      { steps: part.steps, seed: derive(seed, purposes.draws), firstStep: state.step + at },
    )
  }

  #overriddenRate(): (step: number) => number {
    const { optimizer } = this.#training.state
    const decay = Number(optimizer.options.decay ?? 0)
    return (step) => this.#rate! / (1 + decay * step)
  }

  #buffersFor(steps: number): Buffers {
    if (!this.#buffers || this.#buffers.steps < steps)
      this.#buffers = {
        steps,
        numbers: native().memory(steps * this.#width * 4),
        scalars: native().memory(steps * this.#training.state.width * 8),
      }
    return this.#buffers
  }

  #collect(parts: readonly Part[], buffers: Buffers, done: number): void {
    const rows = new Float32Array(done * this.#width)
    native().read(buffers.numbers, 0, rows)
    for (const { program, at, steps, leg } of parts)
      for (let i = at; program && i < at + steps && i < done; i++)
        this.#means[leg.epoch]!.add(rows.subarray(i * this.#width, (i + 1) * this.#width), program.batch)
  }

  /** Shows progress while a job runs; returns what ends that. */
  #watch(job: Job, parts: readonly Part[], buffers: Buffers): () => void {
    if (!this.#plan.progress.visible) return () => {}
    const shuffles = parts.filter((p) => !p.program).length
    const first = parts.find((p) => p.program)?.leg.from ?? 0
    const row = new Float32Array(1)
    const timer = setInterval(() => {
      const done = native().progress(job) - shuffles
      if (done < 1) return
      native().read(buffers.numbers, (done - 1) * this.#width * 4, row)
      this.#plan.progress.update({ step: first + done, loss: row[0]! })
    }, progressInterval)
    timer.unref()
    return () => clearInterval(timer)
  }

  // ---- edges

  #logs(epoch: number, scores: Scores): Logs<S> {
    const { state } = this.#training
    const last = Math.max(0, state.step - 1)
    const learningRate = this.#rate === null ? state.optimizer.learningRate(last) : this.#overriddenRate()(last)
    return { epoch, step: state.step, learningRate, ...scores } as unknown as Logs<S>
  }

  #control(): RunControl {
    const fit = this
    return {
      stop: () => {
        fit.#stopped = true
      },
      get learningRate() {
        return fit.#rate ?? fit.#training.state.optimizer.learningRate(fit.#training.state.step)
      },
      set learningRate(rate: number) {
        if (!(rate >= 0) || !Number.isFinite(rate))
          throw new ChainruleError('ERR_OPTION', `learningRate: expected a finite number ≥ 0, got ${rate}`)
        fit.#rate = rate
      },
    }
  }

  async #endBatch(epoch: number, step: number): Promise<void> {
    const row = new Float32Array(this.#width)
    native().read(this.#buffers!.numbers, 0, row)
    const scores = Object.fromEntries(this.#training.trainNames.map((n, i) => [n, row[i]!])) as Scores
    this.#plan.progress.update({ step: step + 1, loss: row[0]! })
    for (const callback of this.#plan.callbacks) await callback.onBatchEnd?.(this.#logs(epoch, scores), this.#control())
  }

  async #endEpoch(epoch: number, seconds: number): Promise<void> {
    const { validation, batchSize, signal, progress, callbacks, dataset } = this.#plan
    const scores: Scores = this.#means[epoch]!.get(this.#training.trainNames)
    if (validation) {
      const result = await evaluate(this.#training, validation, Math.max(batchSize, 256), signal)
      for (const [name, value] of Object.entries(result)) scores[`val${name[0]!.toUpperCase()}${name.slice(1)}`] = value
    }
    const logs = this.#logs(epoch, scores)
    this.#history.push(logs)
    progress.epochEnd(scores, seconds, dataset.length)
    for (const callback of callbacks) await callback.onEpochEnd?.(logs, this.#control())
  }

  // ---- faults

  #errorOf(fault: Fault, parts: readonly Part[], buffers: Buffers): unknown {
    const { signal } = this.#plan
    const part = parts[fault.run]!
    if (fault.stop === 'cancelled')
      return signal?.aborted ? signal.reason : new ChainruleError('ERR_NATIVE', 'Training was cancelled.')
    const program = part.program!
    const found = explain(program.compiled, fault)
    const where = `step ${this.#training.state.step}`
    const origin =
      found.code === 'ERR_NOT_FINITE' ? this.#findOrigin(part, buffers, fault) : this.#sampleOf(part, fault)
    const message =
      found.code === 'ERR_NOT_FINITE'
        ? `The loss is ${fault.value} (${where}); the weights are as after the step before. ${origin?.message ?? ''} ` +
          'Try a smaller learning rate, or scale the inputs.'
        : `${found.message} (${where}${origin?.message ?? ''})`
    const { operation, layer } = origin?.error ?? found
    return new ChainruleError(found.code, message, { ...(operation ? { operation } : {}), ...(layer ? { layer } : {}) })
  }

  /** Runs the step again with every value checked: the step left nothing behind, so it is the same one. */
  #findOrigin(part: Part, buffers: Buffers, fault: Fault): { message: string; error: ChainruleError } | null {
    const program = this.#training.train(this.#plan.dataset, part.program!.batch, true)
    const step = { steps: 1, first: part.first + fault.step * program.batch }
    const { state } = this.#training
    const run = program.run(
      this.#plan.dataset,
      this.#order,
      step.first,
      { memory: buffers.numbers },
      { memory: buffers.scalars },
      { steps: 1, seed: derive(this.#plan.seed, purposes.draws), firstStep: state.step },
    )
    const again = runSync(run)
    if (!again) return null
    const error = explain(program.compiled, again)
    return { message: error.message, error }
  }

  /** Which sample of the data a bad row of the batch is. */
  #sampleOf(part: Part, fault: Fault): { message: string; error: null } | null {
    const row = new Int32Array(1)
    const at = part.first + fault.step * part.program!.batch + fault.row
    if (fault.row >= part.program!.batch) return null
    native().read(this.#order.memory, at * 4, row)
    return { message: `, sample ${row[0]} of the data`, error: null }
  }
}

type Buffers = { numbers: Memory; scalars: Memory; steps: number }
type Part = { program: StepProgram | null; at: number; steps: number; leg: Leg; first: number }

/** The whole batches and the partial one of a leg. */
function partsOf(leg: Leg, samples: number, batchSize: number): { size: number; steps: number; first: number }[] {
  return batchesOf(samples, batchSize).flatMap(({ size, steps, first }) => {
    const begin = Math.max(leg.from, first / batchSize)
    const end = Math.min(leg.to, first / batchSize + steps)
    return end > begin ? [{ size, steps: end - begin, first: begin * batchSize }] : []
  })
}

function stepsBefore(parts: readonly Part[], fault: Fault): number {
  const part = parts[fault.run]!
  return part.at + (part.program ? fault.step : 0)
}
