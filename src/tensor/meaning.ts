/** What the numbers of a tensor are, by how it was described. */
import type { Meaning, Tensor } from './graph.ts'

/** The tensor whose elements these are, all of them in order: what was reshaped, if it was. */
export function behindReshapes(t: Tensor): Tensor {
  let root = t
  while (root.value === null && root.node?.operation.keepsMeaning && root.node.inputs[0]!.size() === root.size())
    root = root.node.inputs[0]!
  return root
}

/** What a tensor's numbers are, as far as its description tells. */
export function meaningOf(t: Tensor): Meaning | null {
  let { node } = t
  while (node?.operation.keepsMeaning) ({ node } = node.inputs[0]!)
  const meaning = node?.operation.meaning?.(node.attributes) ?? null
  const isOfRows = meaning === 'distribution' || meaning === 'logDistribution'
  // Other rows no longer add up to 1.
  return isOfRows && node!.outputs[0]!.shape.at(-1) !== t.shape.at(-1) ? null : meaning
}
