/** Penalties on parameters, added to the training loss. */
import { type Described, describe, isDescribed } from './descriptions/description.ts'
import { register } from './descriptions/registry.ts'
import { add, less, mul, neg, square, where } from './ops/elementwise.ts'
import { sum } from './ops/reduce.ts'
import { checkOptions, number, optionError, type Subject } from './options.ts'
import { type TensorLike, toTensor } from './tensor/create.ts'
import type { Tensor } from './tensor/graph.ts'

export interface Regularizer extends Described<'regularizer'> {
  readonly l1: number
  readonly l2: number
}

const strength = number({ min: 0 })

const maker = register({
  kind: 'regularizer',
  type: 'l1l2',
  make: (rates) => l1l2(rates as { l1: number; l2: number }),
})

const make = (l1: number, l2: number) => describe<Regularizer>(maker, { l1, l2 }, { l1, l2 })

/** rate·Σ|p|. */
export function l1(rate: number): Regularizer {
  return make(strength(rate, { where: 'l1', name: 'rate' }), 0)
}

/** rate·Σp². */
export function l2(rate: number): Regularizer {
  return make(0, strength(rate, { where: 'l2', name: 'rate' }))
}

/** l1·Σ|p| + l2·Σp². */
export function l1l2(rates: { l1: number; l2: number }): Regularizer {
  const checked = checkOptions('l1l2', rates, { l1: strength, l2: strength })
  return make(checked.l1, checked.l2)
}

export function regularizerOption(value: unknown, subject: Subject): Regularizer {
  if (isDescribed(value, 'regularizer')) return value as Regularizer
  throw optionError(subject, 'a regularizer', value, 'Give l1(rate), l2(rate) or l1l2({ l1, l2 }).')
}

/**
 * The penalty of one parameter, a scalar: l1·Σ|p| + l2·Σp². Its derivative is l1·(p < 0 ? −1 : 1) + 2·l2·p. Layers add it
 * by themselves; call it in losses of your own.
 */
export function penalty(p: TensorLike, regularizer: Regularizer): Tensor {
  const x = toTensor(p)
  const { l1, l2 } = regularizerOption(regularizer, { where: 'penalty', name: 'regularizer' })
  // Not abs(x), whose derivative at 0 is 0.
  const first = l1 > 0 ? mul(sum(where(less(x, 0), neg(x), x)), l1) : null
  const second = l2 > 0 ? mul(sum(square(x)), l2) : null
  if (first && second) return add(first, second)
  return first ?? second ?? mul(sum(x), 0)
}
