/**
 * A model as one safetensors file: tensors by path, and in the metadata descriptions of what it is made of, how it was
 * compiled and how far it was trained. Other tools can open it. Never raw blocks: every tensor has a path and a shape.
 */
import { ChainruleError } from '../errors.ts'
import { encodeSafetensors, type StoredTensor } from '../files/safetensors.ts'
import { mapNamed, type Named } from '../named.ts'
import { hooks, type Spec } from '../tensor/graph.ts'
import { checkRestorable } from './check.ts'
import { encodeCompiled } from './compiled.ts'
import { Encoder, type Json } from './encode.ts'
import { describedBy } from './outline.ts'
import { frozenIn, leavesOf, readSlot, slotsOf } from './paths.ts'
import type { Saveable } from './saveable.ts'
import { format, type Saved, schema } from './saved.ts'

/**
 * The file of a model, as bytes.
 * @throws ERR_OPTION, by name, for what could not be loaded again
 */
export function bytesOf(model: Saveable): Uint8Array {
  if (!model.inputs)
    throw new ChainruleError('ERR_DATA', 'save: the model has no weights yet. Train it, or call build(inputShape).')
  const encoder = new Encoder('save')
  const architecture = encoder.layer(model)
  const compiled = encodeCompiled(encoder, model)
  checkRestorable(model, { call: 'save', architecture, compiled, encoder })
  const leaves = leavesOf(model)
  const prefixes = { optimizer: freePrefix('optimizer', leaves), options: freePrefix('options', leaves) }
  const tensors = new Map<string, StoredTensor>()
  const put = (name: string, tensor: StoredTensor) => {
    if (tensors.has(name)) throw new ChainruleError('ERR_OPTION', `save: two tensors would have the name '${name}'`)
    tensors.set(name, tensor)
  }
  const float = (shape: readonly number[], data: Float32Array) => ({ dtype: 'F32' as const, shape: [...shape], data })
  for (const [path, leaf] of leaves) put(path, float(leaf.shape, hooks.read(leaf) as Float32Array))
  for (const slot of model.training ? slotsOf(model.training.state, model) : [])
    put(`${prefixes.optimizer}.${slot.name}.${slot.path}`, float(slot.parameter.shape, readSlot(slot)))
  for (const [i, tensor] of encoder.tensors.entries()) put(`${prefixes.options}.${i}`, tensor)
  const saved: Saved = {
    schema,
    architecture,
    inputs: [...usualInputs(model, model.inputs)].map(([name, { shape, dtype }]) => [name, shape, dtype as 'float32']),
    frozen: frozenIn(model),
    compiled,
    learningRate: model.ownRate,
    training: encodeTraining(encoder, model),
    prefixes,
    options: encoder.tensors.length,
  }
  return encodeSafetensors(tensors, { format, model: JSON.stringify(saved) })
}

function encodeTraining(encoder: Encoder, { training }: Saveable): Saved['training'] {
  if (!training) return null
  const constants: { [name: string]: Json } = {}
  for (const [name, value] of training.constants) constants[name] = encoder.encode(value, `constant of '${name}'`)
  const { state, epoch, stepInEpoch } = training
  return { step: state.step, epoch, stepInEpoch, constants }
}

// The batch that `fit` takes by default, or one sample.
const usualBatches = [32, 1]

/** With a batch that does not depend on the data that the model saw first, where it can be described with one. */
function usualInputs(model: Saveable, inputs: Named<Spec>): Named<Spec> {
  for (const batch of usualBatches) {
    const usual = mapNamed(inputs, ({ shape, dtype }) => ({ shape: [batch, ...shape.slice(1)], dtype }))
    try {
      describedBy(model, usual)
      return usual
    } catch {
      // Another batch, or the one that it was built with.
    }
  }
  return inputs
}

/** A word that no parameter's path begins with. */
function freePrefix(word: string, leaves: ReadonlyMap<string, unknown>): string {
  let prefix = word
  while ([...leaves.keys()].some((path) => path.startsWith(`${prefix}.`))) prefix += '_'
  return prefix
}
