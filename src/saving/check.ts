/**
 * Whether what is saved can be loaded: it is made again, as shapes without memory, and compared with the original: paths,
 * options, and what its forward describes. No save succeeds whose file cannot be loaded.
 */
import { ChainruleError } from '../errors.ts'
import type { Tree } from '../gradient.ts'
import type { Layer } from '../layers/layer.ts'
import { withoutValues } from '../parameters/parameter.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import { decodeCompiled, encodeCompiled } from './compiled.ts'
import { Decoder } from './decode.ts'
import { Encoder, type Json, keyOf } from './encode.ts'
import { describedBy } from './outline.ts'
import { layersOf, leavesOf } from './paths.ts'
import type { Saveable } from './saveable.ts'
import type { Saved } from './saved.ts'

/** What was encoded; for a copy also what is handed over. */
interface Written {
  readonly call: string
  readonly architecture: Json
  readonly compiled: Saved['compiled']
  readonly encoder: Encoder
  readonly carried?: readonly unknown[]
}

/** @throws ERR_OPTION where something would come back otherwise, with its name */
export function checkRestorable(model: Saveable, written: Written): void {
  const { call, carried } = written
  const copy = attempt(call, () => restored(model, written))
  const other = attempt(call, () => withoutValues(() => difference(model, copy)))
  if (other) throw refusal(call, other)
  if (carried) return
  const again = new Encoder(call)
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  const changed = !same(again.layer(copy), written.architecture)
  if (changed) throw refusal(call, `${whereOptionsDiffer(model, copy, call)} would come back with other options`)
  if (!same(encodeCompiled(again, copy), written.compiled))
    throw refusal(call, 'its loss, optimizer or a metric would come back with other options')
}

function restored(model: Saveable, { architecture, compiled, encoder, carried }: Written): Saveable {
  const { makers, tensors } = encoder
  const find = (kind: string, type: string, own: boolean) => makers.get(keyOf(kind, type, own))!
  const decoder = new Decoder({ tensors, find, ...(carried ? { carried } : {}) })
  const copy = withoutValues(() => decoder.layer(architecture, 'model')) as Saveable
  if (compiled) copy.compile(decodeCompiled(decoder, compiled))
  if (model.inputs) withoutValues(() => describedBy(copy, model.inputs!))
  return copy
}

function attempt<T>(call: string, f: () => T): T {
  try {
    return f()
  } catch (cause) {
    throw refusal(call, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function refusal(call: string, what: string, cause?: unknown): ChainruleError {
  const layer = cause instanceof ChainruleError && cause.layer ? { layer: cause.layer } : {}
  return new ChainruleError(
    'ERR_OPTION',
    `${call}: the model could not be made again from what its layers say of themselves: ${what}. The constructor of a ` +
      'layer takes one options object, passes it to super(options), and makes everything from that.',
    { ...layer, cause },
  )
}

/** What would come back otherwise; null where nothing would. */
function difference(model: Saveable, copy: Saveable): string | null {
  const [leaves, others] = [leavesOf(model), leavesOf(copy)]
  for (const path of [...layersOf(model).keys(), ...leaves.keys()])
    if (!others.has(path) && !layersOf(copy).has(path)) return `'${path}' would be missing`
  for (const path of others.keys()) if (!leaves.has(path)) return `it would have another parameter, '${path}'`
  for (const [path, { shape, kind }] of leaves) {
    const other = others.get(path)!
    if (!sameShape(shape, other.shape) || kind !== other.kind)
      return `'${path}' would be a ${other.kind} of shape ${formatShape(other.shape)} instead of ${formatShape(shape)}`
  }
  if (!model.inputs) return null
  const [lines, found] = [describedBy(model, model.inputs), describedBy(copy, model.inputs)]
  const at = Math.max(lines.length, found.length) - 1
  const first = [...lines, ...found].findIndex((_, i) => lines[i]?.text !== found[i]?.text)
  if (first < 0 || first > at) return null
  const { layer, what } = lines[first] ?? found[first]!
  return `${layer ? `the layer '${layer}'` : 'it'} would compute something else (${what})`
}

function whereOptionsDiffer(model: Layer<Tree, Tree>, copy: Layer<Tree, Tree>, call: string): string {
  const others = layersOf(copy)
  for (const [path, layer] of [...layersOf(model)].reverse()) {
    const encoded = (l: Layer<Tree, Tree>) => JSON.stringify(new Encoder(call).layer(l))
    if (encoded(layer) !== encoded(others.get(path)!)) return `the layer '${path}'`
  }
  return 'a layer'
}
