import { activationParts } from '../../activations.ts'
import { convolution } from '../../ops/convolution.ts'
import { toFloat } from '../../ops/elementwise.ts'
import { forwardWindow } from '../../ops/window.ts'
import { checkOptions, optional, positiveInteger } from '../../options.ts'
import type { Parameter } from '../../parameters/parameter.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { Shape } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { channelsOf, type Size } from '../sizes.ts'
import { makeWeight, penaltiesOf } from '../weights.ts'
import { type DepthwiseOptions, depthwise } from './depthwise.ts'
import { convolutionTable } from './options.ts'
import { refuseGaps } from './sizes.ts'

export interface SeparableOptions extends DepthwiseOptions {}

const { groups: _, ...pictures } = convolutionTable(2, ['valid', 'same'])
const table = { filters: positiveInteger, ...pictures, depthMultiplier: optional(positiveInteger, 1) }

export class SeparableConv2d extends Layer {
  static readonly type = 'separableConv2d'
  depthwiseKernel!: Parameter
  pointwiseKernel!: Parameter
  bias: Parameter | null = null
  readonly #checked

  constructor(options: SeparableOptions & { filters: number; kernelSize: Size<2> }) {
    const checked = checkOptions('separableConv2d', options, table)
    super(checked)
    this.#checked = checked
    refuseGaps('separableConv2d', checked.strides, checked.dilationRate)
  }

  protected override build(shape: Shape): void {
    const { filters, kernelSize, depthMultiplier, useBias } = this.#checked
    const channels = channelsOf('separableConv2d', shape, 2)
    const make = (kernel: Shape) => makeWeight('kernel', this.#checked, kernel, 'glorotUniform')
    this.depthwiseKernel = make([...kernelSize, channels, depthMultiplier])
    this.pointwiseKernel = make([1, 1, channels * depthMultiplier, filters])
    if (useBias) this.bias = makeWeight('bias', this.#checked, [filters], 'zeros')
  }

  protected forward(input: Tensor): Tensor {
    const { strides, padding, dilationRate: dilation, activation } = this.#checked
    const apart = depthwise('separableConv2d', toFloat(input), this.depthwiseKernel, { strides, padding, dilation })
    const moves = { strides: [1, 1], dilation: [1, 1], padding: 'valid', groups: 1 } as const
    const window = forwardWindow('separableConv2d', apart.shape, this.pointwiseKernel.shape, moves)
    const { fused, after } = activationParts(activation)
    return after(convolution(apart, this.pointwiseKernel, window, this.bias, fused))
  }

  override regularization() {
    const own = (kernel: Parameter) => penaltiesOf(this.#checked, { kernel })
    return [
      ...own(this.depthwiseKernel),
      ...own(this.pointwiseKernel),
      ...penaltiesOf(this.#checked, { bias: this.bias }),
    ]
  }
}

/**
 * A convolution of each channel by itself, then one of 1×1 over all of them: far fewer multiplications than `conv2d`
 * (Chollet, 2017, Xception).
 *
 * Input [batch, height, width, channels], kernels [height, width, channels, depthMultiplier] and
 * [1, 1, channels·depthMultiplier, filters], bias [filters], output [batch, new height, new width, filters]; sizes and
 * padding as in `conv2d`. The options of the kernel hold for both kernels; Keras has them apart.
 *
 * PyTorch has no such layer; it is Conv2d with groups = channels and without a bias, then Conv2d of 1×1.
 */
export function separableConv2d(filters: number, kernelSize: Size<2>, options: SeparableOptions = {}): SeparableConv2d {
  return new SeparableConv2d({ filters, kernelSize, ...options })
}
