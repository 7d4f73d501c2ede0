/**
 * From what a user configured to JSON: descriptions as kind, type and options, layers with their identity, and values that
 * JSON cannot hold under a `$`. Tensors and typed arrays go into a map of their own. `src/saving/decode.ts` is the way back.
 */
import { isDescribed, type Maker, makerOf } from '../descriptions/description.ts'
import { builtIn } from '../descriptions/registry.ts'
import { ChainruleError } from '../errors.ts'
import type { StoredTensor } from '../files/safetensors.ts'
import type { Tree } from '../gradient.ts'
import { Layer } from '../layers/layer.ts'
import { describeValue } from '../options.ts'
import { pendingNodes } from '../tensor/apply.ts'
import { isTypedArray } from '../tensor/arrays.ts'
import { hooks, Tensor } from '../tensor/graph.ts'
import { storedArray, storedTensor } from './arrays.ts'
import { deepest } from './limits.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What a file holds of a value. */
export interface Encoded {
  readonly value: Json
  /** Those of the options, by number. */
  readonly tensors: readonly StoredTensor[]
  /** All that was met, by kind and type: what must be known to make it again. */
  readonly makers: ReadonlyMap<string, Maker>
}

export const keyOf = (kind: string, type: string, own: boolean) => `${own ? 'own ' : ''}${kind} ${type}`

export class Encoder {
  readonly tensors: StoredTensor[] = []
  readonly makers = new Map<string, Maker>()
  readonly #call: string
  /** For copies in memory: what is no layer is handed over as it is. */
  readonly #carried: unknown[] | null
  readonly #layers = new Map<Layer<Tree, Tree>, number>()
  readonly #open: object[] = []

  /** @param carried where copies find what is handed over; null for files */
  constructor(call: string, carried: unknown[] | null = null) {
    this.#call = call
    this.#carried = carried
  }

  /** @param where what the value is, for errors: "option 'rate' of layer 'noise'" */
  encode(value: unknown, where: string): Json {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
    if (typeof value === 'number') return encodeNumber(value)
    if (typeof value === 'undefined') return { $: 'undefined' }
    if (typeof value === 'bigint') return { $: 'bigint', is: String(value) }
    if (typeof value === 'symbol') throw this.#refuse(where, 'a symbol', 'Use a string.')
    if (value instanceof Layer) return this.#inside(value, where, () => this.layer(value as Layer<Tree, Tree>))
    if (this.#carried && (makerOf(value) || !isPlain(value))) return this.#carry(value)
    const maker = makerOf(value)
    if (maker && isDescribed(value)) return this.#description(value, maker)
    if (typeof value === 'function') throw this.#function(value, where)
    if (isDescribed(value) && Object.values(value).some((v) => typeof v === 'function'))
      throw this.#refuse(where, 'made by hand', `Make it by ${value.kind}s.custom('name', ...).`)
    return this.#inside(value, where, () => this.#object(value, where))
  }

  layer(layer: Layer<Tree, Tree>): Json {
    const before = this.#layers.get(layer)
    if (before !== undefined) return { $: 'layer', same: before }
    const { maker, options } = layer.restoration()
    const own = this.#known(maker, layer)
    const encoded: { [key: string]: Json } = {}
    for (const [key, value] of Object.entries(options))
      put(encoded, key, this.encode(value, `option '${key}' of layer '${layer.name}'`))
    const id = this.#layers.size
    this.#layers.set(layer, id)
    const made = this.#carried
      ? { maker: this.#carried.push(maker) - 1 }
      : { kind: maker.kind, type: maker.type, ...own }
    return { $: 'layer', id, ...made, name: layer.name, options: encoded }
  }

  #description(value: { options: Readonly<Record<string, unknown>> }, maker: Maker): Json {
    const { kind, type } = maker
    const own = this.#known(maker, null)
    const options: { [key: string]: Json } = {}
    for (const [key, v] of Object.entries(value.options))
      put(options, key, this.encode(v, `option '${key}' of the ${kind} '${type}'`))
    return { $: 'description', kind, type, ...own, options }
  }

  /** Notes what makes it again, and says whether that is the user's. */
  #known(maker: Maker, of: Layer<Tree, Tree> | null): { own?: true } {
    const { kind, type } = maker
    if (this.#carried) return {}
    if (type === '' && of)
      throw this.#error(
        `the layer '${of.name || of.type}' is of the class ${of.constructor.name}, which has no static type of its own to ` +
          "be found by. Write in the class: static readonly type = 'name', and pass its one options object to super.",
      )
    const own = builtIn(kind, type) !== maker
    const key = keyOf(kind, type, own)
    const before = this.makers.get(key)
    if (before && before !== maker)
      throw this.#error(`there are two that are the ${kind} '${type}'. Make it once, or give one of them another name.`)
    this.makers.set(key, maker)
    return own ? { own: true } : {}
  }

