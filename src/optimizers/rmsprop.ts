import { add, div, mul, sqrt, square, sub } from '../ops/elementwise.ts'
import { at } from '../ops/slice.ts'
import { number, optional } from '../options.ts'
import { defineOptimizer, type Optimizer, type OptimizerOptions } from './optimizer.ts'

/** The learning rate is 0.001 by default. */
export interface RmspropOptions extends OptimizerOptions {
  /** How slowly the average of squares forgets; default 0.9. */
  rho?: number
  /** Default 1e-7. */
  epsilon?: number
}

/** RMSProp: c ← ρc + (1 − ρ)g², p ← p − lr·g / (√c + ε) (Hinton's lectures, 2012). */
export const rmsprop: (options?: RmspropOptions) => Optimizer = defineOptimizer(
  'rmsprop',
  0.001,
  { rho: optional(number({ min: 0, below: 1 }), 0.9), epsilon: optional(number({ min: 0 }), 1e-7) },
  ({ rho, epsilon }) => ({
    slots: ['squares'],
    scalars: (lr) => [lr],
    update: ({ parameters, gradients, slots: [c], scalars }) => {
      const squares = add(mul(c!, rho), mul(square(gradients), 1 - rho))
      const step = div(mul(gradients, at(scalars, 0)), add(sqrt(squares), epsilon))
      return [sub(parameters, step), squares]
    },
  }),
)
