/** What an optimizer is: numbers per step, and one update formula on flat ranges of parameters. */
import { ChainruleError } from '../errors.ts'
import { describeValue, number, optionError, type Subject } from '../options.ts'
import type { Tensor } from '../tensor/graph.ts'

/** A learning rate, or a function from the step (from 0 on) to one. */
export type Schedule = number | ((step: number) => number)

/** A range of parameters, as the update formula sees it: flat, all of one length. */
export interface Update {
  readonly parameters: Tensor
  readonly gradients: Tensor
  /** In the order of the optimizer's `slots`. */
  readonly slots: readonly Tensor[]
  /** This step's `scalars`, as one float64 tensor. */
  readonly scalars: Tensor
}

export interface Optimizer {
  readonly kind: 'optimizer'
  readonly name: string
  /** All options, defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>
  /** Names of what it remembers per parameter; zeros at first. */
  readonly slots: readonly string[]
  /** The learning rate of a step (from 0 on), before decay. */
  learningRate(step: number): number
  /** The numbers that change from step to step. The next call may use the same array. */
  scalars(learningRate: number, step: number): readonly number[]
  /** New parameters, then new slots. */
  update(update: Update): readonly Tensor[]
}

const positive = number({ min: 0 })

/** Checks an option that is a learning rate or a schedule. */
export function scheduleOption(value: unknown, subject: Subject): Schedule {
  if (typeof value === 'function') return value as (step: number) => number
  if (typeof value === 'number') return positive(value, subject)
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

/** rate / (1 + decay·step), in the book's two roundings: the last digit of a printed rate is its. */
export function decayed(rate: number, decay: number, step: number): number {
  return rate * (1 / (1 + decay * step))
}

/** Fills in what all optimizers share. */
export function makeOptimizer(
  name: string,
  options: { readonly learningRate: Schedule; readonly decay: number },
  own: Pick<Optimizer, 'slots' | 'scalars' | 'update'>,
): Optimizer {
  return Object.freeze({
    kind: 'optimizer',
    name,
    options: Object.freeze({ ...options }) as Readonly<Record<string, unknown>>,
    learningRate: (step: number) => rateAt(options.learningRate, step, options.decay),
    ...own,
  } as const)
}
