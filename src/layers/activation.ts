import { type Activation, activationFunction, activationOption } from '../activations.ts'
import { toFloat } from '../ops/elementwise.ts'
import { checkOptions } from '../options.ts'
import type { Tensor } from '../tensor/graph.ts'
import { Layer } from './layer.ts'
import { type LayerOptions, layerTable } from './options.ts'

const table = { activation: activationOption, ...layerTable }

export class ActivationLayer extends Layer {
  static readonly type = 'activation'
  readonly #function: (x: Tensor) => Tensor

  constructor(options: LayerOptions & { activation: Activation }) {
    const checked = checkOptions('activation', options, table)
    super(checked)
    this.#function = activationFunction(checked.activation)
  }

  protected forward(x: Tensor): Tensor {
    return this.#function(toFloat(x))
  }

  protected override computeMask(_x: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }
}

/** An activation as a layer of its own. The shape does not change. */
export function activation(activation: Activation, options: LayerOptions = {}): ActivationLayer {
  return new ActivationLayer({ activation, ...options })
}
