/** Penalties on parameters, added to the training loss. */
import { abs, add, mul, square } from './ops/elementwise.ts'
import { sum } from './ops/reduce.ts'
import { number, optionError, type Subject } from './options.ts'
import type { Tensor } from './tensor/graph.ts'

export interface Regularizer {
  readonly kind: 'regularizer'
  readonly l1: number
  readonly l2: number
}

const strength = number({ min: 0 })

/** rate·Σ|p|. */
export function l1(rate: number): Regularizer {
  return Object.freeze({ kind: 'regularizer', l1: strength(rate, { where: 'l1', name: 'rate' }), l2: 0 } as const)
}

/** rate·Σp². */
export function l2(rate: number): Regularizer {
  return Object.freeze({ kind: 'regularizer', l1: 0, l2: strength(rate, { where: 'l2', name: 'rate' }) } as const)
}

/** l1·Σ|p| + l2·Σp². */
export function l1l2(rates: { l1: number; l2: number }): Regularizer {
  return Object.freeze({ ...l1(rates.l1), l2: l2(rates.l2).l2 })
}

export function regularizerOption(value: unknown, subject: Subject): Regularizer {
  if ((value as Regularizer | null)?.kind === 'regularizer') return value as Regularizer
  throw optionError(subject, 'a regularizer', value, 'Give l1(rate), l2(rate) or l1l2({ l1, l2 }).')
}

/** The penalty of one parameter, a scalar. */
export function penaltyOf(p: Tensor, regularizer: Regularizer): Tensor {
  const first = regularizer.l1 > 0 ? mul(sum(abs(p)), regularizer.l1) : null
  const second = regularizer.l2 > 0 ? mul(sum(square(p)), regularizer.l2) : null
  if (first && second) return add(first, second)
  return first ?? second ?? mul(sum(p), 0)
}
