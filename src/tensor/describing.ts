/** What is known while operations are described: their role, whether a program is being described; and its errors. */
import { ChainruleError } from '../errors.ts'

const scope: string[] = []
let part = ''
let derivativeOf = ''
let tracing = 0

/** What an operation is there for: errors name it, and a profile adds up by it. */
export interface Role {
  /** Path of the layer that describes it, or ''. */
  readonly layer: string
  /** Outside layers: which other part of a step it belongs to, such as the loss; or ''. */
  readonly part: string
  /** Whether it belongs to the way back, ... */
  readonly backward: boolean
  /** ... and of which operation it is the derivative; or ''. */
  readonly derivativeOf: string
}

export function currentRole(): Role {
  return { layer: scope.join('.'), part, backward: derivativeOf !== '', derivativeOf }
}

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

/** Runs f as a part of a step that is no layer. Errors do not name it. */
export function inPart<T>(name: string, f: () => T): T {
  const before = part
  part = name
  try {
    return f()
  } finally {
    part = before
  }
}

/** Runs f as the way back through an operation that had this role. */
export function backThrough<T>(
  of: { readonly role: Role; readonly operation: { readonly name: string } },
  f: () => T,
): T {
  const before = { scope: scope.splice(0), part, derivativeOf }
  if (of.role.layer !== '') scope.push(of.role.layer)
  part = of.role.part
  derivativeOf = of.role.derivativeOf || of.operation.name
  try {
    return f()
  } finally {
    scope.splice(0, scope.length, ...before.scope)
    part = before.part
    derivativeOf = before.derivativeOf
  }
}

/** Runs f as a part of a step that belongs to the way back, and is the derivative of no operation. */
export function inBackwardPart<T>(name: string, f: () => T): T {
  return backThrough({ role: { layer: '', part: name, backward: true, derivativeOf: '' }, operation: { name } }, f)
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
function currentLayer(): string | undefined {
  return scope.length ? scope.join('.') : undefined
}

type Code = 'ERR_SHAPE' | 'ERR_DATA' | 'ERR_OPTION' | 'ERR_NOT_FED'

/** An error of the operation that is being described. */
export function describeError(code: Code, operation: string, message: string) {
  const layer = currentLayer()
  const where = layer ? `${layer}: ${operation}` : operation
  return new ChainruleError(code, `${where}: ${message}`, { operation, ...(layer ? { layer } : {}) })
}

export function shapeError(operation: string, message: string): ChainruleError {
  return describeError('ERR_SHAPE', operation, message)
}
