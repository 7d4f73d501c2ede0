/** What an optimizer is: numbers per step, and one update formula on flat ranges of parameters. */
import { customOptions } from '../descriptions/custom.ts'
import { type Described, describe, type Maker, madeBy } from '../descriptions/description.ts'
import { register } from '../descriptions/registry.ts'
import { type Checked, type CheckTable, checkOptions, number, optional } from '../options.ts'
import { rateAt, type Schedule, scheduleOption } from '../schedules.ts'
import type { Tensor } from '../tensor/graph.ts'

/** A range of parameters, as the update formula sees it: flat, all of one length. */
export interface Update {
  readonly parameters: Tensor
  readonly gradients: Tensor
  /** In the order of the optimizer's `slots`. */
  readonly slots: readonly Tensor[]
  /** This step's `scalars`, as one float64 tensor. */
  readonly scalars: Tensor
}

/** Frozen; what it remembers of a run lives in the compiled model or the train step. */
export interface Optimizer extends Described<'optimizer'> {
  readonly name: string
  /** Names of what it remembers per parameter; zeros at first. */
  readonly slots: readonly string[]
  /** The learning rate of a step (from 0 on). */
  learningRate(step: number): number
  /** The numbers that change from step to step. The next call may use the same array. */
  scalars(learningRate: number, step: number): readonly number[]
  /** New parameters, then new slots. */
  update(update: Update): readonly Tensor[]
  /** It leaves numbers without a gradient, and their slots, as they are: of a table only the touched rows are updated. */
  readonly sparse?: boolean
}

/** What is an optimizer's own: all else is shared. */
export type OptimizerFormula = Pick<Optimizer, 'slots' | 'scalars' | 'update' | 'sparse'>

/** Options that every optimizer has. */
export interface OptimizerOptions {
  /** A number, a schedule, or a function of the step. */
  learningRate?: Schedule
  /** The rate of step t is divided by 1 + decay·t; default 0. */
  decay?: number
}

const shared = (learningRate: Schedule) => ({
  learningRate: optional(scheduleOption, learningRate),
  decay: optional(number({ min: 0 }), 0),
})

type Shared = Checked<ReturnType<typeof shared>>

/** A built-in optimizer: the default of its learning rate, the table of its other options, and its formula. */
export function defineOptimizer<T extends CheckTable>(
  type: string,
  learningRate: number,
  table: T,
  formula: (options: Checked<T>) => OptimizerFormula,
) {
  const all = { ...shared(learningRate), ...table }
  const make = (given: object = {}) => {
    const options = checkOptions(type, given, all)
    return describeOptimizer(maker, options as Shared, formula(options as Checked<T>))
  }
  const maker = register({ kind: 'optimizer', type, make })
  return madeBy(make, maker)
}

/**
 * An optimizer of one's own, from its formula alone. Schedules and decay are added to it, and it can be saved.
 * @param name under which it is saved; give it to `Model.load(path, { custom: [optimizer] })`
 * @param formula slots, scalars and update, from the options
 * @param defaults of its own options; that of `learningRate` is 0.001 where none is given here
 */
export function customOptimizer<O extends object = Record<never, never>>(
  name: string,
  formula: (options: O) => OptimizerFormula,
  defaults?: O,
): (options?: Partial<O> & OptimizerOptions) => Optimizer {
  const all = { learningRate: 0.001, decay: 0, ...defaults }
  const check = customOptions('optimizers.custom', name, formula, all)
  const make = (given?: object) => {
    const { learningRate, decay, ...own } = check(given)
    const options = { ...own, ...checkOptions(name, { learningRate, decay }, shared(0.001)) }
    return describeOptimizer(maker, options, formula(options as unknown as O))
  }
  const maker: Maker = { kind: 'optimizer', type: name, make }
  return madeBy(make, maker)
}

function describeOptimizer(maker: Maker, options: Shared, formula: OptimizerFormula): Optimizer {
  const learningRate = (step: number) => rateAt(options.learningRate, step, options.decay)
  return describe<Optimizer>(maker, options, { name: maker.type, learningRate, ...formula })
}
