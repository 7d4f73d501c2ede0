import { adamUpdate } from '../ops/update.ts'
import { number, optional } from '../options.ts'
import { defineOptimizer, type Optimizer, type OptimizerFormula, type OptimizerOptions } from './optimizer.ts'

/** The learning rate is 0.001 by default. */
export interface AdamOptions extends OptimizerOptions {
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
  beta1: optional(number({ min: 0, below: 1 }), 0.9),
  beta2: optional(number({ min: 0, below: 1 }), 0.999),
  epsilon: optional(number({ min: 0 }), 1e-7),
}

type Checked = Readonly<Required<Pick<AdamOptions, 'beta1' | 'beta2' | 'epsilon'>>>

function formula({ beta1, beta2, epsilon }: Checked, weightDecay: number): OptimizerFormula {
  // One array for all steps: they are many.
  const row = [0, beta1, beta2, epsilon, 0, 0, weightDecay]
  return {
    slots: ['mean', 'variance'],
    scalars: (lr, step) => {
      row[0] = lr
      row[4] = 1 / (1 - beta1 ** (step + 1))
      row[5] = 1 / (1 - beta2 ** (step + 1))
      return row
    },
    update: ({ parameters, gradients, slots: [m, v], scalars }) => adamUpdate(parameters, m!, v!, gradients, scalars),
  }
}

/**
 * Adam: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr·m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and
 * v̂ = v / (1 − β₂ᵗ) (Kingma and Ba, 2015).
 */
export const adam: (options?: AdamOptions) => Optimizer = defineOptimizer('adam', 0.001, table, (options) =>
  formula(options, 0),
)

/** Adam with decoupled weight decay: each step also subtracts lr·weightDecay·p (Loshchilov and Hutter, 2019). */
export const adamw: (options?: AdamWOptions) => Optimizer = defineOptimizer(
  'adamw',
  0.001,
  { ...table, weightDecay: optional(number({ min: 0 }), 0.004) },
  (options) => formula(options, options.weightDecay),
)
