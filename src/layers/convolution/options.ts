/** Options that convolutions share, and what follows from them. */
import { oneOf, optional, positiveInteger } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import { formatShape, type Shape } from '../../tensor/shape.ts'
import { type KernelOptions, kernelTable } from '../weights.ts'
import { type Size, sizes } from './sizes.ts'

export interface ConvolutionOptions<N extends 1 | 2 | 3> extends KernelOptions {
  /** How far the kernel moves; default 1. */
  strides?: Size<N>
  /**
   * 'valid' (default): the kernel stays inside. 'same': zeros at the edges, so that with stride 1 the sizes stay.
   * 'causal', of series: all zeros in front, so that nothing depends on what comes later.
   */
  padding?: 'valid' | 'same' | (N extends 1 ? 'causal' : never)
  /** The distance of the kernel's taps; default 1. Not together with strides. */
  dilationRate?: Size<N>
  /** Channels and filters are in so many groups, each convolved apart; default 1. */
  groups?: number
}

/** The table that options are checked against; `paddings` are those that the layer knows. */
export function convolutionTable<const P extends 'valid' | 'same' | 'causal'>(axes: number, paddings: readonly P[]) {
  const ones = Array.from({ length: axes }, () => 1) as readonly number[]
  return {
    kernelSize: sizes(axes),
    strides: optional(sizes(axes), ones),
    padding: optional(oneOf(paddings), 'valid' as P),
    dilationRate: optional(sizes(axes), ones),
    groups: optional(positiveInteger, 1),
    ...kernelTable,
  }
}

/** The channels of an input [batch, ..., channels] with so many axes between. */
export function channelsOf(where: string, shape: Shape, axes: number): number {
  const between = ['', 'steps, ', 'height, width, ', 'depth, height, width, '][axes]!
  if (shape.length === axes + 2) return shape.at(-1)!
  const advice = shape.length === axes + 1 ? ` If there is one channel, make it an axis: reshape to [..., 1].` : ''
  throw shapeError(where, `expected inputs of shape [batch, ${between}channels], got ${formatShape(shape)}.${advice}`)
}
