import { reshape } from '../ops/movement.ts'
import { checkOptions } from '../options.ts'
import type { Tensor } from '../tensor/graph.ts'
import { sizeOf } from '../tensor/shape.ts'
import { Layer } from './layer.ts'
import { type LayerOptions, layerTable } from './options.ts'

export class Flatten extends Layer {
  static readonly type = 'flatten'

  constructor(options: LayerOptions = {}) {
    super(checkOptions('flatten', options, layerTable))
  }

  protected forward(x: Tensor): Tensor {
    return reshape(x, [-1, sizeOf(x.shape.slice(1))])
  }
}

/** [batch, a, b, ...] becomes [batch, a·b·...]. */
export function flatten(options: LayerOptions = {}): Flatten {
  return new Flatten(options)
}
