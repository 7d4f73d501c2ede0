/** What holds of a parameter after each update. */
import { customOptions } from './descriptions/custom.ts'
import { type Described, describe, isDescribed, type Maker, madeBy } from './descriptions/description.ts'
import { register } from './descriptions/registry.ts'
import { add, clip, div, maximum, mul, sqrt, square } from './ops/elementwise.ts'
import { sum } from './ops/reduce.ts'
import { type Checked, type CheckTable, checkOptions, number, optional, optionError, type Subject } from './options.ts'
import { type TensorLike, toTensor } from './tensor/create.ts'
import type { Tensor } from './tensor/graph.ts'

/** A constraint with its options: a function from a parameter's values to those that it may have. */
export interface Constraint extends Described<'constraint'> {
  (w: TensorLike): Tensor
}

/** Over which axes a norm is taken. */
type Axis = number | readonly number[]

function define<T extends CheckTable>(type: string, table: T, project: (w: Tensor, options: Checked<T>) => Tensor) {
  const make = (given: object = {}) => {
    const options = checkOptions(type, given, table)
    refuseEmptyRange(type, options)
    return describe<Constraint>(maker, options, {}, (w: TensorLike) => project(toTensor(w), options))
  }
  const maker = register({ kind: 'constraint', type, make })
  return madeBy(make, maker)
}

function refuseEmptyRange(where: string, { minValue, maxValue }: { minValue?: unknown; maxValue?: unknown }): void {
  if (typeof minValue === 'number' && typeof maxValue === 'number' && minValue > maxValue)
    throw optionError({ where, name: 'minValue' }, `at most maxValue, ${maxValue}`, minValue, 'Exchange the two.')
}

function axisOption(value: unknown, subject: Subject): Axis {
  const list = Array.isArray(value) ? value : [value]
  if (list.length > 0 && list.every(Number.isSafeInteger)) return value as Axis
  throw optionError(subject, 'an axis or a list of axes', value, 'Give 0 for dense layers, [0, 1, 2] for conv2d.')
}

// Keras's epsilon.
const epsilon = 1e-7
const axis = optional(axisOption, 0)
const bound = number({ min: 0 })

function normOf(w: Tensor, along: Axis): Tensor {
  return sqrt(sum(square(w), { axis: along, keepdims: true }))
}

const rescaled = (w: Tensor, norm: Tensor, wanted: Tensor) => mul(w, div(wanted, add(norm, epsilon)))

/**
 * Constraints on parameters, such as the option `kernelConstraint` of layers takes. Each step applies them after the
 * optimizer's update. Norms are taken over `axis`, by default 0: over the inputs of each unit of a dense layer; for
 * `conv2d` give [0, 1, 2].
 */
export const constraints = {
  /** Scales down what has a norm above `maxValue` (default 2): w·min(‖w‖, maxValue) / (‖w‖ + 1e-7). */
  maxNorm: define('maxNorm', { maxValue: optional(bound, 2), axis }, (w, o) => {
    const norm = normOf(w, o.axis)
    return rescaled(w, norm, clip(norm, 0, o.maxValue))
  }) as (options?: { maxValue?: number; axis?: Axis }) => Constraint,
  /**
   * Brings norms between `minValue` (default 0) and `maxValue` (default 1), by the part `rate` (default 1) of the way:
   * w·(rate·clip(‖w‖) + (1 − rate)·‖w‖) / (‖w‖ + 1e-7).
   */
  minMaxNorm: define(
    'minMaxNorm',
    {
      minValue: optional(bound, 0),
      maxValue: optional(bound, 1),
      rate: optional(number({ min: 0, max: 1 }), 1),
      axis,
    },
    (w, o) => {
      const norm = normOf(w, o.axis)
      const inside = clip(norm, o.minValue, o.maxValue)
      return rescaled(w, norm, add(mul(inside, o.rate), mul(norm, 1 - o.rate)))
    },
  ) as (options?: { minValue?: number; maxValue?: number; rate?: number; axis?: Axis }) => Constraint,
  /** Gives each the norm 1: w / (‖w‖ + 1e-7). */
  unitNorm: define('unitNorm', { axis }, (w, o) => div(w, add(normOf(w, o.axis), epsilon))) as (options?: {
    axis?: Axis
  }) => Constraint,
  /** Sets what is negative to 0. */
  nonNeg: define('nonNeg', {}, (w) => maximum(w, 0)) as () => Constraint,
  /**
   * A constraint of one's own, which can be saved.
   * @param name under which it is saved; give it to `Model.load(path, { custom: [constraint] })`
   * @param f from values to those that may be, of the same shape
   */
  custom<O extends object = Record<never, never>>(
    name: string,
    f: (w: Tensor, options: O) => Tensor,
    defaults?: O,
  ): (options?: Partial<O>) => Constraint {
    const check = customOptions('constraints.custom', name, f, defaults)
    const make = (given?: object) => {
      const options = check(given)
      return describe<Constraint>(maker, options, {}, (w: TensorLike) => f(toTensor(w), options))
    }
    const maker: Maker = { kind: 'constraint', type: name, make }
    return madeBy(make, maker)
  },
}

export function constraintOption(value: unknown, subject: Subject): Constraint {
  if (isDescribed(value, 'constraint') && typeof value === 'function') return value as Constraint
  const advice =
    typeof value === 'function'
      ? 'Call it, as constraints.nonNeg(); of your own: constraints.custom(...).'
      : 'Give constraints.maxNorm({ maxValue: 2 }) or its like.'
  throw optionError(subject, 'a constraint', value, advice)
}
