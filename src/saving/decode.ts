/** From JSON to what a user configured; whatever is in the JSON, an error is all that it can cause. */
import type { Maker } from '../descriptions/description.ts'
import { ChainruleError } from '../errors.ts'
import type { StoredTensor } from '../files/safetensors.ts'
import { Layer } from '../layers/layer.ts'
import { arrayFrom, tensorFrom } from './arrays.ts'
import type { Json } from './encode.ts'
import { deepest, mostLayers } from './limits.ts'

export interface Sources {
  /** How something is made; errors of its own for what is not known. */
  readonly find: (kind: string, type: string, own: boolean) => Maker
  readonly tensors: readonly StoredTensor[]
  /** What a copy hands over. */
  readonly carried?: readonly unknown[]
}

type Fields = { readonly [key: string]: Json }

export class Decoder {
  readonly #sources: Sources
  readonly #layers: { layer: Layer; applied: number }[] = []
  #depth = 0
  // Of the layers in what is decoded now: how often layers are applied.
  #applied = 0

  constructor(sources: Sources) {
    this.#sources = sources
  }

  decode(json: Json): unknown {
    if (typeof json !== 'object' || json === null) return json
    if (++this.#depth > 2 * deepest) throw problem(`it is nested deeper than ${deepest} levels`)
    try {
      if (Array.isArray(json)) return json.map((item) => this.decode(item))
      if (!Object.hasOwn(json, '$')) return this.#entries(Object.entries(json))
      return this.#special(json as Fields)
    } finally {
      this.#depth--
    }
  }

  /** Of a kind, or of one of several. */
  layer(json: Json, kind: string): Layer {
    const layer = this.decode(json)
    if (layer instanceof Layer && layer.restoration().maker.kind === kind) return layer
    throw problem(`it describes no ${kind}`)
  }

  options(json: Json | undefined): Readonly<Record<string, unknown>> {
    return this.#entries(Object.entries(fieldsOf(json, 'options')))
  }

  #entries(entries: readonly (readonly [string, Json])[]): Record<string, unknown> {
    return Object.fromEntries(entries.map(([key, value]) => [key, this.decode(value)]))
  }

  #special(json: Fields): unknown {
    switch (json.$) {
      case 'layer':
        return json.same === undefined ? this.#layer(json) : this.#same(json.same)
      case 'description':
        return this.#description(json)
      case 'object':
        return this.#entries(pairs(json.entries) as [string, Json][])
      case 'map':
        return new Map(pairs(json.items).map(([key, value]) => [this.decode(key), this.decode(value)]))
      case 'set':
        return new Set(listOf(json.items).map((item) => this.decode(item)))
      case 'carried':
        return (this.#sources.carried ?? [])[json.at as number]
      default:
        return this.#value(json)
    }
  }

  #value(json: Fields): unknown {
    const text = typeof json.is === 'string' ? json.is : ''
    if (json.$ === 'undefined') return undefined
    if (json.$ === 'number' && /^(-0|NaN|-?Infinity)$/.test(text)) return Number(text)
    if (json.$ === 'bigint' && /^-?\d{1,1000}$/.test(text)) return BigInt(text)
    if (json.$ === 'date') return new Date(Number(this.decode(json.is ?? null)))
    const stored = this.#sources.tensors[json.at as number]
    if (json.$ === 'tensor' && stored && ['F32', 'I32'].includes(stored.dtype)) return tensorFrom(stored)
    const array = json.$ === 'array' && stored ? arrayFrom(json.type, stored) : null
    if (array) return array
    throw problem(`it has a value that cannot be read: ${JSON.stringify(json).slice(0, 80)}`)
  }

  #layer(json: Fields): Layer {
    const around = this.#applied
    this.#applied = 1
    const maker = this.#maker(json)
    const layer = maker.make(this.options(json.options))
    if (!(layer instanceof Layer) || typeof json.name !== 'string') throw problem('it describes a layer that is none')
    if (json.id !== this.#layers.length) throw problem(`it numbers its layers wrongly: ${String(json.id).slice(0, 20)}`)
    layer.name = json.name
    this.#layers.push({ layer, applied: this.#applied })
    this.#count(around + this.#applied)
    return layer
  }

  #same(id: Json): Layer {
    const found = this.#layers[id as number]
    if (!found) throw problem(`it refers to the layer ${String(id).slice(0, 20)}, which it does not have before that`)
    this.#count(this.#applied + found.applied)
    return found.layer
  }

  #count(applied: number): void {
    if (applied > mostLayers) throw problem(`it applies its layers more than ${mostLayers} times`)
    this.#applied = applied
  }

  #maker(json: Fields): Maker {
    if (typeof json.maker === 'number') return (this.#sources.carried ?? [])[json.maker] as Maker
    const { kind, type, own } = json
    if (typeof kind !== 'string' || typeof type !== 'string') throw problem('it has a description without kind or type')
    return this.#sources.find(kind, type, own === true)
  }

  #description(json: Fields): unknown {
    return this.#maker(json).make(this.options(json.options))
  }
}

/** What is wrong with a description; whoever reads it adds the file. */
export function problem(what: string): ChainruleError {
  return new ChainruleError('ERR_FILE', `the description of the model cannot be used: ${what}`)
}

export function fieldsOf(json: unknown, what: string): Fields {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Fields
  throw problem(`its ${what} are no object`)
}

export function listOf(json: unknown): readonly Json[] {
  if (Array.isArray(json)) return json
  throw problem('something in it should be a list')
}

function pairs(json: unknown): [Json, Json][] {
  return listOf(json).map((pair) => {
    if (Array.isArray(pair) && pair.length === 2) return pair as [Json, Json]
    throw problem('something in it should be a list of pairs')
  })
}
