/** Deep copies of models. */
import type { Layer } from '../layers/layer.ts'
import { native } from '../native.ts'
import type { Saveable } from './save.ts'

/** A layer of the same class and options, without weights. */
export function cloneLayer(layer: Layer): Layer {
  const make = layer.constructor as new (options: object) => Layer
  const copy = new make(layer.options)
  copy.name = layer.name
  copy.trainable = layer.trainable
  return copy
}

/** Gives a fresh copy of the layers the weights and the training state of the original. */
export function cloneInto(copy: Saveable, original: Saveable): void {
  if (original.compiled) copy.compile(original.compiled)
  if (!original.inputShape) return
  copy.build(original.inputShape, { draw: false })
  const parameters = copy.parameters()
  for (const [path, p] of original.parameters()) {
    const own = parameters.get(path)!
    own.set(p)
    own.trainable = p.trainable
  }
  const from = original.training
  if (!from) return
  const to = copy.trainingFor('clone')
  to.restore(from)
  for (const [i, block] of from.state.blocks.entries())
    for (const [k, slot] of block.slots.entries()) {
      const values = new Float32Array(block.block.bytes / 4)
      native().read(slot.memory!, 0, values)
      native().write(to.state.blocks[i]!.slots[k]!.memory!, 0, values)
    }
}
