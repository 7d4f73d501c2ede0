import { pad } from '../../ops/arrange.ts'
import { toFloat } from '../../ops/elementwise.ts'
import { checkOptions, optional } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { channelsOf } from '../sizes.ts'
import { type Around, aroundOption, everyAxis, type Pair } from './around.ts'

export interface ZeroPaddingOptions<N extends 1 | 2 | 3> extends LayerOptions {
  /** How many zeros: for all sides, per axis, or per axis [before, after]; of sequences also [before, after]. Default 1. */
  padding?: Around<N>
}

class ZeroPadding extends Layer {
  readonly #padding: readonly Pair[]

  constructor(type: string, axes: 1 | 2 | 3, options: object) {
    const one = Array.from({ length: axes }, (): Pair => [1, 1])
    const checked = checkOptions(type, options, { padding: optional(aroundOption(axes), one), ...layerTable })
    super(checked)
    this.#padding = checked.padding
  }

  protected forward(x: Tensor): Tensor {
    channelsOf(this.type, x.shape, this.#padding.length)
    return pad(toFloat(x), everyAxis(this.#padding))
  }
}

export class ZeroPadding1d extends ZeroPadding {
  static readonly type = 'zeroPadding1d'

  constructor(options: ZeroPaddingOptions<1> = {}) {
    super('zeroPadding1d', 1, options)
  }
}

export class ZeroPadding2d extends ZeroPadding {
  static readonly type = 'zeroPadding2d'

  constructor(options: ZeroPaddingOptions<2> = {}) {
    super('zeroPadding2d', 2, options)
  }
}

export class ZeroPadding3d extends ZeroPadding {
  static readonly type = 'zeroPadding3d'

  constructor(options: ZeroPaddingOptions<3> = {}) {
    super('zeroPadding3d', 3, options)
  }
}

/**
 * Zeros around sequences. Input [batch, time, channels], output [batch, time + before + after, channels].
 * PyTorch's ZeroPad1d names the sides of the last axis first.
 */
export function zeroPadding1d(options: ZeroPaddingOptions<1> = {}): ZeroPadding1d {
  return new ZeroPadding1d(options)
}

/**
 * Zeros around pictures. Input [batch, height, width, channels], output [batch, top + height + bottom, left + width + right, channels].
 * PyTorch's ZeroPad2d names the sides of the last axis first.
 */
export function zeroPadding2d(options: ZeroPaddingOptions<2> = {}): ZeroPadding2d {
  return new ZeroPadding2d(options)
}

/**
 * Zeros around volumes. Input [batch, depth, height, width, channels], output the same with what is added to each axis.
 * PyTorch's ZeroPad3d names the sides of the last axis first.
 */
export function zeroPadding3d(options: ZeroPaddingOptions<3> = {}): ZeroPadding3d {
  return new ZeroPadding3d(options)
}
