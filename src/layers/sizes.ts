/** Sizes, strides and rates: one number for all axes, or one each. */
import { type Check, optionError, positiveInteger } from '../options.ts'
import { shapeError } from '../tensor/describing.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'

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

/** The channels of an input [batch, ..., channels] with so many axes between. */
export function channelsOf(where: string, shape: Shape, axes: number): number {
  const between = ['', 'steps, ', 'height, width, ', 'depth, height, width, '][axes]!
  if (shape.length === axes + 2) return shape.at(-1)!
  const advice = shape.length === axes + 1 ? ` If there is one channel, make it an axis: reshape to [..., 1].` : ''
  throw shapeError(where, `expected inputs of shape [batch, ${between}channels], got ${formatShape(shape)}.${advice}`)
}
