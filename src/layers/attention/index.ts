/** Layers of sequences of ids and steps that look at each other. A new one is one file beside this one, and a line here. */
import { Embedding } from './embedding.ts'
import { Masking } from './masking.ts'
import { MultiHeadAttention } from './multi-head-attention.ts'
import { PositionEmbedding } from './position-embedding.ts'
import { TransformerDecoder } from './transformer-decoder.ts'
import { TransformerEncoder } from './transformer-encoder.ts'

export { type EmbeddingOptions, embedding } from './embedding.ts'
export { type MaskingOptions, masking } from './masking.ts'
export { type AttentionInput, type MultiHeadAttentionOptions, multiHeadAttention } from './multi-head-attention.ts'
export { type PositionEmbeddingOptions, positionEmbedding } from './position-embedding.ts'
export type { TransformerOptions } from './transformer.ts'
export { type DecoderInput, transformerDecoder } from './transformer-decoder.ts'
export { transformerEncoder } from './transformer-encoder.ts'

export const attending = [
  Embedding,
  Masking,
  MultiHeadAttention,
  PositionEmbedding,
  TransformerDecoder,
  TransformerEncoder,
]
