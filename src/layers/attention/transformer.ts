/** What transformer blocks are built of: attention and a wide layer, each with a residual and a normalisation. */
import { type Activation, activationOption } from '../../activations.ts'
import { add } from '../../ops/elementwise.ts'
import { boolean, number, optional, positiveInteger } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape, type Shape, sameShape } from '../../tensor/shape.ts'
import { dense } from '../dense.ts'
import { type Dropout, dropout } from '../dropout.ts'
import { checkedMask, refuseOtherKinds, zerosAndOnes } from '../masks.ts'
import { type LayerNormalization, layerNormalization } from '../normalization/layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { type MultiHeadAttention, multiHeadAttention } from './multi-head-attention.ts'

export interface TransformerOptions extends LayerOptions {
  /** Of the weights of attention, and of what each part adds, in training; default 0. */
  dropout?: number
  /** Of the wide layer; default 'relu'. */
  activation?: Activation
  /** Whether each part normalises what it takes, or (default) its sum with what it took, as in the paper. */
  normalizeFirst?: boolean
  /** Whether there are biases, in the normalisations too; default true. */
  useBias?: boolean
  /** Whether step i sees only steps 0 to i; default false for the encoder, true for the decoder. */
  causal?: boolean
}

export const transformerTable = {
  numHeads: positiveInteger,
  intermediateDim: positiveInteger,
  dropout: optional(number({ min: 0, below: 1 }), 0),
  activation: optional(activationOption, 'relu'),
  normalizeFirst: optional(boolean, false),
  useBias: optional(boolean, true),
  causal: optional(boolean),
  ...layerTable,
}

export interface Block {
  readonly numHeads: number
  readonly intermediateDim: number
  readonly dropout: number
  readonly activation: Activation
  readonly normalizeFirst: boolean
  readonly useBias: boolean
}

/** @throws ERR_SHAPE for what is no sequence, or has features that the heads do not divide */
export function checkSequence(where: string, shape: Shape, { numHeads }: Block): void {
  if (shape.length === 3 && shape[2]! % numHeads === 0) return
  throw shapeError(
    where,
    `expected [batch, t, features] with features that ${numHeads} heads divide, got ${formatShape(shape)}`,
  )
}

/** Heads that share the features. */
export function headsFor(features: number, { numHeads, dropout: rate, useBias }: Block, causal: boolean) {
  return multiHeadAttention(numHeads, features / numHeads, { dropout: rate, useBias, causal })
}

export function normFor({ useBias }: Block): LayerNormalization {
  return layerNormalization({ center: useBias, epsilon: 1e-5 })
}

/** What a part adds is dropped here and there in training. */
export function dropFor({ dropout: rate }: Block): Dropout {
  return dropout(rate)
}

export function wideFor(features: number, { intermediateDim, activation, useBias }: Block) {
  return [dense(intermediateDim, { activation, useBias }), dense(features, { useBias })] as const
}

/** x and what a part makes of it, normalised before or after. */
export function residual(
  x: Tensor,
  { normalizeFirst }: Block,
  norm: LayerNormalization,
  drop: Dropout,
  part: (x: Tensor) => Tensor,
): Tensor {
  if (normalizeFirst) return add(x, drop.apply(part(norm.apply(x))))
  return norm.apply(add(x, drop.apply(part(x))))
}

/** A mask of steps [batch, t], or of pairs [batch, t, t]. */
export function acceptedMask(x: Tensor, mask: Tensor): Tensor {
  refuseOtherKinds(mask)
  const [batch, t] = x.shape as [number, number]
  if (mask.rank !== 3) return checkedMask(mask, x)
  if (sameShape(mask.shape, [batch, t, t])) return zerosAndOnes(mask)
  throw shapeError(
    'mask',
    `expected a mask ${formatShape([batch, t, t])} of pairs, or ${formatShape([batch, t])} of steps, got ${formatShape(mask.shape)}`,
  )
}

/** Self-attention; what x carries says which steps count, a mask of pairs who sees whom. */
export function selfAttention(attention: MultiHeadAttention, x: Tensor, mask: Tensor | undefined): Tensor {
  return attention.apply(x, mask?.rank === 3 ? { mask } : {})
}
