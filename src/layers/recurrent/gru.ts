import type { Initializer } from '../../initializers.ts'
import { at } from '../../ops/slice.ts'
import { boolean, checkOptions, optional } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { Shape } from '../../tensor/shape.ts'
import { type GatedOptions, gatedTable, Recurrent } from './recurrent.ts'

export interface GruOptions extends GatedOptions {
  /** Whether the reset gate follows the product of the state; default true. */
  resetAfter?: boolean
}

const table = { ...gatedTable, resetAfter: optional(boolean, true) }

export class Gru<R extends boolean = false> extends Recurrent<'hidden', R> {
  static readonly type = 'gru'
  readonly #resetAfter: boolean

  constructor(options: GruOptions & { units: number; returnState?: R }) {
    const checked = checkOptions('gru', options, table)
    super(checked, checked.resetAfter ? 'gru' : 'gruBefore', 3)
    this.#resetAfter = checked.resetAfter
  }

  protected override biasOf(columns: number, initializer: Initializer): { shape: Shape; initializer: Initializer } {
    return { shape: this.#resetAfter ? [2, columns] : [columns], initializer }
  }

  protected override biases(): readonly [Tensor | null, Tensor | null] {
    if (!this.bias || !this.#resetAfter) return [this.bias, null]
    return [at(this.bias, 0), at(this.bias, 1)]
  }
}

/**
 * Gated recurrent units (Cho et al., 2014). With the gates z and r of σ = recurrentActivation, and f = activation:
 *
 * z = σ(x·W_z + h·U_z + b_z), likewise r; n = f(x·Wₙ + bₙ + r ⊙ (h·Uₙ + dₙ)); h = z ⊙ h + (1 − z) ⊙ n.
 *
 * With `resetAfter: false`, as in the paper, n = f(x·Wₙ + (r ⊙ h)·Uₙ + bₙ), and there is one bias.
 *
 * Input [batch, t, features], or { input, hidden } with h to start from, [batch, units]. Kernel W [features, 3·units],
 * recurrent kernel U [units, 3·units], in the order z, r, n. Bias [2, 3·units]: b is added to the input's products, d to
 * those of the state; without `resetAfter` [3·units]. Output the last h, [batch, units]; with `returnSequences` all,
 * [batch, t, units]; with `returnState` { output, hidden }.
 * Where the mask of the input is 0 a step is left out: the state stays, and the output is the one before.
 * A recurrent dropout drops the same units for all gates, where Keras draws for each.
 * PyTorch's GRU is `resetAfter` with the gates in the order r, z, n, transposed weights, and biases in two tensors.
 */
export function gru<const R extends boolean = false>(
  units: number,
  options: GruOptions & { returnState?: R } = {},
): Gru<R> {
  return new Gru<R>({ units, ...options })
}
