/** All operations by name: a saved graph names those that it has. */
import type { Operation } from './graph.ts'

const known = new Map<string, Operation>()

/** Makes an operation known under its name, which no other has. */
// biome-ignore lint/suspicious/noExplicitAny: each operation knows the type of its own attributes
export function defineOperation<A = any>(operation: Operation<A>): Operation<A> {
  if (known.has(operation.name)) throw new Error(`the operation '${operation.name}' is defined twice`)
  known.set(operation.name, operation)
  return operation
}

export function operationNamed(name: string): Operation | undefined {
  return known.get(name)
}
