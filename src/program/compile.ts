/** From what is described to a program that can run. */
import { ChainruleError } from '../errors.ts'
import { pendingNodes } from '../tensor/apply.ts'
import { hooks, type Node, type Tensor } from '../tensor/graph.ts'
import { formatShape } from '../tensor/shape.ts'
import { Compiler } from './compiler.ts'
import type { Description } from './description.ts'
import type { Compiled } from './encode.ts'

export type { Description, Target } from './description.ts'

/**
 * Compiles a description. What it uses from outside keeps the value that it had, and what depends on constants alone is
 * computed now.
 */
export function compile(description: Description): Compiled {
  const { outputs, checks = [], verdicts = [], updates = [] } = description
  const tensors = [...outputs.map((t) => t.tensor), ...checks, ...verdicts, ...updates.map((t) => t.tensor)]
  for (const t of tensors) if (t.symbolic === 'input') throw inGraph(t)
  evaluateAll(pendingNodes(tensors).filter((node) => !node.traced))
  evaluateAll(constantNodes(tensors))
  return compileAsIs(description)
}

/** What a graph of layers has no values of. */
export function inGraph({ shape }: Tensor): ChainruleError {
  return new ChainruleError(
    'ERR_NOT_FED',
    `This tensor of shape ${formatShape(shape)} belongs to a graph of layers, which begins with input(...): it has no ` +
      'values. Make a model, new Model({ inputs, outputs }), and give that its data: model.predict(data), model.fit(data).',
  )
}

export function compileAsIs(description: Description): Compiled {
  return new Compiler(description).compile()
}

function evaluateAll(nodes: readonly Node[]): void {
  if (nodes.length > 0) hooks.evaluate(nodes.flatMap((node) => node.outputs))
}

/** The nodes whose inputs have values, or come from such nodes. */
function constantNodes(tensors: readonly Tensor[]): Node[] {
  const known = new Set<Tensor>()
  return pendingNodes(tensors).filter((node) => {
    const drawn = node.operation.drawsEachStep?.(node.inputs)
    if (drawn || node.operation.updates || !node.inputs.every((t) => t.value !== null || known.has(t))) return false
    for (const output of node.outputs) known.add(output)
    return true
  })
}
