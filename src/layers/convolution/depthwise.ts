import { convolution } from '../../ops/convolution.ts'
import { reshape } from '../../ops/movement.ts'
import { forwardWindow, type Moves } from '../../ops/window.ts'
import { checkOptions, optional, positiveInteger } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Elementwise, Tensor } from '../../tensor/graph.ts'
import { formatShape } from '../../tensor/shape.ts'
import type { Size } from '../sizes.ts'
import { KernelLayer, type Settings } from './layer.ts'
import { type ConvolutionOptions, convolutionTable } from './options.ts'

export interface DepthwiseOptions extends Omit<ConvolutionOptions<2>, 'groups'> {
  /** Results per channel; default 1. */
  depthMultiplier?: number
}

/** x with each channel convolved apart by a kernel [height, width, channels, multiplier]. */
export function depthwise(
  where: string,
  x: Tensor,
  kernel: Tensor,
  moves: Omit<Moves, 'groups'>,
  bias: Tensor | null = null,
  activation: Elementwise | null = null,
): Tensor {
  const [height, width, channels, multiplier] = kernel.shape as [number, number, number, number]
  if (x.rank === 4 && x.size(-1) !== channels)
    throw shapeError(
      where,
      `the layer was built for ${channels} channels, the input ${formatShape(x.shape)} has ${x.size(-1)}`,
    )
  const apart = reshape(kernel, [height, width, 1, channels * multiplier])
  const window = forwardWindow(where, x.shape, apart.shape, { ...moves, groups: channels })
  return convolution(x, apart, window, bias, activation)
}

const { groups: _, ...pictures } = convolutionTable(2, ['valid', 'same'])
const table = { ...pictures, depthMultiplier: optional(positiveInteger, 1) }

export class DepthwiseConv2d extends KernelLayer<Settings & { depthMultiplier: number }> {
  static readonly type = 'depthwiseConv2d'

  constructor(options: DepthwiseOptions & { kernelSize: Size<2> }) {
    super(checkOptions('depthwiseConv2d', options, table))
  }

  protected weights(channels: number) {
    const { kernelSize, depthMultiplier } = this.settings()
    return { kernel: [...kernelSize, channels, depthMultiplier], bias: channels * depthMultiplier }
  }

  protected convolve(x: Tensor, moves: Moves, activation: Elementwise | null): Tensor {
    return depthwise(this.type, x, this.kernel, moves, this.bias, activation)
  }
}

/**
 * A convolution of each channel by itself: y[.., c·m + i] = activation(x[.., c] ∗ W[.., c, i] + b), with
 * m = depthMultiplier.
 *
 * Input [batch, height, width, channels], kernel W [height, width, channels, depthMultiplier], bias b
 * [channels·depthMultiplier], output [batch, new height, new width, channels·depthMultiplier]; sizes and padding as in
 * `conv2d`. As in Keras, the first weights reckon with all channels as inputs.
 *
 * PyTorch has it as Conv2d with groups = channels; its kernel is [channels·m, 1, height, width].
 */
export function depthwiseConv2d(kernelSize: Size<2>, options: DepthwiseOptions = {}): DepthwiseConv2d {
  return new DepthwiseConv2d({ kernelSize, ...options })
}
