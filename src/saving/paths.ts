/** What a model is made of, by path. */
import type { Tree } from '../gradient.ts'
import { Layer } from '../layers/layer.ts'
import type { Memory } from '../native.ts'
import { native } from '../native.ts'
import type { Settable } from '../parameters/parameter.ts'
import type { OptimizerState } from '../training/state.ts'

/** Parameters, then states. */
export function leavesOf(model: Layer<Tree, Tree>): Map<string, Settable> {
  return new Map<string, Settable>([...model.parameters(), ...model.states()])
}

/** All layers below a model, each by the first path that leads to it. */
export function layersOf(model: Layer<Tree, Tree>): Map<string, Layer<Tree, Tree>> {
  const found = new Map<string, Layer<Tree, Tree>>()
  const seen = new Set<unknown>([model])
  const walk = (layer: Layer<Tree, Tree>, path: string) => {
    for (const [name, child] of layer.children()) {
      if (!(child instanceof Layer) || seen.has(child)) continue
      seen.add(child)
      found.set(path + name, child)
      walk(child, `${path}${name}.`)
    }
  }
  walk(model, '')
  return found
}

/** Paths of what is frozen; '' is the model. */
export function frozenIn(model: Layer<Tree, Tree>): string[] {
  const parts = [['', model] as const, ...layersOf(model), ...model.parameters()]
  return parts.filter(([, part]) => !part.trainable).map(([path]) => path)
}

export function freeze(model: Layer<Tree, Tree>, frozen: ReadonlySet<string>): void {
  for (const [path, part] of [['', model] as const, ...layersOf(model), ...model.parameters()])
    part.trainable = !frozen.has(path)
}

/** What an optimizer remembers of one parameter, and where it lies. */
export interface Slot {
  readonly name: string
  readonly path: string
  readonly parameter: Settable
  readonly memory: Memory
}

export function slotsOf(state: OptimizerState, model: Layer<Tree, Tree>): Slot[] {
  return [...model.parameters()].flatMap(([path, parameter]) => {
    const own = state.blocks.find(({ block }) => block.segment === parameter.place!.segment)
    return (own?.slots ?? []).map(({ name, memory }) => ({ name, path, parameter, memory: memory! }))
  })
}

export function readSlot({ parameter, memory }: Slot): Float32Array {
  const values = new Float32Array(parameter.size())
  native().read(memory, parameter.place!.offset, values)
  return values
}

export function writeSlot({ parameter, memory }: Slot, values: Float32Array): void {
  native().write(memory, parameter.place!.offset, values)
}
