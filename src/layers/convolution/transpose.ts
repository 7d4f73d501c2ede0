import { transposedConvolution } from '../../ops/convolution.ts'
import { type Moves, turnedWindow } from '../../ops/window.ts'
import { checkOptions, positiveInteger } from '../../options.ts'
import type { Elementwise, Tensor } from '../../tensor/graph.ts'
import type { Size } from '../sizes.ts'
import { GroupedLayer } from './layer.ts'
import { type ConvolutionOptions, convolutionTable } from './options.ts'

type Given<N extends 1 | 2 | 3> = ConvolutionOptions<N> & { filters: number; kernelSize: Size<N> }

/** A layer with a kernel [..., filters / groups, channels] and a bias [filters]. */
export abstract class TransposedConvolution extends GroupedLayer {
  protected weights(channels: number) {
    const { kernelSize, filters, groups } = this.checkedGroups(channels)
    return { kernel: [...kernelSize, filters / groups, channels], bias: filters }
  }

  protected convolve(x: Tensor, moves: Moves, activation: Elementwise | null): Tensor {
    const window = turnedWindow(this.type, x.shape, this.kernel.shape, moves)
    return transposedConvolution(x, this.kernel, window, this.bias, activation)
  }
}

const series = { filters: positiveInteger, ...convolutionTable(1, ['valid', 'same']) }
const pictures = { filters: positiveInteger, ...convolutionTable(2, ['valid', 'same']) }

export class Conv1dTranspose extends TransposedConvolution {
  static readonly type = 'conv1dTranspose'

  constructor(options: Given<1>) {
    super(checkOptions('conv1dTranspose', options, series))
  }
}

export class Conv2dTranspose extends TransposedConvolution {
  static readonly type = 'conv2dTranspose'

  constructor(options: Given<2>) {
    super(checkOptions('conv2dTranspose', options, pictures))
  }
}

/**
 * A transposed convolution over series: each step of x adds x·W to the steps that a `conv1d` would have read it from.
 *
 * Input [batch, steps, channels], kernel W [kernelSize, filters / groups, channels], bias b [filters], output
 * [batch, new steps, filters]. With padding 'same' there are steps·strides new steps; with 'valid' as many more as the
 * kernel reaches beyond a stride.
 *
 * PyTorch's ConvTranspose1d has the channels before the steps and its kernel is [channels, filters / groups,
 * kernelSize]; without padding it makes (steps − 1)·stride + reach steps, which is fewer where the kernel is shorter than
 * the stride.
 */
export function conv1dTranspose(
  filters: number,
  kernelSize: Size<1>,
  options: Omit<ConvolutionOptions<1>, 'padding'> & { padding?: 'valid' | 'same' } = {},
): Conv1dTranspose {
  return new Conv1dTranspose({ filters, kernelSize, ...options })
}

/**
 * A transposed convolution over pictures: each position of x adds x·W to the positions that a `conv2d` would have read it
 * from (Zeiler et al., 2010, Deconvolutional networks). It enlarges pictures by its strides.
 *
 * Input [batch, height, width, channels], kernel W [height, width, filters / groups, channels], bias b [filters], output
 * [batch, new height, new width, filters]. With padding 'same' a new size is size·strides; with 'valid' it is larger by
 * what the kernel reaches beyond a stride.
 *
 * PyTorch's ConvTranspose2d has the channels first and its kernel is [channels, filters / groups, height, width]; without
 * padding a new size is (size − 1)·stride + reach, which is less where the kernel is smaller than the stride.
 */
export function conv2dTranspose(
  filters: number,
  kernelSize: Size<2>,
  options: ConvolutionOptions<2> = {},
): Conv2dTranspose {
  return new Conv2dTranspose({ filters, kernelSize, ...options })
}
