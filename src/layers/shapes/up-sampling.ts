import { toFloat } from '../../ops/elementwise.ts'
import { reshape } from '../../ops/movement.ts'
import { type Interpolation, resize } from '../../ops/resize.ts'
import { checkOptions, oneOf, optional } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { channelsOf, type Size, sizes } from '../sizes.ts'

export interface UpSampling1dOptions extends LayerOptions {
  /** How often each step comes; default 2. */
  size?: Size<1>
}
export interface UpSampling2dOptions extends LayerOptions {
  /** How many times as high and wide; default 2. */
  size?: Size<2>
  /** 'nearest' repeats pixels, 'bilinear' mixes the four around each new one; default 'nearest'. */
  interpolation?: Interpolation
}

const table1d = { size: optional(sizes(1), [2]), ...layerTable }
const table2d = {
  size: optional(sizes(2), [2, 2]),
  interpolation: optional(oneOf(['nearest', 'bilinear']), 'nearest'),
  ...layerTable,
}

export class UpSampling1d extends Layer {
  static readonly type = 'upSampling1d'
  readonly #times: number

  constructor(options: UpSampling1dOptions = {}) {
    const checked = checkOptions('upSampling1d', options, table1d)
    super(checked)
    this.#times = checked.size[0]!
  }

  protected forward(x: Tensor): Tensor {
    const channels = channelsOf('upSampling1d', x.shape, 1)
    const [batch, steps] = x.shape as [number, number]
    const picture = reshape(toFloat(x), [batch, steps, 1, channels])
    return reshape(resize(picture, [steps * this.#times, 1], 'nearest'), [batch, steps * this.#times, channels])
  }
}

export class UpSampling2d extends Layer {
  static readonly type = 'upSampling2d'
  readonly #checked

  constructor(options: UpSampling2dOptions = {}) {
    const checked = checkOptions('upSampling2d', options, table2d)
    super(checked)
    this.#checked = checked
  }

  protected forward(x: Tensor): Tensor {
    channelsOf('upSampling2d', x.shape, 2)
    const { size, interpolation } = this.#checked
    return resize(toFloat(x), [x.shape[1]! * size[0]!, x.shape[2]! * size[1]!], interpolation)
  }
}

/** Repeats each step: [batch, time, channels] becomes [batch, time·size, channels]. */
export function upSampling1d(options: UpSampling1dOptions = {}): UpSampling1d {
  return new UpSampling1d(options)
}

/**
 * Makes pictures larger: [batch, height, width, channels] becomes [batch, height·size, width·size, channels].
 *
 * 'bilinear' compares the middles of pixels, as PyTorch's Upsample with align_corners=False, which is its default.
 */
export function upSampling2d(options: UpSampling2dOptions = {}): UpSampling2d {
  return new UpSampling2d(options)
}
