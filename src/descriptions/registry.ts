/** The built-in types of each kind. A room that has some registers them; shared code asks here and knows none by name. */
import type { Maker } from './description.ts'

const known = new Map<string, Map<string, Maker>>()

export function register(maker: Maker): Maker {
  const { kind, type } = maker
  const types = known.get(kind) ?? new Map<string, Maker>()
  if (types.has(type)) throw new Error(`the ${kind} '${type}' is registered twice`)
  known.set(kind, types.set(type, maker))
  return maker
}

export function builtIn(kind: string, type: string): Maker | undefined {
  return known.get(kind)?.get(type)
}

export function builtInTypes(kind: string): string[] {
  return [...(known.get(kind)?.keys() ?? [])]
}
