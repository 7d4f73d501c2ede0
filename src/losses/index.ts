/** Losses by name. A new one is a file beside this one, or an entry in its family's, and one line here. */
import { oneOf } from '../options.ts'
import { binaryCrossentropy, categoricalCrossentropy } from './crossentropy.ts'
import { meanAbsoluteError, meanSquaredError } from './errors.ts'
import { customLoss, type Loss, type LossFunction, refuseOtherKinds } from './loss.ts'

export { areClassNumbers, classNumbers } from './labels.ts'
export { type Loss, type LossFactory, type LossFunction, type LossTraits, traitsOf } from './loss.ts'

/** One argument gives options, two compute: `losses.meanSquaredError(y, p)` is one number per sample, [batch]. */
export const losses = {
  categoricalCrossentropy,
  binaryCrossentropy,
  meanSquaredError,
  meanAbsoluteError,
  custom: customLoss,
}

const short = { mse: 'meanSquaredError', mae: 'meanAbsoluteError', bce: 'binaryCrossentropy' } as const

export type LossName = Exclude<keyof typeof losses, 'custom'> | keyof typeof short
/** A name, a `Loss`, or any function that can be called as one. */
export type AnyLoss = LossName | LossFunction

const names = [...Object.keys(losses).filter((name) => name !== 'custom'), ...Object.keys(short)] as LossName[]

/** A loss from its name or itself. */
export function lossOf(given: AnyLoss): Loss | LossFunction {
  refuseOtherKinds(given)
  if (typeof given === 'function') return given
  const name = oneOf(names)(given, { where: 'compile', name: 'loss' })
  return losses[name in short ? short[name as keyof typeof short] : (name as keyof typeof losses)] as Loss
}
