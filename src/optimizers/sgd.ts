import { momentumUpdate, sgdUpdate } from '../ops/update.ts'
import { boolean, number, optional } from '../options.ts'
import { defineOptimizer, type Optimizer, type OptimizerOptions } from './optimizer.ts'

/** The learning rate is 0.01 by default. */
export interface SgdOptions extends OptimizerOptions {
  /** Default 0. */
  momentum?: number
  /** Nesterov's momentum; default false. */
  nesterov?: boolean
  /** Added to the gradient as weightDecay·p; default 0. */
  weightDecay?: number
}

const table = {
  momentum: optional(number({ min: 0, below: 1 }), 0),
  nesterov: optional(boolean, false),
  weightDecay: optional(number({ min: 0 }), 0),
}

/**
 * Stochastic gradient descent: p ← p − lr·g; with momentum u ← momentum·u − lr·g and p ← p + u, with Nesterov
 * p ← p + momentum·u − lr·g (Sutskever et al., "On the importance of initialization and momentum", 2013).
 */
export const sgd: (options?: SgdOptions) => Optimizer = defineOptimizer(
  'sgd',
  0.01,
  table,
  ({ momentum, nesterov, weightDecay }) => {
    if (momentum === 0)
      return {
        slots: [],
        sparse: weightDecay === 0,
        scalars: (lr) => [lr, weightDecay],
        update: ({ parameters, gradients, scalars }) => sgdUpdate(parameters, gradients, scalars),
      }
    return {
      slots: ['momentum'],
      scalars: (lr) => [lr, momentum, weightDecay],
      update: ({ parameters, gradients, slots: [u], scalars }) =>
        momentumUpdate(parameters, u!, gradients, scalars, nesterov),
    }
  },
)
