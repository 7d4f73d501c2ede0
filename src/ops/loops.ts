/** How kernels that work element by element walk operands that lie in any way. */
import type { Node, Tensor } from '../tensor/graph.ts'
import { type Layout, repeated } from '../tensor/layout.ts'
import { collapse, type Shape } from '../tensor/shape.ts'

/** The loop over an output and any number of broadcast inputs, as kernels want it. */
export function loops(out: Shape, inputs: readonly Tensor[], layouts: readonly Layout[]): number[] {
  const strides = inputs.map((t, i) => [...repeated(layouts[i]!, t.shape, out).strides])
  const merged = collapse(out, ...strides)
  return [merged.dims.length, ...merged.dims, ...merged.strides.flat()]
}

/** Kernels over loops read forwards, and neighbours along the last axis. */
export function readsLoops(node: Node, layouts: readonly Layout[]): boolean[] {
  const out = node.outputs[0]!.shape
  return node.inputs.map(({ shape }, i) => {
    const { strides } = repeated(layouts[i]!, shape, out)
    const last = out.findLastIndex((n) => n > 1)
    return strides.every((s, d) => s >= 0 && (d !== last || s <= 1))
  })
}
