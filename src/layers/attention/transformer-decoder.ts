import { toFloat } from '../../ops/elementwise.ts'
import { checkOptions } from '../../options.ts'
import { describeError, shapeError } from '../../tensor/describing.ts'
import { Tensor } from '../../tensor/graph.ts'
import { formatShape, type Shape } from '../../tensor/shape.ts'
import type { Context } from '../context.ts'
import type { Dense } from '../dense.ts'
import type { Dropout } from '../dropout.ts'
import { Layer, type ShapeOf } from '../layer.ts'
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

/** The sequence that is decoded, alone or with the one that it looks at. */
export type DecoderInput = Tensor | { readonly decoder: Tensor; readonly encoder: Tensor }

export class TransformerDecoder extends Layer<DecoderInput, Tensor> {
  static readonly type = 'transformerDecoder'
  /** Lists, or tensors by name, too. */
  static readonly takesSeveral: boolean = true
  selfAttention!: MultiHeadAttention
  selfAttentionNorm!: LayerNormalization
  selfAttentionDropout!: Dropout
  crossAttention: MultiHeadAttention | null = null
  crossAttentionNorm: LayerNormalization | null = null
  crossAttentionDropout: Dropout | null = null
  feedforwardIntermediate!: Dense
  feedforwardOutput!: Dense
  feedforwardNorm!: LayerNormalization
  feedforwardDropout!: Dropout
  readonly #checked

  constructor(options: TransformerOptions & { numHeads: number; intermediateDim: number }) {
    const checked = checkOptions('transformerDecoder', options, transformerTable)
    super(checked)
    this.#checked = checked
  }

  protected override build(shape: ShapeOf<DecoderInput>): void {
    const block = this.#checked
    const isAlone = Array.isArray(shape)
    const own = (isAlone ? shape : (shape as { readonly decoder?: Shape }).decoder) ?? []
    checkSequence('transformerDecoder', own as Shape, block)
    const features = (own as Shape)[2]!
    this.selfAttention = headsFor(features, block, block.causal ?? true)
    this.selfAttentionNorm = normFor(block)
    this.selfAttentionDropout = dropFor(block)
    if (!isAlone) {
      this.crossAttention = headsFor(features, block, false)
      this.crossAttentionNorm = normFor(block)
      this.crossAttentionDropout = dropFor(block)
    }
    ;[this.feedforwardIntermediate, this.feedforwardOutput] = wideFor(features, block)
    this.feedforwardNorm = normFor(block)
    this.feedforwardDropout = dropFor(block)
  }

  protected forward(input: DecoderInput, { mask }: Context): Tensor {
    const { decoder, encoder } = partsOf(input)
    checkSequence('transformerDecoder', decoder.shape, this.#checked)
    this.#refuseOtherParts(encoder)
    const steps = maskOf(decoder)
    const x = steps ? withMask(toFloat(decoder), steps) : toFloat(decoder)
    let y = residual(x, this.#checked, this.selfAttentionNorm, this.selfAttentionDropout, (t) =>
      selfAttention(this.selfAttention, t, mask),
    )
    if (encoder)
      y = residual(y, this.#checked, this.crossAttentionNorm!, this.crossAttentionDropout!, (query) =>
        this.crossAttention!.apply({ query, value: encoder }),
      )
    return residual(y, this.#checked, this.feedforwardNorm, this.feedforwardDropout, (t) =>
      this.feedforwardOutput.apply(this.feedforwardIntermediate.apply(t)),
    )
  }

  #refuseOtherParts(encoder: Tensor | undefined): void {
    if (!encoder === !this.crossAttention && (!encoder || encoder.rank === 3)) return
    throw shapeError(
      'transformerDecoder',
      this.crossAttention
        ? `it was built with cross-attention: expected { decoder, encoder }, both [batch, t, features], got ` +
            (encoder ? `an encoder ${formatShape(encoder.shape)}` : 'one tensor')
        : 'it was built without cross-attention: expected one tensor, got { decoder, encoder }',
    )
  }

  protected override computeMask(x: DecoderInput): Tensor | undefined {
    return maskOf(partsOf(x).decoder)
  }

  protected override acceptMask(x: DecoderInput, mask: Tensor): Tensor {
    return acceptedMask(partsOf(x).decoder, mask)
  }
}

function partsOf(x: DecoderInput): { readonly decoder: Tensor; readonly encoder?: Tensor } {
  if (x instanceof Tensor) return { decoder: x }
  if (x.decoder && x.encoder && Object.keys(x).length === 2) return x
  throw describeError(
    'ERR_DATA',
    'transformerDecoder',
    `expected one tensor or { decoder, encoder }, got { ${Object.keys(x).join(', ')} }`,
  )
}

/**
 * A block of a decoder: causal self-attention, attention to the sequence `encoder` where { decoder, encoder } are given,
 * and two layers for each step, as in `transformerEncoder`, which says the formula. [batch, t, features] of the decoder to
 * the same shape; the encoder may have other steps and features. Whether there is cross-attention is settled by the first
 * call. The masks that both carry say which steps are seen; the mask of `apply` is about the decoder, [batch, t] or [batch,
 * t, t].
 */
export function transformerDecoder(
  numHeads: number,
  intermediateDim: number,
  options: TransformerOptions = {},
): TransformerDecoder {
  return new TransformerDecoder({ numHeads, intermediateDim, ...options })
}
