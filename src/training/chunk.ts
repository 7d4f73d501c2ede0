/**
 * A chunk of training: some epochs, or a part of one, as one native job. Shuffles, whole batches and the partial one are
 * runs; with several epochs they repeat as cycles, so the work here does not grow with the number of epochs.
 */
import type { Dataset } from '../data/dataset.ts'
import { type Fault, type Job, type Memory, native, type Run } from '../native.ts'
import { claim, evaluationOf, usesOf } from '../program/claims.ts'
import { bytesPer, type Compiled } from '../program/encode.ts'
import { finish, start } from '../program/run.ts'
import { giveBack, lend } from '../program/workspace.ts'
import { derive } from '../seeds.ts'
import { batchesOf } from './evaluate.ts'
import { Order, type StepProgram } from './feeds.ts'
import { type Columns, commonColumns } from './rows.ts'
import type { Training } from './training.ts'

/** Steps [from, to) of an epoch; with `cycles` above 1 whole epochs from this one on. Epochs count over all fits. */
export interface Leg {
  readonly epoch: number
  readonly from: number
  readonly to: number
  readonly cycles: number
}

/** A run of training steps: where it begins, in steps of the cycle and in samples of the epoch. */
interface Part {
  readonly program: StepProgram
  readonly at: number
  readonly steps: number
  readonly first: number
}

/** A step that could not be done. */
export interface FailedStep {
  readonly fault: Fault
  readonly program: StepProgram
  /** The first sample of its batch, as a position in the order of the epoch. */
  readonly first: number
}

export interface Outcome {
  /** Steps done. */
  readonly steps: number
  readonly failed: FailedStep | null
  readonly cancelled: boolean
}

const purposes = { draws: 1, order: 2 }

export class Chunks {
  readonly #training: Training
  readonly #dataset: Dataset
  readonly #batchSize: number
  readonly #seed: number
  /** What each of its steps writes. */
  readonly columns: Columns
  readonly #order: Order
  // The epoch whose order the memory holds.
  #ordered: number | null = null
  #numbers: { memory: Memory; steps: number } | null = null
  #scalars: { memory: Memory; steps: number } | null = null

  constructor(training: Training, dataset: Dataset, options: { batchSize: number; shuffle: boolean; seed: number }) {
    this.#training = training
    this.#dataset = dataset
    this.#batchSize = options.batchSize
    this.#seed = options.seed
    this.columns = training.train(dataset, Math.min(options.batchSize, dataset.length)).columns
    this.#order = new Order(dataset, options.shuffle)
  }

