/** Optimizers by name. A new one is one file beside this one, and one line here. */
import { isDescribed } from '../descriptions/description.ts'
import { oneOf, optionError } from '../options.ts'
import { adagrad } from './adagrad.ts'
import { adam, adamw } from './adam.ts'
import { customOptimizer, type Optimizer } from './optimizer.ts'
import { rmsprop } from './rmsprop.ts'
import { sgd } from './sgd.ts'

export type { AdagradOptions } from './adagrad.ts'
export type { AdamOptions, AdamWOptions } from './adam.ts'
export type { Optimizer, OptimizerFormula, OptimizerOptions, Update } from './optimizer.ts'
export type { RmspropOptions } from './rmsprop.ts'
export type { SgdOptions } from './sgd.ts'
export { adagrad, adam, adamw, rmsprop, sgd }

const table = { adagrad, adam, adamw, rmsprop, sgd }

export type OptimizerName = keyof typeof table

export const optimizers = { custom: customOptimizer }

const names = Object.keys(table) as OptimizerName[]

/** An optimizer from its name (with its defaults) or itself. */
export function optimizerOf(given: unknown, where: string): Optimizer {
  const subject = { where, name: 'optimizer' }
  if (isDescribed(given, 'optimizer')) return given as Optimizer
  if (typeof given === 'string') return table[oneOf(names)(given, subject)]()
  const advice = typeof given === 'function' ? 'Call it: adam() instead of adam.' : "Give 'adam' or adam({ ... })."
  throw optionError(subject, `one of ${names.join(', ')}, or an optimizer`, given, advice)
}
