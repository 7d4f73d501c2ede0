/** What is known while operations are described: the layer, whether a program is being described; and its errors. */
import { ChainruleError } from '../errors.ts'

const scope: string[] = []
let tracing = 0

/** Runs f with a layer's name added to the path that errors and nodes carry. */
export function inScope<T>(name: string, f: () => T): T {
  if (name === '') return f()
  scope.push(name)
  try {
    return f()
  } finally {
    scope.pop()
  }
}

/** Runs f while a program is described: random nodes made there are drawn anew in each step. */
export function whileTracing<T>(f: () => T): T {
  tracing++
  try {
    return f()
  } finally {
    tracing--
  }
}

/** Runs f as if no program were being described: what it makes has a value of its own. */
export function outsideTracing<T>(f: () => T): T {
  const before = tracing
  tracing = 0
  try {
    return f()
  } finally {
    tracing = before
  }
}

export function isTracing(): boolean {
  return tracing > 0
}

/** The path of the layer being described, or undefined outside. */
export function currentLayer(): string | undefined {
  return scope.length ? scope.join('.') : undefined
}

/** An error of the operation that is being described. */
export function describeError(code: 'ERR_SHAPE' | 'ERR_DATA' | 'ERR_OPTION', operation: string, message: string) {
  const layer = currentLayer()
  const where = layer ? `${layer}: ${operation}` : operation
  return new ChainruleError(code, `${where}: ${message}`, { operation, ...(layer ? { layer } : {}) })
}

export function shapeError(operation: string, message: string): ChainruleError {
  return describeError('ERR_SHAPE', operation, message)
}
