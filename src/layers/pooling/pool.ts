/** What all pooling layers share. */
import { toFloat } from '../../ops/elementwise.ts'
import { type Windows, windowsOf } from '../../ops/pooling.ts'
import { boolean, checkOptions, oneOf, optional } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { Context } from '../context.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { channelsOf, type Size, sizes } from '../sizes.ts'

export interface PoolOptions<N extends 1 | 2 | 3> extends LayerOptions {
  /** Cells of a window, per axis or for all; default 2. */
  poolSize?: Size<N>
  /** How far a window lies from the next one; default `poolSize`. */
  strides?: Size<N>
  /** 'valid': windows inside of the picture only; 'same': ⌈size / stride⌉ windows, cut at the edges. Default 'valid'. */
  padding?: 'valid' | 'same'
}

const table = (rank: 1 | 2 | 3) => ({
  poolSize: optional(sizes(rank), Array<number>(rank).fill(2)),
  strides: optional(sizes(rank)),
  padding: optional(oneOf(['valid', 'same']), 'valid'),
  ...layerTable,
})

/** A layer that makes one number of each window and channel. */
export class Pool extends Layer {
  readonly #rank
  readonly #checked
  readonly #operation

  constructor(
    type: string,
    rank: 1 | 2 | 3,
    operation: (x: Tensor, windows: Windows) => Tensor,
    options: PoolOptions<1> | PoolOptions<2> | PoolOptions<3>,
  ) {
    const checked = checkOptions(type, options, table(rank))
    super(checked)
    this.#rank = rank
    this.#checked = checked
    this.#operation = operation
  }

  protected forward(x: Tensor): Tensor {
    channelsOf(this.type, x.shape, this.#rank)
    const { poolSize, strides = poolSize, padding } = this.#checked
    return this.#operation(toFloat(x), windowsOf(x.shape.slice(1, -1), { size: poolSize, strides, padding }))
  }
}

export interface GlobalPoolOptions extends LayerOptions {
  /** Keeps the axes of the picture with size 1; default false. */
  keepdims?: boolean
}

const globalTable = { keepdims: optional(boolean, false), ...layerTable }

/** A layer that makes one number of each picture and channel. */
export class GlobalPool extends Layer {
  readonly #rank
  readonly #checked
  readonly #operation

  constructor(
    type: string,
    rank: 1 | 2 | 3,
    operation: (x: Tensor, options: { axis: readonly number[]; keepdims: boolean }) => Tensor,
    options: GlobalPoolOptions,
  ) {
    const checked = checkOptions(type, options, globalTable)
    super(checked)
    this.#rank = rank
    this.#checked = checked
    this.#operation = operation
  }

  protected forward(x: Tensor, _: Context): Tensor {
    channelsOf(this.type, x.shape, this.#rank)
    const axis = Array.from({ length: this.#rank }, (_, i) => i + 1)
    return this.#operation(toFloat(x), { axis, keepdims: this.#checked.keepdims })
  }
}
