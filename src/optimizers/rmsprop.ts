import { add, div, mul, sqrt, square, sub } from '../ops/elementwise.ts'
import { at } from '../ops/slice.ts'
import { checkOptions, number, optional } from '../options.ts'
import { makeOptimizer, type Optimizer, type Schedule, scheduleOption } from './optimizer.ts'

export interface RmspropOptions {
  /** Default 0.001. */
  learningRate?: Schedule
  /** The rate of step t is divided by 1 + decay·t; default 0. */
  decay?: number
  /** How slowly the average of squares forgets; default 0.9. */
  rho?: number
  /** Default 1e-7. */
  epsilon?: number
}

const table = {
  learningRate: optional(scheduleOption, 0.001),
  decay: optional(number({ min: 0 }), 0),
  rho: optional(number({ min: 0, below: 1 }), 0.9),
  epsilon: optional(number({ min: 0 }), 1e-7),
}

/** RMSProp: c ← ρc + (1 − ρ)g², p ← p − lr·g / (√c + ε) (Hinton's lectures, 2012). */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const checked = checkOptions('rmsprop', options, table)
  const { rho, epsilon } = checked
  return makeOptimizer('rmsprop', checked, {
    slots: ['squares'],
    scalars: (lr) => [lr],
    update: ({ parameters, gradients, slots: [c], scalars }) => {
      const squares = add(mul(c!, rho), mul(square(gradients), 1 - rho))
      const step = div(mul(gradients, at(scalars, 0)), add(sqrt(squares), epsilon))
      return [sub(parameters, step), squares]
    },
  })
}
