/** How a model was compiled, in a file. */
import type { CompileOptions } from '../training/options.ts'
import { type Decoder, fieldsOf } from './decode.ts'
import type { Encoder } from './encode.ts'
import type { Saveable } from './saveable.ts'
import type { Saved } from './saved.ts'

export function encodeCompiled(encoder: Encoder, { compiled }: Saveable): Saved['compiled'] {
  if (!compiled) return null
  // By output where there are several.
  const { optimizer, loss, metrics = [], lossWeights } = compiled as CompileOptions & { lossWeights?: object }
  return {
    optimizer: encoder.encode(optimizer, 'optimizer'),
    loss: encoder.encode(loss, 'loss'),
    metrics: encoder.encode(metrics, 'metric'),
    ...(lossWeights && { lossWeights: encoder.encode(lossWeights, 'lossWeights') }),
  }
}

export function decodeCompiled(decoder: Decoder, json: NonNullable<Saved['compiled']>): CompileOptions {
  const { optimizer, loss, metrics, lossWeights } = fieldsOf(json, 'compile options')
  return {
    optimizer: decoder.decode(optimizer ?? null) as never,
    loss: decoder.decode(loss ?? null) as never,
    metrics: decoder.decode(metrics ?? null) as never,
    ...(lossWeights !== undefined && { lossWeights: decoder.decode(lossWeights) }),
  }
}
