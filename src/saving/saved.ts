/** What the metadata of a saved model say, as JSON. */
import { ChainruleError } from '../errors.ts'
import { fieldsOf, listOf, problem } from './decode.ts'
import type { Json } from './encode.ts'

export const format = 'chainrule'
/** Grows when files of before cannot be read any more without a conversion. Before 2 there was no `$`: `older.ts`. */
export const schema = 2

export interface SavedTraining {
  readonly step: number
  readonly epoch: number
  readonly stepInEpoch: number
  /** By metric. */
  readonly constants: Json
}

export interface Saved {
  readonly schema: number
  /** The model as a layer among layers. */
  readonly architecture: Json
  /** Name, shape with the batch, dtype: what it was described with. */
  readonly inputs: readonly (readonly [string, readonly number[], 'float32' | 'int32'])[]
  /** Paths of layers and parameters. */
  readonly frozen: readonly string[]
  readonly compiled: { readonly optimizer: Json; readonly loss: Json; readonly metrics: Json } | null
  /** A learning rate that was set. */
  readonly learningRate: number | null
  readonly training: SavedTraining | null
  /** What stands before the names of tensors that are no parameters. */
  readonly prefixes: { readonly optimizer: string; readonly options: string }
  /** Tensors of the options. */
  readonly options: number
}

export function readSaved(metadata: Record<string, string>): { schema: number; json: { [key: string]: Json } } {
  if (metadata.format !== format || !metadata.model)
    throw new ChainruleError(
      'ERR_FILE',
      'this safetensors file was not written by chainrule: it has weights, but no architecture',
    )
  let json: unknown
  try {
    json = JSON.parse(metadata.model)
  } catch (cause) {
    throw new ChainruleError('ERR_FILE', 'the description of the model is no JSON', { cause })
  }
  const found = fieldsOf(json, 'metadata') as { [key: string]: Json }
  if (Number(found.schema) > schema)
    throw new ChainruleError(
      'ERR_FILE',
      `written by a newer chainrule (schema ${found.schema}; this one reads up to ${schema}). Update chainrule.`,
    )
  if (!isCount(found.schema)) throw problem('it is incomplete: it has no schema')
  return { schema: found.schema, json: found }
}

/** Checks all that is no description: those are checked where they are made. */
export function checkSaved(json: { [key: string]: Json }): Saved {
  for (const key of ['architecture', 'inputs', 'frozen', 'compiled', 'learningRate', 'training', 'prefixes', 'options'])
    if (!Object.hasOwn(json, key)) throw problem(`it is incomplete: '${key}' is missing`)
  const names = listOf(json.inputs).map((input) => checkInput(listOf(input)))
  const distinct = new Set(names)
  // One alone has the name ''.
  if (distinct.size !== names.length || names.length === 0 || (distinct.has('') && names.length > 1))
    throw problem('its inputs have no names that differ')
  if (!listOf(json.frozen).every((path) => typeof path === 'string')) throw problem('its frozen paths are no strings')
  const { learningRate: rate, training, prefixes } = json
  if (rate !== null && !(typeof rate === 'number' && rate >= 0)) throw problem('its learning rate is no number')
  if (json.compiled !== null) fieldsOf(json.compiled, 'compile options')
  if (!Object.values(fieldsOf(prefixes, 'prefixes')).every((p) => typeof p === 'string')) throw problem('its prefixes')
  if (!isCount(json.options) || json.options > 1e6) throw problem('its number of options is none')
  if (training !== null) {
    const { step, epoch, stepInEpoch, constants } = fieldsOf(training, 'steps')
    if (![step, epoch, stepInEpoch].every(isCount)) throw problem('its steps are no whole numbers')
    fieldsOf(constants, 'constants')
  }
  return json as unknown as Saved
}

function checkInput([name, shape, dtype, more]: readonly Json[]): Json {
  const sizes = listOf(shape)
  const fits = typeof name === 'string' && ['float32', 'int32'].includes(dtype as string) && more === undefined
  if (fits && sizes.length > 0 && sizes.length <= 9 && sizes.every((n) => isCount(n) && n > 0)) return name!
  throw problem('its inputs are no shapes')
}

function isCount(n: unknown): n is number {
  return Number.isSafeInteger(n) && (n as number) >= 0
}
