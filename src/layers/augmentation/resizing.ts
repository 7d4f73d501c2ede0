import { sample } from '../../ops/sampling.ts'
import { checkOptions, positiveInteger } from '../../options.ts'
import { tensor } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { checkPictures, interpolationOption } from './layer.ts'

export interface ResizingOptions extends LayerOptions {
  /** Default 'bilinear'. */
  interpolation?: 'nearest' | 'bilinear'
}

/** Points keep their place in the picture, from edge to edge. */
export function resized(x: Tensor, height: number, width: number, interpolation: 'nearest' | 'bilinear'): Tensor {
  const [, rows, columns] = x.shape as [number, number, number, number]
  if (rows === height && columns === width) return x
  const [a, b] = [columns / width, rows / height]
  const maps = tensor([[a, 0, a / 2 - 0.5, 0, b, b / 2 - 0.5]])
  return sample(x, maps, { height, width, interpolation, fillMode: 'nearest', fillValue: 0 })
}

const table = { height: positiveInteger, width: positiveInteger, interpolation: interpolationOption, ...layerTable }

export class Resizing extends Layer {
  static readonly type = 'resizing'
  readonly #checked

  constructor(options: ResizingOptions & { height: number; width: number }) {
    const checked = checkOptions('resizing', options, table)
    super(checked)
    this.#checked = checked
  }

  protected forward(x: Tensor): Tensor {
    const { height, width, interpolation } = this.#checked
    return resized(checkPictures('resizing', x), height, width, interpolation)
  }
}

/**
 * Pictures [batch, any height, any width, channels] as [batch, height, width, channels], while training and else: with
 * 'bilinear' a point is a mean of the four around it, with 'nearest' one of them. Larger pictures are not smoothed before.
 */
export function resizing(height: number, width: number, options: ResizingOptions = {}): Resizing {
  return new Resizing({ height, width, ...options })
}
