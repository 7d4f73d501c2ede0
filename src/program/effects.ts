/** What layers ask for while a step is described, beside their outputs: next values of states, and losses of their own. */
import type { Tensor } from '../tensor/graph.ts'
import type { Target } from './compile.ts'

export interface Effects {
  /** Next values, by the tensor that keeps them. */
  readonly updates: Map<Tensor, Tensor>
  /** Scalars that training adds to its loss. */
  readonly losses: Tensor[]
}

let current: Effects | null = null

/** Runs f and gathers what is asked for meanwhile. */
export function collecting<T>(f: () => T): { result: T; effects: Effects } {
  const before = current
  const effects: Effects = { updates: new Map(), losses: [] }
  current = effects
  try {
    return { result: f(), effects }
  } finally {
    current = before
  }
}

/** Where to put what is asked for; null where nobody gathers it. */
export function currentEffects(): Effects | null {
  return current
}

/** The losses that were added so far; they are not added again. */
export function takeLosses(): Tensor[] {
  return current?.losses.splice(0) ?? []
}

/**
 * The updates of states for the compiler. Their values are computed in the first phase, where an operation may still fail;
 * the second only copies them, so a step that fails leaves the states as they were.
 */
export function stateUpdates({ updates }: Effects): { updates: Target[]; checks: Tensor[] } {
  const targets = [...updates].map(([state, tensor]) => ({ tensor, place: state.place! }))
  return { updates: targets, checks: targets.map((t) => t.tensor) }
}
