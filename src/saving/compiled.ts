/** How a model was compiled, in a file. */
import type { CompileOptions } from '../training/options.ts'
import { type Decoder, fieldsOf } from './decode.ts'
import type { Encoder } from './encode.ts'
import type { Saveable } from './saveable.ts'
import type { Saved } from './saved.ts'

export function encodeCompiled(encoder: Encoder, { compiled }: Saveable): Saved['compiled'] {
  if (!compiled) return null
  const { optimizer, loss, metrics = [] } = compiled
  return {
    optimizer: encoder.encode(optimizer, 'optimizer'),
    loss: encoder.encode(loss, 'loss'),
    metrics: metrics.map((metric) => encoder.encode(metric, 'metric')),
  }
}

export function decodeCompiled(decoder: Decoder, json: NonNullable<Saved['compiled']>): CompileOptions {
  const { optimizer, loss, metrics } = fieldsOf(json, 'compile options')
  return {
    optimizer: decoder.decode(optimizer ?? null) as never,
    loss: decoder.decode(loss ?? null) as never,
    metrics: decoder.decode(metrics ?? null) as never,
  }
}
