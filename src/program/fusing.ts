/** Which operations are computed by those before them: where nobody else wants what lies between. */
import type { Node, Tensor } from '../tensor/graph.ts'

export class Fused {
  readonly #next = new Map<Node, Node>()
  readonly #maker = new Map<Node, Node>()

  /**
   * @param order all nodes of a program
   * @param wanted what somebody asks for
   */
  constructor(order: readonly Node[], wanted: readonly Tensor[]) {
    const kept = new Set(wanted)
    const readers = new Map<Tensor, Node[]>()
    for (const node of order)
      for (const input of node.inputs) {
        const list = readers.get(input)
        if (list) list.push(node)
        else readers.set(input, [node])
      }
    for (const node of order) {
      if (this.#maker.has(node)) continue
      const [output] = node.outputs
      const [next, ...others] = readers.get(output!) ?? []
      if (!next || others.length > 0 || kept.has(output!) || !node.operation.fuses?.(node, next)) continue
      this.#next.set(node, next)
      this.#maker.set(next, node)
    }
  }

  /** The operation that this one computes, too. */
  nextOf(node: Node): Node | undefined {
    return this.#next.get(node)
  }

  /** Who computes an operation: another one, or itself. */
  makerOf(node: Node): Node {
    return this.#maker.get(node) ?? node
  }

  /** What an operation writes: instead of its first output that of the one that it computes, too. */
  writtenBy(node: Node): readonly Tensor[] {
    if (this.#maker.has(node)) return []
    const next = this.#next.get(node)
    return next ? [next.outputs[0]!, ...node.outputs.slice(1)] : node.outputs
  }
}
