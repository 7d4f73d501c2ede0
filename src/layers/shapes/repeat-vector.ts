import { broadcastTo, reshape } from '../../ops/movement.ts'
import { checkOptions, positiveInteger } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'

const table = { n: positiveInteger, ...layerTable }

export class RepeatVector extends Layer {
  static readonly type = 'repeatVector'
  readonly #n: number

  constructor(options: LayerOptions & { n: number }) {
    const checked = checkOptions('repeatVector', options, table)
    super(checked)
    this.#n = checked.n
  }

  protected forward(x: Tensor): Tensor {
    if (x.rank !== 2)
      throw shapeError('repeatVector', `expected inputs of shape [batch, features], got ${formatShape(x.shape)}`)
    const [batch, features] = x.shape as [number, number]
    return broadcastTo(reshape(x, [batch, 1, features]), [batch, this.#n, features])
  }
}

/** The same vector at n steps: [batch, features] becomes [batch, n, features]. */
export function repeatVector(n: number, options: LayerOptions = {}): RepeatVector {
  return new RepeatVector({ n, ...options })
}
