/** Models from files. Nothing that a file says takes memory before it was compared with the tensors that are there. */
import type { Maker } from '../descriptions/description.ts'
import { ChainruleError } from '../errors.ts'
import { decodeSafetensors, type StoredTensor } from '../files/safetensors.ts'
import { tensorsOf } from '../layers/inputs.ts'
import { pathOf, structured } from '../named.ts'
import { withoutValues } from '../parameters/parameter.ts'
import { Traced } from '../program/traced.ts'
import type { Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts'
import { decodeCompiled } from './compiled.ts'
import { find } from './custom.ts'
import { Decoder } from './decode.ts'
import { upgrade } from './older.ts'
import { freeze, leavesOf, slotsOf, writeSlot } from './paths.ts'
import type { Saveable } from './saveable.ts'
import { checkSaved, readSaved, type Saved } from './saved.ts'

export interface Source {
  readonly bytes: Uint8Array
  /** For errors. */
  readonly file: string
  /** What the user gave, by kind and type. */
  readonly custom: ReadonlyMap<string, Maker>
  /** Whether the loss, the optimizer and its state are wanted. */
  readonly compile: boolean
}

/** @throws ERR_FILE whatever is wrong with the file */
export function restore(source: Source): Saveable {
  const { file } = source
  try {
    return assemble(source)
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause)
    if (!(cause instanceof ChainruleError)) throw unusable(file, what, cause)
    if (cause.code === 'ERR_NATIVE' || what.includes(file)) throw cause
    if (cause.code === 'ERR_FILE') throw new ChainruleError('ERR_FILE', `${file}: ${what}`)
    throw unusable(file, what, cause)
  }
}

function unusable(file: string, what: string, cause: unknown): ChainruleError {
  return new ChainruleError('ERR_FILE', `${file}: the description of the model cannot be used: ${what}`, { cause })
}

function assemble({ bytes, file, custom, compile }: Source): Saveable {
  const { tensors, metadata } = decodeSafetensors(bytes, file)
  const read = readSaved(metadata)
  const saved = checkSaved(read.schema < 2 ? upgrade(read.json, custom) : read.json)
  const options = Array.from({ length: saved.options }, (_, i) => {
    const tensor = tensors.get(`${saved.prefixes.options}.${i}`)
    if (tensor) return tensor
    throw new ChainruleError('ERR_FILE', `the tensor '${saved.prefixes.options}.${i}' is missing`)
  })
  const decoder = new Decoder({ tensors: options, find: (...what) => find(custom, ...what) })
  const model = withoutValues(() => decoder.layer(saved.architecture, 'model')) as Saveable
  const inputs = new Map(saved.inputs.map(([name, shape, dtype]) => [name, { shape, dtype }]))
  withoutValues(() => model.buildWith(inputs, () => fill(model, tensors, read.schema)))
  if (model.sublayers().some((layer) => layer.restoration().maker.type === 'graph')) checkSound(model)
  freeze(model, new Set(saved.frozen))
  if (saved.compiled && compile) restoreCompiled(model, saved, decoder, tensors)
  return model
}

/** A graph names operations and their attributes itself: whether kernels take them shows when it is compiled. */
function checkSound(model: Saveable): void {
  const inputs = model.inputs!
  const specs = [...inputs].map(([name, spec]) => ({ ...spec, name: pathOf('x', name) }))
  const describe = (feeds: readonly Tensor[]) => {
    const x = structured(new Map([...inputs.keys()].map((name, i) => [name, feeds[i]!])))
    return { outputs: [...tensorsOf(model.apply(x, { mode: 'predict' })).values()] }
  }
  try {
    new Traced(specs, describe)
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new ChainruleError('ERR_FILE', `its graph cannot be computed: ${what}`, { cause })
  }
}

function fill(model: Saveable, tensors: ReadonlyMap<string, StoredTensor>, schema: number): void {
  const leaves = [...leavesOf(model)]
  // Files of 0.1.0 know no states: layers have learned to have them since.
  const stored = leaves.map(([path, leaf]) =>
    leaf.kind === 'state' && schema < 2 ? null : floats(tensors, path, leaf.shape),
  )
  for (const [i, [, leaf]] of leaves.entries())
    leaf.set(stored[i] ? constant(stored[i], leaf.shape) : leaf.initializer.values(leaf.shape))
}

/** A copy of a tensor of this name and shape. */
function floats(tensors: ReadonlyMap<string, StoredTensor>, name: string, shape: Shape): Float32Array {
  const found = tensors.get(name)
  if (!found) throw new ChainruleError('ERR_FILE', `the tensor '${name}' is missing`)
  if (!sameShape(found.shape, shape) || found.dtype !== 'F32')
    throw new ChainruleError(
      'ERR_FILE',
      `'${name}' is ${found.dtype} ${formatShape(found.shape)}, expected F32 ${formatShape(shape)}`,
    )
  return found.data.slice() as Float32Array
}

function restoreCompiled(model: Saveable, saved: Saved, decoder: Decoder, tensors: Map<string, StoredTensor>): void {
  model.compile(decodeCompiled(decoder, saved.compiled!))
  if (saved.learningRate !== null) model.learningRate = saved.learningRate
  if (!saved.training) return
  const { step, epoch, stepInEpoch } = saved.training
  const constants = new Map(Object.entries(decoder.options(saved.training.constants)) as [string, number][])
  if (![...constants.values()].every((v) => typeof v === 'number'))
    throw new ChainruleError('ERR_FILE', 'the constants of its metrics are no numbers')
  // Before memory is taken for the slots.
  const { optimizer } = saved.prefixes
  const slots = (model.compiled!.optimizer as { slots: readonly string[] }).slots
  const values = new Map<string, Float32Array>()
  for (const [path, p] of model.parameters())
    for (const slot of slots) values.set(`${slot} ${path}`, floats(tensors, `${optimizer}.${slot}.${path}`, p.shape))
  const training = model.trainingFor('load')
  training.restore({ state: { step }, epoch, stepInEpoch, constants })
  for (const slot of slotsOf(training.state, model)) writeSlot(slot, values.get(`${slot.name} ${slot.path}`)!)
}
