/** Layers that change pictures by chance while training: each picture by a draw of its own. */
import { add, mul, toFloat } from '../../ops/elementwise.ts'
import { reshape } from '../../ops/movement.ts'
import { type Drawn, randomUniform } from '../../ops/random.ts'
import { fillModes, type Sampling, sample } from '../../ops/sampling.ts'
import { concat } from '../../ops/slice.ts'
import { type Check, nonNegativeInteger, number, oneOf, optional, optionError } from '../../options.ts'
import { full } from '../../tensor/create.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape } from '../../tensor/shape.ts'
import type { Context } from '../context.ts'
import type { DropoutOptions } from '../dropout.ts'
import { Layer } from '../layer.ts'
import { layerTable } from '../options.ts'

/** A number f for −f to f, or a lowest and a highest one. */
export type Factor = number | readonly [low: number, high: number]

/** Factors within bounds, as a range. */
export function factorOption(least: number, most: number): Check<readonly [number, number]> {
  const bounds = number({ min: least, max: most })
  return (value, subject) => {
    if (Array.isArray(value)) {
      const [low, high] = value.map((v) => bounds(v, subject))
      if (value.length === 2 && low! <= high!) return [low!, high!]
      throw optionError(subject, 'a number, or a lowest and a highest one', value, 'Write 0.2 or [-0.2, 0.2].')
    }
    const most = Math.abs(bounds(value, subject))
    return [-most, most]
  }
}

export const augmentationTable = { seed: optional(nonNegativeInteger), ...layerTable }

/** Options of layers that move points. */
export interface SamplingOptions extends DropoutOptions {
  /** What lies outside: 'reflect' mirrors the picture at its edges (the default), 'constant', 'nearest', 'wrap'. */
  fillMode?: Sampling['fillMode']
  /** By default 'bilinear'. */
  interpolation?: Sampling['interpolation']
  /** For the fill mode 'constant'; default 0. */
  fillValue?: number
}

export const interpolationOption = optional(oneOf(['nearest', 'bilinear']), 'bilinear')
export const samplingTable = {
  fillMode: optional(oneOf(fillModes), 'reflect'),
  interpolation: interpolationOption,
  fillValue: optional(number(), 0),
  ...augmentationTable,
}

export function checkPictures(type: string, x: Tensor): Tensor {
  if (x.rank === 4) return toFloat(x)
  throw shapeError(type, `expected pictures [batch, height, width, channels], got ${formatShape(x.shape)}`)
}

export abstract class Augmentation extends Layer {
  readonly #seeded: Drawn

  constructor(checked: Drawn) {
    super(checked)
    this.#seeded = checked.seed === undefined ? {} : { seed: checked.seed }
  }

  /** Pictures while training. */
  protected abstract augment(x: Tensor): Tensor

  /** Pictures else: as they are. */
  protected restore(x: Tensor): Tensor {
    return x
  }

  protected forward(x: Tensor, { mode }: Context): Tensor {
    const pictures = checkPictures(this.type, x)
    return mode === 'train' ? this.augment(pictures) : this.restore(pictures)
  }

  /** `count` columns [n, 1] of numbers in [0, 1), one for each picture. */
  protected draw(n: number, count: number): Tensor[] {
    const all = randomUniform([n, count], this.#seeded as { seed?: number })
    return Array.from({ length: count }, (_, i) => (count === 1 ? all : all.at(':', `${i}:${i + 1}`)))
  }
}

/** From numbers in [0, 1) to a range. */
export const within = (u: Tensor, [low, high]: readonly [number, number]) => add(mul(u, high - low), low)

/** One map for each picture from its six numbers: columns [n, 1], or numbers for all. */
export function mapsOf(n: number, six: readonly (Tensor | number)[]): Tensor {
  return concat(
    six.map((v) => (typeof v === 'number' ? full([n, 1], v) : reshape(v, [n, 1]))),
    1,
  )
}

/** The same size, sampled by maps. */
export function moved(x: Tensor, maps: Tensor, how: Omit<Sampling, 'height' | 'width'>): Tensor {
  const [, height, width] = x.shape as [number, number, number, number]
  const { interpolation, fillMode, fillValue } = how
  return sample(x, maps, { height, width, interpolation, fillMode, fillValue })
}
