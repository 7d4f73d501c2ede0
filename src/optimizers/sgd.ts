import { momentumUpdate, sgdUpdate } from '../ops/update.ts'
import { boolean, checkOptions, number, optional } from '../options.ts'
import { makeOptimizer, type Optimizer, type Schedule, scheduleOption } from './optimizer.ts'

export interface SgdOptions {
  /** Default 0.01. */
  learningRate?: Schedule
  /** The rate of step t is divided by 1 + decay·t; default 0. */
  decay?: number
  /** Default 0. */
  momentum?: number
  /** Nesterov's momentum; default false. */
  nesterov?: boolean
  /** Added to the gradient as weightDecay·p; default 0. */
  weightDecay?: number
}

const table = {
  learningRate: optional(scheduleOption, 0.01),
  decay: optional(number({ min: 0 }), 0),
  momentum: optional(number({ min: 0, below: 1 }), 0),
  nesterov: optional(boolean, false),
  weightDecay: optional(number({ min: 0 }), 0),
}

/**
 * Stochastic gradient descent: p ← p − lr·g; with momentum u ← momentum·u − lr·g and p ← p + u, with Nesterov
 * p ← p + momentum·u − lr·g (Sutskever et al., "On the importance of initialization and momentum", 2013).
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const checked = checkOptions('sgd', options, table)
  const { momentum, nesterov, weightDecay } = checked
  if (momentum === 0)
    return makeOptimizer('sgd', checked, {
      slots: [],
      scalars: (lr) => [lr, weightDecay],
      update: ({ parameters, gradients, scalars }) => sgdUpdate(parameters, gradients, scalars),
    })
  return makeOptimizer('sgd', checked, {
    slots: ['momentum'],
    scalars: (lr) => [lr, momentum, weightDecay],
    update: ({ parameters, gradients, slots: [u], scalars }) =>
      momentumUpdate(parameters, u!, gradients, scalars, nesterov),
  })
}
