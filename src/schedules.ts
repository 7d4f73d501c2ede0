/** Learning rates as functions of the step, from 0 on; not of the epoch. Keras's names and formulas. */
import { customOptions } from './descriptions/custom.ts'
import { type Described, describe, isDescribed, type Maker, madeBy } from './descriptions/description.ts'
import { register } from './descriptions/registry.ts'
import { ChainruleError } from './errors.ts'
import {
  boolean,
  type Checked,
  type CheckTable,
  checkOptions,
  describeValue,
  number,
  optional,
  optionError,
  positiveInteger,
  type Subject,
} from './options.ts'

/** A learning rate, or a function from the step (from 0 on) to one; a `ScheduleDescription` is one that can be saved. */
export type Schedule = number | ((step: number) => number)

export interface ScheduleDescription extends Described<'schedule'> {
  (step: number): number
}

/** A built-in schedule: a table of its options, and its formula. `Given` are the options as users write them. */
function define<Given extends object, T extends CheckTable>(
  type: string,
  table: T,
  formula: (step: number, options: Checked<T>) => number,
  check: (options: Checked<T>) => void = () => {},
): (options: Given) => ScheduleDescription {
  const make = (given: object) => {
    const options = checkOptions(`schedules.${type}`, given, table)
    check(options)
    return describe<ScheduleDescription>(maker, options, {}, (step: number) => formula(step, options))
  }
  const maker = register({ kind: 'schedule', type, make })
  return madeBy(make, maker)
}

const rate = number({ min: 0 })

/** What both decays share. */
interface Decay {
  initialLearningRate: number
  decaySteps: number
  decayRate: number
  /** Whether the rate changes only every `decaySteps` steps; default false. */
  staircase?: boolean
}
const decayTable = {
  initialLearningRate: rate,
  decaySteps: positiveInteger,
  decayRate: rate,
  staircase: optional(boolean, false),
}
const periods = (step: number, { decaySteps, staircase }: Checked<typeof decayTable>) =>
  staircase ? Math.floor(step / decaySteps) : step / decaySteps

const numbers = (value: unknown, subject: Subject): readonly number[] => {
  if (Array.isArray(value)) return Object.freeze(value.map((v) => rate(v, subject)))
  throw optionError(subject, 'a list of numbers', value, 'Write them in brackets.')
}

function checkPieces({ boundaries, values }: { boundaries: readonly number[]; values: readonly number[] }): void {
  const rising = boundaries.every((b, i) => i === 0 || b > boundaries[i - 1]!)
  if (rising && values.length === boundaries.length + 1) return
  const what = rising ? `${values.length} values for ${boundaries.length} boundaries` : 'boundaries that do not rise'
  throw new ChainruleError(
    'ERR_OPTION',
    `schedules.piecewiseConstantDecay: expected rising boundaries and one value more than boundaries, got ${what}`,
  )
}

function scheduleOrRate(value: unknown, subject: Subject): number | ScheduleDescription {
  if (isDescribed(value, 'schedule')) return value as ScheduleDescription
  if (typeof value === 'number') return rate(value, subject)
  throw optionError(subject, 'a number or a schedule', value, 'Functions get a name by schedules.custom(name, f).')
}

const piecesTable = { boundaries: numbers, values: numbers }

const polynomialTable = {
  initialLearningRate: rate,
  decaySteps: positiveInteger,
  endLearningRate: optional(rate, 0.0001),
  power: optional(rate, 1),
  cycle: optional(boolean, false),
}

const cosineTable = {
  initialLearningRate: rate,
  decaySteps: positiveInteger,
  alpha: optional(rate, 0),
  warmupTarget: optional(rate),
  warmupSteps: optional(number({ min: 0 }), 0),
}

const restartsTable = {
  initialLearningRate: rate,
  firstDecaySteps: positiveInteger,
  tMul: optional(number({ min: 1 }), 2),
  mMul: optional(rate, 1),
  alpha: optional(rate, 0),
}

// biome-ignore lint/suspicious/noThenProperty: nobody awaits options
const warmupTable = { steps: positiveInteger, then: scheduleOrRate }

/** From 1 to `alpha`, along half a cosine. */
const cosine = (done: number, alpha: number, scale = 1) =>
  (1 - alpha) * 0.5 * scale * (1 + Math.cos(Math.PI * done)) + alpha

function cosineRate(step: number, o: Checked<typeof cosineTable>): number {
  const { initialLearningRate: from, decaySteps, alpha, warmupTarget, warmupSteps } = o
  if (warmupTarget === undefined) return from * cosine(Math.min(step, decaySteps) / decaySteps, alpha)
  if (step < warmupSteps) return (warmupTarget - from) * (step / warmupSteps) + from
  return warmupTarget * cosine((Math.min(step, decaySteps + warmupSteps) - warmupSteps) / decaySteps, alpha)
}

function restartsRate(step: number, o: Checked<typeof restartsTable>): number {
  const { initialLearningRate, firstDecaySteps, tMul, mMul, alpha } = o
  const passed = step / firstDecaySteps
  const restarts = Math.floor(tMul === 1 ? passed : Math.log(1 - passed * (1 - tMul)) / Math.log(tMul))
  const before = tMul === 1 ? restarts : (1 - tMul ** restarts) / (1 - tMul)
  return initialLearningRate * cosine((passed - before) / tMul ** restarts, alpha, mMul ** restarts)
}

