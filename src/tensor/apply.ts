/** Describing operations, and walking over what has not been computed. */
import { isTracing } from './describing.ts'
import { hooks, Node, type Operation, type Tensor } from './graph.ts'

/** Describes one operation. */
export function apply<A>(operation: Operation<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return applyAll(operation, inputs, attributes)[0]!
}

// Longer chains than this (or up to twice as long) are computed at once, so that a loop that never reads stays flat in
// memory.
const longest = 1000
// Counting is a walk over the chain: not again before so many operations were described that it can matter.
const restBetweenCounts = 100
let described = 0
let nextCount = 0

/** As `apply`, for operations with several outputs. */
export function applyAll<A>(operation: Operation<A>, inputs: readonly Tensor[], attributes: A): readonly Tensor[] {
  const node = new Node(operation, inputs, attributes)
  described++
  // Not while describing: what depends on parameters must stay a part of the program.
  if (node.pending > longest && described >= nextCount && !node.outputs[0]!.symbolic && !isTracing()) {
    node.pending = pendingNodes(node.outputs).length
    if (node.pending > longest) hooks.evaluate(node.outputs)
    else nextCount = described + Math.max(restBetweenCounts, longest - node.pending)
  }
  return node.outputs
}

/** The nodes behind these tensors that have not been computed, inputs before users. Iterative: graphs are deep. */
export function pendingNodes(tensors: readonly Tensor[], done: Set<Node> = new Set()): Node[] {
  const order: Node[] = []
  const stack: { node: Node; next: number }[] = []
  const visit = (t: Tensor) => {
    if (t.value === null && t.place === null && t.node && !done.has(t.node)) {
      done.add(t.node)
      stack.push({ node: t.node, next: 0 })
    }
  }
  for (const tensor of tensors) {
    visit(tensor)
    while (stack.length) {
      const top = stack[stack.length - 1]!
      if (top.next < top.node.inputs.length) visit(top.node.inputs[top.next++]!)
      else {
        order.push(top.node)
        stack.pop()
      }
    }
  }
  return order
}
