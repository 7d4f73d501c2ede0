/** Sizes, strides and rates: one number for all axes, or one each. */
import { ChainruleError } from '../../errors.ts'
import { type Check, optionError, positiveInteger } from '../../options.ts'

/** One number for all axes, or one per axis. */
export type Size<N extends 1 | 2 | 3> =
  | number
  | [readonly [number], readonly [number, number], readonly [number, number, number]][N extends 1
      ? 0
      : N extends 2
        ? 1
        : 2]

// Native kernels count further than any picture is large, but not without end.
const largest = 2 ** 20
const size: Check<number> = (value, subject) => {
  const checked = positiveInteger(value, subject)
  if (checked <= largest) return checked
  throw optionError(subject, `at most ${largest}`, value, 'Give a smaller number.')
}

/** Of the option that is checked, one number per axis. */
export function sizes(axes: number): Check<readonly number[]> {
  const example = `[${Array.from({ length: axes }, () => 2).join(', ')}]`
  return (value, subject) => {
    if (!Array.isArray(value)) return Array.from({ length: axes }, () => size(value, subject))
    if (value.length !== axes)
      throw optionError(subject, `a positive integer or a list of ${axes}`, value, `Give 2, or ${example}.`)
    return Array.from(value, (one) => size(one, subject))
  }
}

export function refuseGaps(where: string, strides: readonly number[], dilation: readonly number[]): void {
  if (strides.every((s) => s === 1) || dilation.every((d) => d === 1)) return
  throw new ChainruleError(
    'ERR_OPTION',
    `${where}: strides [${strides.join(', ')}] and dilationRate [${dilation.join(', ')}] are both above 1, which has no ` +
      'agreed meaning at the edges. Leave one of them at 1.',
  )
}

export function refuseGroups(where: string, filters: number, groups: number): void {
  if (filters % groups === 0) return
  throw new ChainruleError(
    'ERR_OPTION',
    `${where}: ${groups} groups do not divide ${filters} filters. Take a number of filters that is a multiple of groups.`,
  )
}
