import { adamUpdate } from '../ops/update.ts'
import { checkOptions, number, optional } from '../options.ts'
import { makeOptimizer, type Optimizer, type Schedule, scheduleOption } from './optimizer.ts'

export interface AdamOptions {
  /** Default 0.001. */
  learningRate?: Schedule
  /** The rate of step t is divided by 1 + decay·t; default 0. */
  decay?: number
  /** Default 0.9. */
  beta1?: number
  /** Default 0.999. */
  beta2?: number
  /** Default 1e-7. */
  epsilon?: number
}

export interface AdamWOptions extends AdamOptions {
  /** Default 0.004. */
  weightDecay?: number
}

const table = {
  learningRate: optional(scheduleOption, 0.001),
  decay: optional(number({ min: 0 }), 0),
  beta1: optional(number({ min: 0, below: 1 }), 0.9),
  beta2: optional(number({ min: 0, below: 1 }), 0.999),
  epsilon: optional(number({ min: 0 }), 1e-7),
}

type Checked = ReturnType<typeof checkOptions<typeof table>>

function make(name: string, checked: Checked, weightDecay: number): Optimizer {
  const { beta1, beta2, epsilon } = checked
  // One array for all steps: they are many.
  const row = [0, beta1, beta2, epsilon, 0, 0, weightDecay]
  return makeOptimizer(name, checked, {
    slots: ['mean', 'variance'],
    scalars: (lr, step) => {
      row[0] = lr
      row[4] = 1 / (1 - beta1 ** (step + 1))
      row[5] = 1 / (1 - beta2 ** (step + 1))
      return row
    },
    update: ({ parameters, gradients, slots: [m, v], scalars }) => adamUpdate(parameters, m!, v!, gradients, scalars),
  })
}

/**
 * Adam: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr·m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and
 * v̂ = v / (1 − β₂ᵗ) (Kingma and Ba, 2015).
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return make('adam', checkOptions('adam', options, table), 0)
}

/** Adam with decoupled weight decay: each step also subtracts lr·weightDecay·p (Loshchilov and Hutter, 2019). */
export function adamw(options: AdamWOptions = {}): Optimizer {
  const checked = checkOptions('adamw', options, { ...table, weightDecay: optional(number({ min: 0 }), 0.004) })
  return make('adamw', checked, checked.weightDecay)
}
