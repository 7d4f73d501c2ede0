/** What no program may do. */
import { ChainruleError } from '../errors.ts'
import type { Node } from '../tensor/graph.ts'

/** An update runs to its end: nothing in it may find that it cannot. */
export function refuseFaults(nodes: readonly Node[]): void {
  for (const { operation, layer } of nodes)
    if (operation.fault)
      throw new ChainruleError(
        'ERR_OPTION',
        `${operation.name} may fail for what the data are, and an update cannot stop half way. Compute it from the ` +
          'inputs of the step instead.',
        { operation: operation.name, ...(layer ? { layer } : {}) },
      )
}
