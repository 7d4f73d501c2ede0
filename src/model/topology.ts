/** How the layers of a model are connected: in a row, or as a graph. */
import { ChainruleError } from '../errors.ts'
import type { Tree } from '../gradient.ts'
import { type AnyLayer, Layer } from '../layers/layer.ts'
import type { Inputs } from './build.ts'
import { nameLayers } from './names.ts'

export interface Topology {
  /** In the order in which they are first applied. */
  readonly layers: readonly AnyLayer[]
  /** What it takes, with some batch; null where only the first data tell. */
  readonly inputs: Inputs | null
  /** The names of what it gives, '' for one alone; null where only the first data tell. */
  readonly outputs: readonly string[] | null
  forward(x: Tree): Tree
}

/** Each layer takes what the one before it gives. */
export class Row implements Topology {
  readonly layers: readonly AnyLayer[]
  readonly inputs = null
  readonly outputs = null

  constructor(layers: unknown) {
    if (!Array.isArray(layers) || layers.length === 0 || !layers.every((l) => l instanceof Layer))
      throw new ChainruleError(
        'ERR_OPTION',
        'Model: expected a list of layers, for example new Model([dense(64, { activation: "relu" }), dense(10)]), or a ' +
          'graph, new Model({ inputs, outputs })',
      )
    this.layers = Object.freeze([...layers])
    nameLayers(this.layers)
  }

  forward(x: Tree): Tree {
    return this.layers.reduce<Tree>((value, layer) => layer.apply(value), x)
  }
}
