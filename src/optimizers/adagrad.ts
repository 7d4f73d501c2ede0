import { add, div, mul, sqrt, square, sub } from '../ops/elementwise.ts'
import { at } from '../ops/slice.ts'
import { checkOptions, number, optional } from '../options.ts'
import { makeOptimizer, type Optimizer, type Schedule, scheduleOption } from './optimizer.ts'

export interface AdagradOptions {
  /** Default 0.001. */
  learningRate?: Schedule
  /** The rate of step t is divided by 1 + decay·t; default 0. */
  decay?: number
  /** Default 1e-7. */
  epsilon?: number
}

const table = {
  learningRate: optional(scheduleOption, 0.001),
  decay: optional(number({ min: 0 }), 0),
  epsilon: optional(number({ min: 0 }), 1e-7),
}

/** AdaGrad: c ← c + g², p ← p − lr·g / (√c + ε) (Duchi et al., 2011). */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const checked = checkOptions('adagrad', options, table)
  return makeOptimizer('adagrad', checked, {
    slots: ['squares'],
    scalars: (lr) => [lr],
    update: ({ parameters, gradients, slots: [c], scalars }) => {
      const squares = add(c!, square(gradients))
      const step = div(mul(gradients, at(scalars, 0)), add(sqrt(squares), checked.epsilon))
      return [sub(parameters, step), squares]
    },
  })
}
