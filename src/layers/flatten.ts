import { reshape } from '../ops/movement.ts'
import { checkOptions, optional } from '../options.ts'
import type { Tensor } from '../tensor/graph.ts'
import { sizeOf } from '../tensor/shape.ts'
import { Layer } from './layer.ts'
import { nameOption } from './options.ts'

export class Flatten extends Layer {
  static readonly type = 'flatten'

  constructor(options: { name?: string } = {}) {
    super(checkOptions('flatten', options, { name: optional(nameOption) }))
  }

  protected forward(x: Tensor): Tensor {
    return reshape(x, [-1, sizeOf(x.shape.slice(1))])
  }
}

/** [batch, a, b, ...] becomes [batch, a·b·...]. */
export function flatten(options: { name?: string } = {}): Flatten {
  return new Flatten(options)
}