  #carry(value: unknown): Json {
    if (value instanceof Tensor) this.#refuseVariable(value, 'option')
    return { $: 'carried', at: this.#carried!.push(value) - 1 }
  }

  #object(value: object, where: string): Json {
    if (Array.isArray(value)) return this.#list(value, where)
    if (value instanceof Tensor) {
      this.#refuseVariable(value, where)
      return { $: 'tensor', at: this.tensors.push(storedTensor(hooks.read(value), value.shape)) - 1 }
    }
    if (isTypedArray(value)) {
      const { type, stored } = storedArray(value)
      return { $: 'array', type, at: this.tensors.push(stored) - 1 }
    }
    const tag = Object.prototype.toString.call(value).slice(8, -1)
    if (tag === 'Date') return { $: 'date', is: encodeNumber((value as Date).getTime()) }
    if (tag === 'Set') return { $: 'set', items: [...(value as Set<unknown>)].map((v) => this.encode(v, where)) }
    if (tag === 'Map')
      return { $: 'map', items: [...(value as Map<unknown, unknown>)].map((pair) => this.#list(pair, where)) }
    if (!isPlain(value))
      throw this.#refuse(where, describeValue(value), 'Use numbers, strings, lists and plain objects.')
    return this.#plain(value, where)
  }

  #list(list: readonly unknown[], where: string): Json[] {
    if (Object.keys(list).length !== list.length)
      throw this.#refuse(where, 'a list with holes or with properties', 'Fill it.')
    return list.map((item, i) => this.encode(item, `${where}, item ${i}`))
  }

  #plain(value: object, where: string): Json {
    const encoded: { [key: string]: Json } = Object.create(null)
    for (const key of Reflect.ownKeys(value)) {
      const { get, enumerable } = Object.getOwnPropertyDescriptor(value, key)!
      if (typeof key === 'symbol' || get || !enumerable)
        throw this.#refuse(
          where,
          `an object with ${get ? 'a getter' : 'a hidden key'}, ${String(key)}`,
          'Use plain values.',
        )
      encoded[key] = this.encode((value as Record<string, unknown>)[key], `${where}, '${key}'`)
    }
    return '$' in encoded ? { $: 'object', entries: Object.entries(encoded) } : encoded
  }

  #inside(value: object, where: string, f: () => Json): Json {
    if (this.#open.includes(value)) throw this.#refuse(where, 'a value that contains itself', 'Cut the circle.')
    if (this.#open.length >= deepest)
      throw this.#refuse(where, `nested deeper than ${deepest} levels`, 'Make it flatter.')
    this.#open.push(value)
    try {
      return f()
    } finally {
      this.#open.pop()
    }
  }

  #refuseVariable(tensor: Tensor, where: string): void {
    const changes = (t: Tensor) => t.isVariable || t.origin.isVariable
    const nodes = tensor.value === null && tensor.place === null ? pendingNodes([tensor]) : []
    if (changes(tensor) || nodes.some(({ inputs }) => inputs.some(changes)))
      throw this.#refuse(
        where,
        'a parameter, or computed from one',
        'Give the layer that has it, and use it in forward.',
      )
  }

  #function(value: unknown, where: string): ChainruleError {
    if (makerOf(value)) return this.#refuse(where, `${describeValue(value)}, not called`, 'Call it.')
    return this.#refuse(where, 'a function', adviceFor(where))
  }

  #refuse(where: string, what: string, advice: string): ChainruleError {
    const place = where.length > 120 ? `${where.slice(0, 100)} ...` : where
    return this.#error(`the ${place} is ${what}, which a ${this.#carried ? 'copy' : 'file'} cannot hold. ${advice}`)
  }

  #error(text: string): ChainruleError {
    return new ChainruleError('ERR_OPTION', `${this.#call}: ${text}`)
  }
}

// What to write instead of a plain function, by the option or the part of compile that it stands in.
const families: readonly [RegExp, string][] = [
  [/activation/i, 'activations'],
  [/initializer/i, 'initializers'],
  [/learningRate/, 'schedules'],
  [/^loss/, 'losses'],
  [/^metric/, 'metrics'],
]

function adviceFor(where: string): string {
  const what = /^option '([^']*)'/.exec(where)?.[1] ?? where
  const family = families.find(([pattern]) => pattern.test(what))?.[1]
  if (!family) return 'Use a name, or make it in a layer of your own with a static type.'
  return `Give it a name: ${family}.custom('name', f), or use that of a built-in one.`
}

function encodeNumber(value: number): Json {
  return Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : { $: 'number', is: Object.is(value, -0) ? '-0' : String(value) }
}

/** Sets a key, of whatever name. */
function put(object: { [key: string]: Json }, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}

/** An object literal, of any realm, or a list. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'))
}
