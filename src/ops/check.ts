/** Stops a step before its update when a value is no finite number. */
import { apply } from '../tensor/apply.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'

const checkOperation: Operation<string> = {
  name: 'checkFinite',
  infer: () => [{ shape: [0], dtype: 'float32' }],
  emit: ({ inputs: [x], attributes: _ }) => ({ kernel: 'checkFinite', attributes: [], operands: [x!] }),
  flops: ({ inputs: [x] }) => x!.size(),
  fault: (node, _, value) => `the ${node.attributes} is ${value}`,
  demandsFinite: true,
}

/** A value to compute for its effect: the step fails unless every element of x is finite. */
export function checkFinite(x: Tensor, what: string): Tensor {
  return apply(checkOperation, [x], what)
}
