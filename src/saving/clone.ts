/** Deep copies of models: described and made again in memory, without a file. */

import { withoutValues } from '../parameters/parameter.ts'
import { checkRestorable } from './check.ts'
import { Decoder } from './decode.ts'
import { Encoder } from './encode.ts'
import { freeze, frozenIn, leavesOf, readSlot, slotsOf, writeSlot } from './paths.ts'
import type { Saveable } from './saveable.ts'

/** What the user made (functions, classes, descriptions) is handed over as it is; layers and numbers are copied. */
export function cloneModel(original: Saveable): Saveable {
  const carried: unknown[] = []
  const encoder = new Encoder('clone', carried)
  const encoded = encoder.layer(original)
  checkRestorable(original, { call: 'clone', architecture: encoded, compiled: null, encoder, carried })
  const find = () => {
    throw new Error('a copy knows all makers')
  }
  const decoder = new Decoder({ tensors: [], carried, find })
  const copy = withoutValues(() => decoder.layer(encoded, 'model')) as Saveable
  // What layers make in their constructors is there before the model is built.
  if (original.inputs) withoutValues(() => copy.buildWith(original.inputs!, () => copyLeaves(original, copy)))
  else copyLeaves(original, copy)
  freeze(copy, new Set(frozenIn(original)))
  if (original.compiled) copy.compile(original.compiled)
  if (original.ownRate !== null) copy.learningRate = original.ownRate
  if (original.training) copyTraining(original, copy)
  return copy
}

function copyLeaves(original: Saveable, copy: Saveable): void {
  const leaves = leavesOf(copy)
  for (const [path, leaf] of leavesOf(original)) {
    const own = leaves.get(path)
    if (own) own.set(leaf)
  }
}

function copyTraining(original: Saveable, copy: Saveable): void {
  const from = original.training!
  const to = copy.trainingFor('clone')
  to.restore(from)
  const slots = new Map(slotsOf(to.state, copy).map((slot) => [`${slot.name} ${slot.path}`, slot]))
  for (const slot of slotsOf(from.state, original)) {
    const own = slots.get(`${slot.name} ${slot.path}`)
    if (own) writeSlot(own, readSlot(slot))
  }
}
