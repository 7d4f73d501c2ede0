import { activationParts } from '../activations.ts'
import { toFloat } from '../ops/elementwise.ts'
import { linear } from '../ops/matmul.ts'
import { reshape } from '../ops/movement.ts'
import { checkOptions, positiveInteger } from '../options.ts'
import type { Parameter } from '../parameters/parameter.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'
import { Layer } from './layer.ts'
import { type KernelOptions, kernelTable, makeWeight, penaltiesOf } from './weights.ts'

export interface DenseOptions extends KernelOptions {}

const table = { units: positiveInteger, ...kernelTable }

export class Dense extends Layer {
  static readonly type = 'dense'
  kernel!: Parameter
  bias: Parameter | null = null
  readonly #checked

  constructor(options: DenseOptions & { units: number }) {
    const checked = checkOptions('dense', options, table)
    super(checked)
    this.#checked = checked
  }

  protected override build(shape: Shape): void {
    const { units, useBias } = this.#checked
    const inputs = shape.at(-1)
    if (inputs === undefined || shape.length < 2)
      throw shapeError(
        'dense',
        `expected inputs of shape [batch, ..., features], got ${formatShape(shape)}.` +
          (shape.length === 1 ? ' Of one number per sample make a row: x.map((v) => [v]).' : ''),
      )
    this.kernel = makeWeight('kernel', this.#checked, [inputs, units], 'glorotUniform')
    if (useBias) this.bias = makeWeight('bias', this.#checked, [units], 'zeros')
  }

  protected forward(input: Tensor): Tensor {
    const x = toFloat(input)
    const { units, activation } = this.#checked
    const inputs = this.kernel.shape[0]!
    if (x.size(-1) !== inputs)
      throw shapeError(
        'dense',
        `expected inputs of shape [batch, ${inputs}], got ${formatShape(x.shape)}: ` +
          `the layer was built for ${inputs} features, and one sample must have as many`,
      )
    const { fused, after } = activationParts(activation)
    if (x.rank === 2) return after(linear(x, this.kernel, this.bias, fused))
    const rows = linear(reshape(x, [-1, inputs]), this.kernel, this.bias, fused)
    return after(reshape(rows, [...x.shape.slice(0, -1), units]))
  }

  // Of rows without steps the last axis is mixed.
  protected override computeMask(x: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return x.rank > 2 ? mask : undefined
  }

  override regularization() {
    return penaltiesOf(this.#checked, { kernel: this.kernel, bias: this.bias })
  }
}

/**
 * A fully connected layer: y = activation(x·W + b).
 *
 * Input [batch, ..., in], kernel W [in, units], bias b [units], output [batch, ..., units].
 * Gradients: dW = xᵀ·dz, db = Σ dz over the batch, dx = dz·Wᵀ, with dz = dy·activation′.
 */
export function dense(units: number, options: DenseOptions = {}): Dense {
  return new Dense({ units, ...options })
}
