import { convolution } from '../../ops/convolution.ts'
import { forwardWindow, type Moves } from '../../ops/window.ts'
import { checkOptions, positiveInteger } from '../../options.ts'
import type { Elementwise, Tensor } from '../../tensor/graph.ts'
import type { Size } from '../sizes.ts'
import { GroupedLayer } from './layer.ts'
import { type ConvolutionOptions, convolutionTable } from './options.ts'

type Given<N extends 1 | 2 | 3> = ConvolutionOptions<N> & { filters: number; kernelSize: Size<N> }

/** A layer with a kernel [..., channels / groups, filters] and a bias [filters]. */
export abstract class Convolution extends GroupedLayer {
  protected weights(channels: number) {
    const { kernelSize, filters, groups } = this.checkedGroups(channels)
    return { kernel: [...kernelSize, channels / groups, filters], bias: filters }
  }

  protected convolve(x: Tensor, moves: Moves, activation: Elementwise | null): Tensor {
    const window = forwardWindow(this.type, x.shape, this.kernel.shape, moves)
    return convolution(x, this.kernel, window, this.bias, activation)
  }
}

const series = { filters: positiveInteger, ...convolutionTable(1, ['valid', 'same', 'causal']) }
const pictures = { filters: positiveInteger, ...convolutionTable(2, ['valid', 'same']) }
const volumes = { filters: positiveInteger, ...convolutionTable(3, ['valid', 'same']) }

export class Conv1d extends Convolution {
  static readonly type = 'conv1d'

  constructor(options: Given<1>) {
    super(checkOptions('conv1d', options, series))
  }
}

export class Conv2d extends Convolution {
  static readonly type = 'conv2d'

  constructor(options: Given<2>) {
    super(checkOptions('conv2d', options, pictures))
  }
}

export class Conv3d extends Convolution {
  static readonly type = 'conv3d'

  constructor(options: Given<3>) {
    super(checkOptions('conv3d', options, volumes))
  }
}

/**
 * A convolution over series: y[o] = activation(Σ x[o·stride + t·dilation − zeros]·W[t] + b) over the kernel's taps t.
 *
 * Input [batch, steps, channels], kernel W [kernelSize, channels / groups, filters], bias b [filters], output
 * [batch, new steps, filters]. With padding 'valid' there are (steps − reach) / strides + 1 new steps, rounded down, where
 * the kernel reaches over (kernelSize − 1)·dilationRate + 1; with 'same' and 'causal' steps / strides, rounded up. 'same'
 * has as many zeros in front as behind, or one less. 'causal' has all in front: no step depends on a later one (van den
 * Oord et al., 2016, WaveNet).
 *
 * PyTorch's Conv1d has the channels before the steps, its kernel is [filters, channels / groups, kernelSize], and its
 * first weights are smaller (uniform in ±1/√inputs, bias too). Its padding is a number of zeros for either side.
 */
export function conv1d(filters: number, kernelSize: Size<1>, options: ConvolutionOptions<1> = {}): Conv1d {
  return new Conv1d({ filters, kernelSize, ...options })
}

/**
 * A convolution over pictures: y[o] = activation(Σ x[o·strides + t·dilation − zeros]·W[t] + b) over the kernel's taps t
 * (LeCun et al., 1989).
 *
 * Input [batch, height, width, channels], kernel W [height, width, channels / groups, filters], bias b [filters], output
 * [batch, new height, new width, filters]. With padding 'valid' a new size is (size − reach) / strides + 1, rounded down,
 * where the kernel reaches over (kernelSize − 1)·dilationRate + 1; with 'same' it is size / strides, rounded up, with as
 * many zeros in front as behind, or one less. In `groups`, a filter sees only the channels of its group.
 *
 * PyTorch's Conv2d has the channels first, its kernel is [filters, channels / groups, height, width], and its first weights
 * are smaller (uniform in ±1/√inputs, bias too). Its padding is a number of zeros for either side; padding='same' is
 * refused there with a stride.
 */
export function conv2d(filters: number, kernelSize: Size<2>, options: ConvolutionOptions<2> = {}): Conv2d {
  return new Conv2d({ filters, kernelSize, ...options })
}

/**
 * A convolution over volumes: y[o] = activation(Σ x[o·strides + t·dilation − zeros]·W[t] + b) over the kernel's taps t.
 *
 * Input [batch, depth, height, width, channels], kernel W [depth, height, width, channels / groups, filters], bias b
 * [filters], output [batch, new depth, new height, new width, filters]; sizes and padding as in `conv2d`.
 *
 * PyTorch's Conv3d has the channels first, and its kernel is [filters, channels / groups, depth, height, width].
 */
export function conv3d(filters: number, kernelSize: Size<3>, options: ConvolutionOptions<3> = {}): Conv3d {
  return new Conv3d({ filters, kernelSize, ...options })
}
