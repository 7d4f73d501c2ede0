import { add, div, mul, sqrt, square, sub } from '../ops/elementwise.ts'
import { at } from '../ops/slice.ts'
import { number, optional } from '../options.ts'
import { defineOptimizer, type Optimizer, type OptimizerOptions } from './optimizer.ts'

/** The learning rate is 0.001 by default. */
export interface AdagradOptions extends OptimizerOptions {
  /** Default 1e-7. */
  epsilon?: number
}

/** AdaGrad: c ← c + g², p ← p − lr·g / (√c + ε) (Duchi et al., 2011). */
export const adagrad: (options?: AdagradOptions) => Optimizer = defineOptimizer(
  'adagrad',
  0.001,
  { epsilon: optional(number({ min: 0 }), 1e-7) },
  ({ epsilon }) => ({
    slots: ['squares'],
    sparse: epsilon > 0,
    scalars: (lr) => [lr],
    update: ({ parameters, gradients, slots: [c], scalars }) => {
      const squares = add(c!, square(gradients))
      const step = div(mul(gradients, at(scalars, 0)), add(sqrt(squares), epsilon))
      return [sub(parameters, step), squares]
    },
  }),
)
