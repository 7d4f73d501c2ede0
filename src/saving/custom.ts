/** What a file needs that is not built in: own layers, losses, metrics, ... given when it is read. */
import { type Maker, makerOf } from '../descriptions/description.ts'
import { builtIn, builtInTypes } from '../descriptions/registry.ts'
import { ChainruleError } from '../errors.ts'
import { Layer } from '../layers/layer.ts'
import { type LayerClass, layerMaker } from '../layers/restoration.ts'
import { suggest } from '../options.ts'
import { keyOf } from './encode.ts'

const forTraining = ['loss', 'metric', 'optimizer', 'schedule']

/** How a file's description is made: what the user gave, or what is built in. */
export function find(custom: ReadonlyMap<string, Maker>, kind: string, given: string, own: boolean): Maker {
  const found = own ? custom.get(keyOf(kind, given, true)) : builtIn(kind, given)
  if (found) return found
  const type = given.slice(0, 60)
  const closest = own ? undefined : suggest(type, builtInTypes(kind))
  const what =
    kind === 'layer' ? 'its class' : `what ${kind === 'loss' ? 'losses' : `${kind}s`}.custom('${type}', ...) gave`
  const name = /^[A-Za-z_]\w*$/.test(type) ? type : 'own'
  const word = kind === 'layer' ? name[0]!.toUpperCase() + name.slice(1) : name
  throw new ChainruleError(
    'ERR_FILE',
    `the ${kind} '${type}' is not built in.${closest ? ` Did you mean '${closest}'?` : ''} ` +
      `Give ${what}: Model.load(file, { custom: [${word}] })` +
      `${forTraining.includes(kind) ? '; for predictions alone, { compile: false }' : ''}.`,
  )
}

/**
 * What the user gave for a file, by kind and type.
 * @param layers own classes by the type under which they were saved
 */
export function customMakers(list: readonly unknown[], layers: Readonly<Record<string, unknown>>): Map<string, Maker> {
  const found = new Map<string, Maker>()
  for (const [i, given] of list.entries()) {
    const maker = makerOf(given) ?? makerOfClass(given)
    if (!maker || maker.type === '')
      throw new ChainruleError(
        'ERR_OPTION',
        `load: custom[${i}] must be a class of layers with a static type, or what .custom(name, ...) gave. ` +
          (typeof given === 'function' ? 'A plain function has no name to be found by: give it one.' : ''),
      )
    const key = keyOf(maker.kind, maker.type, true)
    if (found.has(key) && found.get(key) !== maker)
      throw new ChainruleError('ERR_OPTION', `load: custom has two that are the ${maker.kind} '${maker.type}'`)
    found.set(key, maker)
  }
  for (const [type, layer] of Object.entries(layers)) {
    const maker = makerOfClass(layer)
    if (maker) found.set(keyOf('layer', type, true), maker)
  }
  return found
}

function makerOfClass(given: unknown): Maker | undefined {
  const isLayer = typeof given === 'function' && given.prototype instanceof Layer
  return isLayer ? layerMaker(given as LayerClass) : undefined
}
