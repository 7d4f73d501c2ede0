import { checkOptions } from '../../options.ts'
import { Recurrent, type RecurrentOptions, recurrentTable } from './recurrent.ts'

export class SimpleRnn<R extends boolean = false> extends Recurrent<'hidden', R> {
  static readonly type = 'simpleRnn'

  constructor(options: RecurrentOptions & { units: number; returnState?: R }) {
    super(checkOptions('simpleRnn', options, recurrentTable), 'simpleRnn', 1)
  }
}

/**
 * A recurrent layer whose state is its output: hₜ = activation(xₜ·W + hₜ₋₁·U + b) (Elman, 1990).
 *
 * Input [batch, t, features], or { input, hidden } with the state to start from, [batch, units]. Kernel W
 * [features, units], recurrent kernel U [units, units], bias b [units]. Output the last h, [batch, units]; with
 * `returnSequences` all, [batch, t, units]; with `returnState` { output, hidden }.
 * Where the mask of the input is 0 a step is left out: the state stays, and the output is the one before.
 * PyTorch's RNN adds two biases, `bias_ih` and `bias_hh`: their sum is b. Its weights are Wᵀ and Uᵀ.
 */
export function simpleRnn<const R extends boolean = false>(
  units: number,
  options: RecurrentOptions & { returnState?: R } = {},
): SimpleRnn<R> {
  return new SimpleRnn<R>({ units, ...options })
}
