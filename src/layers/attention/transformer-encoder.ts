import { toFloat } from '../../ops/elementwise.ts'
import { checkOptions } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { Shape } from '../../tensor/shape.ts'
import type { Context } from '../context.ts'
import type { Dense } from '../dense.ts'
import type { Dropout } from '../dropout.ts'
import { Layer } from '../layer.ts'
import { maskOf, withMask } from '../masks.ts'
import type { LayerNormalization } from '../normalization/layer.ts'
import type { MultiHeadAttention } from './multi-head-attention.ts'
import {
  acceptedMask,
  checkSequence,
  dropFor,
  headsFor,
  normFor,
  residual,
  selfAttention,
  type TransformerOptions,
  transformerTable,
  wideFor,
} from './transformer.ts'

export class TransformerEncoder extends Layer {
  static readonly type = 'transformerEncoder'
  selfAttention!: MultiHeadAttention
  selfAttentionNorm!: LayerNormalization
  selfAttentionDropout!: Dropout
  feedforwardIntermediate!: Dense
  feedforwardOutput!: Dense
  feedforwardNorm!: LayerNormalization
  feedforwardDropout!: Dropout
  readonly #checked

  constructor(options: TransformerOptions & { numHeads: number; intermediateDim: number }) {
    const checked = checkOptions('transformerEncoder', options, transformerTable)
    super(checked)
    this.#checked = checked
  }

  protected override build(shape: Shape): void {
    const block = this.#checked
    checkSequence('transformerEncoder', shape, block)
    const features = shape[2]!
    this.selfAttention = headsFor(features, block, block.causal ?? false)
    this.selfAttentionNorm = normFor(block)
    this.selfAttentionDropout = dropFor(block)
    ;[this.feedforwardIntermediate, this.feedforwardOutput] = wideFor(features, block)
    this.feedforwardNorm = normFor(block)
    this.feedforwardDropout = dropFor(block)
  }

  protected forward(input: Tensor, { mask }: Context): Tensor {
    checkSequence('transformerEncoder', input.shape, this.#checked)
    const steps = maskOf(input)
    const given = toFloat(input)
    const x = steps ? withMask(given, steps) : given
    const attended = residual(x, this.#checked, this.selfAttentionNorm, this.selfAttentionDropout, (t) =>
      selfAttention(this.selfAttention, t, mask),
    )
    return residual(attended, this.#checked, this.feedforwardNorm, this.feedforwardDropout, (t) =>
      this.feedforwardOutput.apply(this.feedforwardIntermediate.apply(t)),
    )
  }

  protected override computeMask(x: Tensor): Tensor | undefined {
    return maskOf(x)
  }

  protected override acceptMask(x: Tensor, mask: Tensor): Tensor {
    return acceptedMask(x, mask)
  }
}

/**
 * A block of a transformer (Vaswani et al., "Attention is all you need", 2017): self-attention of `numHeads` heads, then
 * two layers for each step, the first `intermediateDim` wide; each adds to what it takes. [batch, t, features] to the same
 * shape; the features are shared by the heads, which must divide them.
 *
 * With a = norm(x + attention(x)) the output is norm(a + wide(a)); with `normalizeFirst` a = x + attention(norm(x)) and a +
 * wide(norm(a)) (Xiong et al., "On layer normalization in the transformer architecture", 2020). Normalisations have epsilon
 * 1e-5. Names and defaults are KerasHub's; PyTorch's `nn.TransformerEncoderLayer` has dropout 0.1. A mask says which steps
 * count, [batch, t], or who sees whom, [batch, t, t]; a mask of steps is passed on.
 */
export function transformerEncoder(
  numHeads: number,
  intermediateDim: number,
  options: TransformerOptions = {},
): TransformerEncoder {
  return new TransformerEncoder({ numHeads, intermediateDim, ...options })
}
