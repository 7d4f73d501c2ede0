/** Files of 0.1.0, schema 1: what they say, as schema 2 says it. */
import type { Maker } from '../descriptions/description.ts'
import { fieldsOf, listOf, problem } from './decode.ts'
import { type Json, keyOf } from './encode.ts'

type Fields = { readonly [key: string]: Json }

export function upgrade(json: Fields, custom: ReadonlyMap<string, Maker>): { [key: string]: Json } {
  const { name, seed, inputShape, training } = json
  const layers = listOf(json.layers).map((layer) => fieldsOf(layer, 'layers'))
  if (!Array.isArray(inputShape) || !Number.isSafeInteger(seed)) throw problem('it is incomplete')
  const stack = layers.map(
    (layer, id): Json => ({
      $: 'layer',
      id,
      kind: 'layer',
      type: layer.type!,
      ...ownIn(custom, 'layer', layer.type!),
      name: layer.name!,
      options: optionsFrom(fieldsOf(layer.options, 'options')),
    }),
  )
  const architecture: Json = {
    $: 'layer',
    id: stack.length,
    kind: 'model',
    type: 'model',
    name: name ?? '',
    options: { layers: stack, seed: seed! },
  }
  return {
    architecture,
    // 0.1.0 described with an unknown batch; the usual one stands for it.
    inputs: [['', [1, ...inputShape], 'float32']],
    frozen: layers.filter(({ trainable }) => trainable === false).map((layer) => layer.name!),
    compiled: json.compiled ? compiledFrom(fieldsOf(json.compiled, 'compile options'), custom) : null,
    learningRate: null,
    training: training ?? null,
    prefixes: { optimizer: 'optimizer', options: 'options' },
    options: 0,
  }
}

/** Initializers were saved by name and options, regularizers as they were. */
function optionsFrom(options: Fields): Json {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]): [string, Json] => {
      const { kind, name, ...rest } = typeof value === 'object' && value !== null ? (value as Fields) : ({} as Fields)
      if (kind === 'initializer') return [key, description('initializer', name!, rest.options ?? {})]
      if (kind === 'regularizer') return [key, description('regularizer', 'l1l2', rest)]
      return [key, value]
    }),
  )
}

function compiledFrom({ optimizer, loss, metrics }: Fields, custom: ReadonlyMap<string, Maker>): Json {
  const { name, options } = fieldsOf(optimizer, 'optimizer')
  return {
    optimizer: description('optimizer', name!, options ?? {}),
    loss: loss!,
    // Of own metrics the name was kept.
    metrics: listOf(metrics).map((metric) =>
      'own' in ownIn(custom, 'metric', metric) ? { ...description('metric', metric, {}), own: true } : metric,
    ),
  }
}

/** 0.1.0 did not say what was the user's: what is given goes first. */
function ownIn(custom: ReadonlyMap<string, Maker>, kind: string, type: Json): { own?: true } {
  return custom.has(keyOf(kind, String(type), true)) ? { own: true } : {}
}

function description(kind: string, type: Json, options: Json): { [key: string]: Json } {
  return { $: 'description', kind, type, options }
}
