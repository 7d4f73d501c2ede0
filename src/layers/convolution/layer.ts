/** What all layers that convolve with one kernel have in common. */
import type { Activation } from '../../activations.ts'
import { activationParts } from '../../activations.ts'
import { toFloat } from '../../ops/elementwise.ts'
import type { Moves } from '../../ops/window.ts'
import type { Parameter } from '../../parameters/parameter.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Elementwise, Tensor } from '../../tensor/graph.ts'
import type { Shape } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { channelsOf } from '../sizes.ts'
import { makeWeight, penaltiesOf } from '../weights.ts'
import { refuseGaps, refuseGroups } from './sizes.ts'

/** Checked options. */
export interface Settings {
  readonly kernelSize: readonly number[]
  readonly strides: readonly number[]
  readonly padding: 'valid' | 'same' | 'causal'
  readonly dilationRate: readonly number[]
  readonly groups?: number
  readonly useBias: boolean
  readonly activation: Activation
}

export abstract class KernelLayer<S extends Settings> extends Layer {
  kernel!: Parameter
  bias: Parameter | null = null
  protected readonly settings: () => S

  constructor(checked: S) {
    super(checked)
    this.settings = () => checked
    refuseGaps(this.type, checked.strides, checked.dilationRate)
  }

  /** The kernel's shape, and how many numbers the bias has. */
  protected abstract weights(channels: number): { readonly kernel: Shape; readonly bias: number }
  /** The result, with the bias and an activation. */
  protected abstract convolve(x: Tensor, moves: Moves, activation: Elementwise | null): Tensor

  protected override build(shape: Shape): void {
    const settings = this.settings()
    const { kernel, bias } = this.weights(channelsOf(this.type, shape, settings.kernelSize.length))
    this.kernel = makeWeight('kernel', settings, kernel, 'glorotUniform')
    if (settings.useBias) this.bias = makeWeight('bias', settings, [bias], 'zeros')
  }

  protected forward(input: Tensor): Tensor {
    const { strides, dilationRate: dilation, padding, groups = 1, activation } = this.settings()
    const { fused, after } = activationParts(activation)
    return after(this.convolve(toFloat(input), { strides, dilation, padding, groups }, fused))
  }

  override regularization() {
    return penaltiesOf(this.settings(), { kernel: this.kernel, bias: this.bias })
  }
}

/** Channels and filters in groups, each convolved apart. */
export abstract class GroupedLayer extends KernelLayer<Settings & { filters: number; groups: number }> {
  constructor(checked: Settings & { filters: number; groups: number }) {
    super(checked)
    refuseGroups(this.type, checked.filters, checked.groups)
  }

  /** @throws ERR_SHAPE where the groups do not divide the channels */
  protected checkedGroups(channels: number) {
    const settings = this.settings()
    if (channels % settings.groups === 0) return settings
    throw shapeError(
      this.type,
      `${settings.groups} groups do not divide the input's ${channels} channels. Both channels and filters must be ` +
        'multiples of groups.',
    )
  }
}