export const schedules = {
  /** values[0] up to step boundaries[0], and with it, then values[1], ... */
  piecewiseConstantDecay: define<{ boundaries: readonly number[]; values: readonly number[] }, typeof piecesTable>(
    'piecewiseConstantDecay',
    piecesTable,
    (step, { boundaries, values }) => {
      const i = boundaries.findIndex((b) => step <= b)
      return values[i < 0 ? boundaries.length : i]!
    },
    checkPieces,
  ),
  /** rate·decayRate^(step / decaySteps). */
  exponentialDecay: define<Decay, typeof decayTable>(
    'exponentialDecay',
    decayTable,
    (step, o) => o.initialLearningRate * o.decayRate ** periods(step, o),
  ),
  /** rate / (1 + decayRate·step / decaySteps). */
  inverseTimeDecay: define<Decay, typeof decayTable>(
    'inverseTimeDecay',
    decayTable,
    (step, o) => o.initialLearningRate / (1 + o.decayRate * periods(step, o)),
  ),
  /** From the first rate to `endLearningRate` (default 0.0001) in `decaySteps`, as (1 − step / decaySteps)^power. */
  polynomialDecay: define<
    {
      initialLearningRate: number
      decaySteps: number
      endLearningRate?: number
      power?: number
      /** Beyond `decaySteps` the decay is stretched to the next multiple of them; default false. */
      cycle?: boolean
    },
    typeof polynomialTable
  >('polynomialDecay', polynomialTable, (step, { initialLearningRate, decaySteps, endLearningRate, power, cycle }) => {
    const steps = cycle ? decaySteps * Math.max(1, Math.ceil(step / decaySteps)) : decaySteps
    return (initialLearningRate - endLearningRate) * (1 - Math.min(step, steps) / steps) ** power + endLearningRate
  }),
  /** Half a cosine from the first rate to `alpha` times it; with `warmupTarget` a linear rise to that before. */
  cosineDecay: define<
    {
      initialLearningRate: number
      decaySteps: number
      alpha?: number
      warmupTarget?: number
      warmupSteps?: number
    },
    typeof cosineTable
  >('cosineDecay', cosineTable, cosineRate),
  /** Half cosines, each `tMul` times as long as the one before and `mMul` times as high (SGDR; Loshchilov, Hutter, 2016). */
  cosineDecayRestarts: define<
    { initialLearningRate: number; firstDecaySteps: number; tMul?: number; mMul?: number; alpha?: number },
    typeof restartsTable
  >('cosineDecayRestarts', restartsTable, restartsRate),
  /** From 0 to the rate of `then` over `steps`, linearly; `then` starts at its own step 0. */
  warmup: define<{ steps: number; then: number | ScheduleDescription }, typeof warmupTable>(
    'warmup',
    warmupTable,
    (step, { steps, then }) => {
      const after = (s: number) => (typeof then === 'number' ? then : then(s))
      return step < steps ? after(0) * (step / steps) : after(step - steps)
    },
  ),
  /**
   * A schedule of one's own, which can be saved.
   * @param name under which it is saved; give it to `Model.load(path, { custom: [schedule] })`
   * @param f the rate of a step, from 0 on
   */
  custom<O extends object = Record<never, never>>(
    name: string,
    f: (step: number, options: O) => number,
    defaults?: O,
  ): (options?: Partial<O>) => ScheduleDescription {
    const check = customOptions('schedules.custom', name, f, defaults)
    const make = (given?: object) => {
      const options = check(given)
      return describe<ScheduleDescription>(maker, options, {}, (step: number) => f(step, options))
    }
    const maker: Maker = { kind: 'schedule', type: name, make }
    return madeBy(make, maker)
  },
}

/** Checks an option that is a learning rate or a schedule. */
export function scheduleOption(value: unknown, subject: Subject): Schedule {
  if (typeof value === 'function') return value as (step: number) => number
  if (typeof value === 'number') return rate(value, subject)
  throw optionError(subject, 'a number or a function of the step', value, 'Give a number such as 0.001.')
}

/** The learning rate of a step; a function's result is checked when it is used. */
export function rateAt(schedule: Schedule, step: number, decay: number): number {
  const rate = typeof schedule === 'function' ? schedule(step) : schedule
  if (typeof rate !== 'number' || !(rate >= 0) || rate === Number.POSITIVE_INFINITY)
    throw new ChainruleError(
      'ERR_OPTION',
      `learningRate: the schedule gave ${describeValue(rate)} at step ${step}, expected a finite number ≥ 0`,
    )
  return decayed(rate, decay, step)
}

/** A learning rate that is set while a model is trained. */
export function checkedRate(rate: unknown): number {
  if (typeof rate === 'number' && rate >= 0 && Number.isFinite(rate)) return rate
  throw new ChainruleError('ERR_OPTION', `learningRate: expected a finite number ≥ 0, got ${describeValue(rate)}`)
}

/** rate / (1 + decay·step), in the book's two roundings: the last digit of a printed rate is its. */
export function decayed(rate: number, decay: number, step: number): number {
  return rate * (1 / (1 + decay * step))
}
