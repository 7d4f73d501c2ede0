import { type Initializer, initializers } from '../../initializers.ts'
import { concat } from '../../ops/slice.ts'
import { boolean, checkOptions, optional } from '../../options.ts'
import { ones } from '../../tensor/create.ts'
import type { Shape } from '../../tensor/shape.ts'
import { type GatedOptions, gatedTable, Recurrent } from './recurrent.ts'

export interface LstmOptions extends GatedOptions {
  /** Whether the forget gate's bias begins at 1 (Jozefowicz et al., 2015); default true. */
  unitForgetBias?: boolean
}

const table = { ...gatedTable, unitForgetBias: optional(boolean, true) }

export class Lstm<R extends boolean = false> extends Recurrent<'hidden' | 'carry', R> {
  static readonly type = 'lstm'
  readonly #options

  constructor(options: LstmOptions & { units: number; returnState?: R }) {
    const checked = checkOptions('lstm', options, table)
    super(checked, 'lstm', 4)
    this.#options = checked
  }

  protected override sampleStates(): Readonly<Record<string, Shape>> {
    const { units } = this.checked
    return { hidden: [units], carry: [units] }
  }

  protected override biasOf(columns: number, initializer: Initializer): { shape: Shape; initializer: Initializer } {
    return { shape: [columns], initializer: this.#options.unitForgetBias ? unitForget(initializer) : initializer }
  }
}

/** Ones for the forget gate, and for the others what was asked for. */
const unitForget = ({ values }: Initializer): Initializer =>
  initializers.custom('unitForgetBias', ([columns]: Shape, seed: number) => {
    const units = columns! / 4
    return concat([values([units], seed), ones([units]), values([2 * units], seed + 1)])
  })()

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997; with the forget gate of Gers et al., 2000). With the gates
 * i, f, o of σ = recurrentActivation, and f = activation:
 *
 * i = σ(x·Wᵢ + h·Uᵢ + bᵢ), likewise f and o; z = f(x·W_c + h·U_c + b_c); c = f ⊙ c + i ⊙ z; h = o ⊙ f(c).
 *
 * Input [batch, t, features], or { input, hidden, carry } with h and c to start from, [batch, units]. Kernel W
 * [features, 4·units], recurrent kernel U [units, 4·units], bias b [4·units], in the order i, f, c, o. Output the last h,
 * [batch, units]; with `returnSequences` all, [batch, t, units]; with `returnState` { output, hidden, carry }.
 * Where the mask of the input is 0 a step is left out: the state stays, and the output is the one before.
 * A recurrent dropout drops the same units for all gates, where Keras draws for each.
 * PyTorch's LSTM has the same order (i, f, g, o), transposed weights, two biases whose sum is b, and begins with uniform
 * numbers in ±1/√units, the forget gate's bias too.
 */
export function lstm<const R extends boolean = false>(
  units: number,
  options: LstmOptions & { returnState?: R } = {},
): Lstm<R> {
  return new Lstm<R>({ units, ...options })
}
