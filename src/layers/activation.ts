import { type Activation, activationFunction, activationOption } from '../activations.ts'
import { checkOptions, optional } from '../options.ts'
import type { Tensor } from '../tensor/graph.ts'
import { Layer } from './layer.ts'
import { nameOption } from './options.ts'

const table = { activation: activationOption, name: optional(nameOption) }

export class ActivationLayer extends Layer {
  static readonly type = 'activation'
  readonly #function: (x: Tensor) => Tensor

  constructor(options: { activation: Activation; name?: string }) {
    const checked = checkOptions('activation', options, table)
    super(checked)
    this.#function = activationFunction(checked.activation)
  }

  protected forward(x: Tensor): Tensor {
    return this.#function(x)
  }
}

/** An activation as a layer of its own. The shape does not change. */
export function activation(activation: Activation, options: { name?: string } = {}): ActivationLayer {
  return new ActivationLayer({ activation, ...options })
}