  /** Runs a leg. `watch` sees the job while it runs, and returns what ends that. */
  async run(leg: Leg, signal: AbortSignal | undefined, watch: (done: () => number) => () => void): Promise<Outcome> {
    const { state } = this.#training
    const steps = leg.to - leg.from
    const total = steps * leg.cycles
    this.#reserve(total)
    native().write(this.#scalars!.memory, 0, state.scalars(total))
    const shuffles =
      this.#ordered === leg.epoch ? [] : this.#order.shuffle(derive(this.#seed, purposes.order), leg.epoch)
    const parts = this.#parts(leg)
    const runs = (scratch: Memory) => [...shuffles, ...parts.map((part) => this.#runOf(part, steps, scratch))]
    const programs = parts.map(({ program }) => program.compiled)
    const job = { cycles: leg.cycles, shuffles: shuffles.length, signal }
    const fault = await this.#work(runs, programs, job, watch)
    this.#ordered = leg.epoch + (fault ? fault.cycle : leg.cycles - 1)
    if (!fault) {
      state.step += total
      return { steps: total, failed: null, cancelled: false }
    }
    const part = parts[fault.run - shuffles.length]
    const done = fault.cycle * steps + (part ? part.at + fault.step : 0)
    state.step += done
    if (fault.stop === 'cancelled') return { steps: done, failed: null, cancelled: true }
    const first = part!.first + fault.step * part!.program.batch
    return { steps: done, failed: { fault, program: part!.program, first }, cancelled: false }
  }

  /** The numbers of the first `steps` steps of the last leg, a row each. */
  rows(steps: number): Float32Array {
    const rows = new Float32Array(steps * this.columns.width)
    native().read(this.#numbers!.memory, 0, rows)
    return rows
  }

  /** The first number, the loss, of one step of a leg that runs. */
  lossAt(step: number): number {
    const row = new Float32Array(1)
    native().read(this.#numbers!.memory, step * this.columns.width * bytesPer.float32, row)
    return row[0]!
  }

  /** Samples in the batch of a step of an epoch. */
  samplesIn(step: number): number {
    return Math.min(this.#batchSize, this.#dataset.length - step * this.#batchSize)
  }

  /** The sample of the data set at a position of the current order. */
  sampleAt(position: number): number {
    const row = new Int32Array(1)
    native().read(this.#order.memory, position * bytesPer.int32, row)
    return row[0]!
  }

  /** The run of a step that failed, by another program for the same batch. The step left nothing behind. */
  again(failed: FailedStep, program: StepProgram): Run {
    const { state } = this.#training
    const scratch = native().memory(program.compiled.sizes[0]!)
    return program.run(
      this.#dataset,
      this.#order,
      failed.first,
      { memory: this.#numbers!.memory },
      { memory: this.#scalars!.memory },
      { steps: 1, seed: derive(this.#seed, purposes.draws), firstStep: state.step, scratch },
    )
  }

  async #work(
    runs: (scratch: Memory) => readonly Run[],
    programs: readonly Compiled[],
    job: { cycles: number; shuffles: number; signal: AbortSignal | undefined },
    watch: (done: () => number) => () => void,
  ): Promise<Fault | null> {
    const { step } = this.#training.state
    const user = { what: () => `training is at step ${step}`, exclusive: true }
    const uses = usesOf(programs)
    for (let evaluation = evaluationOf(uses.writes); evaluation; evaluation = evaluationOf(uses.writes))
      await evaluation
    const release = claim('fit', uses, user)
    const scratch = lend(Math.max(0, ...programs.map(({ sizes }) => sizes[0]!)))
    try {
      const started: Job = start(runs(scratch.memory), job.cycles)
      const unwatch = watch(() => native().progress(started) - job.shuffles)
      try {
        return await finish(started, job.signal)
      } finally {
        unwatch()
      }
    } finally {
      release()
      giveBack(scratch)
    }
  }

  /** The whole batches and the partial one of a leg. */
  #parts({ from, to }: Leg): Part[] {
    const size = this.#batchSize
    const parts = batchesOf(this.#dataset.length, size).flatMap((batches) => {
      const begin = Math.max(from, batches.first / size)
      const end = Math.min(to, batches.first / size + batches.steps)
      if (end <= begin) return []
      const program = this.#training.train(this.#dataset, batches.size)
      return [{ program, at: begin - from, steps: end - begin, first: begin * size }]
    })
    commonColumns('fit', [this.columns, ...parts.map(({ program }) => program.columns)])
    return parts
  }

  #runOf({ program, at, steps, first }: Part, cycleSteps: number, scratch: Memory): Run {
    const { state } = this.#training
    const numbers = this.columns.width * bytesPer.float32
    const scalars = state.width * bytesPer.float64
    return program.run(
      this.#dataset,
      this.#order,
      first,
      { memory: this.#numbers!.memory, offset: at * numbers, cycleStride: cycleSteps * numbers },
      { memory: this.#scalars!.memory, offset: at * scalars, stride: scalars, cycleStride: cycleSteps * scalars },
      { steps, seed: derive(this.#seed, purposes.draws), firstStep: state.step + at, cycleSteps, scratch },
    )
  }

  #reserve(steps: number): void {
    if (this.#numbers && this.#numbers.steps >= steps) return
    this.#releaseRows()
    this.#numbers = { steps, memory: native().memory(steps * this.columns.width * bytesPer.float32) }
    this.#scalars = { steps, memory: native().memory(steps * this.#training.state.width * bytesPer.float64) }
  }

  #releaseRows(): void {
    for (const rows of [this.#numbers, this.#scalars]) if (rows) native().release(rows.memory)
  }

  /** The training is over. */
  release(): void {
    this.#releaseRows()
    this.#order.release()
  }
}
