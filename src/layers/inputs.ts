/** Inputs and outputs of layers by name. */
import type { Tree } from '../gradient.ts'
import { mapNamed, type Named, named, structured } from '../named.ts'
import { type Spec, Tensor } from '../tensor/graph.ts'
import { feed } from '../tensor/leaves.ts'

/** What a layer is described with, without values. */
export function feeds(inputs: Named<Spec>): Tree {
  return structured(mapNamed(inputs, ({ shape, dtype }, name) => feed(shape, dtype, name || 'x')))
}

export function tensorsOf(tree: Tree): Named<Tensor> {
  return named(tree as Tensor, (t) => t instanceof Tensor)
}
