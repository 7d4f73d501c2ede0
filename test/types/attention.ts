/** Layers that attend: one tensor or named ones, each a tensor out; and lines that must not compile. Nothing here runs. */
import {
  dense,
  embedding,
  input,
  Model,
  masking,
  multiHeadAttention,
  type Parameter,
  positionEmbedding,
  type Tensor,
  transformerDecoder,
  transformerEncoder,
} from '../../src/index.ts'

export function translate(): Model {
  const source = input([20], { dtype: 'int32' })
  const target = input([20], { dtype: 'int32' })
  const words = embedding(8000, 64, { maskZero: true })
  const table: Parameter = words.embeddings
  const encoded: Tensor = transformerEncoder(4, 256, { dropout: 0.1 }).apply(
    positionEmbedding(20).apply(words.apply(source)),
  )
  const decoded = positionEmbedding(20, { kind: 'sinusoidal' }).apply(words.apply(target))
  const attended: Tensor = multiHeadAttention(4, 16, { causal: true }).apply({
    query: decoded,
    value: encoded,
    key: encoded,
  })
  const deep: Tensor = transformerDecoder(4, 256).apply({ decoder: attended, encoder: encoded })
  const alone: Tensor = transformerDecoder(4, 256).apply(masking().apply(deep), { mode: 'train' })
  return new Model({ inputs: { source, target }, outputs: dense(table.shape[0]!).apply(alone) }) as unknown as Model
}

export function wrong(x: Tensor): void {
  // @ts-expect-error: the name of an option
  multiHeadAttention(4, 16, { useCausalMask: true })
  // @ts-expect-error: a kind that there is not
  positionEmbedding(20, { kind: 'rotary' })
  // @ts-expect-error: a value without a query
  multiHeadAttention(4, 16).apply({ value: x })
  // @ts-expect-error: an encoder without a decoder
  transformerDecoder(4, 256).apply({ encoder: x })
  // @ts-expect-error: the size of the table stands in front
  embedding(8000, { maskZero: true })
}
