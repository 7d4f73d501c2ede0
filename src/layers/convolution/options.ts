/** Options that convolutions share, and what follows from them. */
import { oneOf, optional, positiveInteger } from '../../options.ts'
import { type Size, sizes } from '../sizes.ts'
import { type KernelOptions, kernelTable } from '../weights.ts'

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
