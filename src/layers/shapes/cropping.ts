import { toFloat } from '../../ops/elementwise.ts'
import { slice } from '../../ops/place.ts'
import { checkOptions, optional } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { channelsOf } from '../sizes.ts'
import { type Around, aroundOption, checkCropping, everyAxis, type Pair } from './around.ts'

export interface CroppingOptions<N extends 1 | 2 | 3> extends LayerOptions {
  /** How much is cut off: of all sides, per axis, or per axis [before, after]; of sequences also [before, after]. Default 0 for pictures, else 1. */
  cropping?: Around<N>
}

class Cropping extends Layer {
  readonly #cropping: readonly Pair[]

  constructor(type: string, axes: 1 | 2 | 3, options: object) {
    // As in Keras: of sequences and volumes 1, of pictures nothing.
    const usual = Array.from({ length: axes }, (): Pair => (axes === 2 ? [0, 0] : [1, 1]))
    const checked = checkOptions(type, options, { cropping: optional(aroundOption(axes), usual), ...layerTable })
    super(checked)
    this.#cropping = checked.cropping
  }

  protected forward(x: Tensor): Tensor {
    channelsOf(this.type, x.shape, this.#cropping.length)
    checkCropping(this.type, x, this.#cropping)
    const pairs = everyAxis(this.#cropping)
    return slice(toFloat(x), {
      start: pairs.map(([before]) => before),
      step: pairs.map(() => 1),
      shape: x.shape.map((n, i) => n - pairs[i]![0] - pairs[i]![1]),
    })
  }
}

export class Cropping1d extends Cropping {
  static readonly type = 'cropping1d'

  constructor(options: CroppingOptions<1> = {}) {
    super('cropping1d', 1, options)
  }
}

export class Cropping2d extends Cropping {
  static readonly type = 'cropping2d'

  constructor(options: CroppingOptions<2> = {}) {
    super('cropping2d', 2, options)
  }
}

export class Cropping3d extends Cropping {
  static readonly type = 'cropping3d'

  constructor(options: CroppingOptions<3> = {}) {
    super('cropping3d', 3, options)
  }
}

/**
 * Cuts off the edges of sequences. Input [batch, time, channels], output [batch, time − before − after, channels].
 */
export function cropping1d(options: CroppingOptions<1> = {}): Cropping1d {
  return new Cropping1d(options)
}

/**
 * Cuts off the edges of pictures. Input [batch, height, width, channels], output [batch, height − top − bottom, width − left − right, channels].
 */
export function cropping2d(options: CroppingOptions<2> = {}): Cropping2d {
  return new Cropping2d(options)
}

/**
 * Cuts off the edges of volumes. Input [batch, depth, height, width, channels], output the same without what is cut off each axis.
 */
export function cropping3d(options: CroppingOptions<3> = {}): Cropping3d {
  return new Cropping3d(options)
}
