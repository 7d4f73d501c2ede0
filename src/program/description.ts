/** What is compiled: tensors to compute, and where their values are wanted. */
import type { Tensor } from '../tensor/graph.ts'
import type { Place } from '../tensor/segment.ts'

/** A tensor, and where its value is wanted. */
export interface Target {
  readonly tensor: Tensor
  readonly place: Place
}

export interface Description {
  /** Computed in the first phase. */
  readonly outputs: readonly Target[]
  /** Computed in the first phase for their effect: they can fail the step. */
  readonly checks?: readonly Tensor[]
  /** The same, when all outputs lie in their places, of which they read. */
  readonly verdicts?: readonly Tensor[]
  /** Written in the second phase, which starts only when the first succeeded. All read the old values. */
  readonly updates?: readonly Target[]
  /** Where leaves lie that have a value of their own; without an entry the value becomes part of the program. */
  readonly leaves?: ReadonlyMap<Tensor, Place>
  /** No memory is reused, and every value is checked for NaN and infinity. Same results, bit by bit. */
  readonly debug?: boolean
}

/** All that somebody asks for. */
export function wantedBy({ outputs, checks = [], verdicts = [], updates = [] }: Description): Tensor[] {
  return [...outputs.map((t) => t.tensor), ...checks, ...verdicts, ...updates.map((t) => t.tensor)]
}
