/** Which axis is normalised, and what all layers that normalise share. */
import { transpose } from '../../ops/movement.ts'
import { boolean, type Check, number, optional, optionError } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape, type Shape } from '../../tensor/shape.ts'
import { checkedAxis } from '../../tensor/sizes.ts'
import type { LayerOptions } from '../options.ts'

export interface NormalizationOptions extends LayerOptions {
  /** The axis of the features, or channels, negative from the end; default −1. */
  axis?: number
  /** Added to the variance; default 0.001. */
  epsilon?: number
}

const integer: Check<number> = (value, subject) => {
  if (Number.isInteger(value)) return value as number
  throw optionError(subject, 'an integer', value, 'Give one axis, such as -1 for the last.')
}

export const axisOption = optional(integer, -1)
export const epsilonOption = (fallback: number) => optional(number({ min: 1e-30, max: 1e30 }), fallback)
export const switchOption = optional(boolean, true)

/** The axis of an input [batch, ...] that is normalised, counted from 0; the batch is none. */
export function featureAxis(where: string, shape: Shape, axis: number): number {
  if (shape.length < 2)
    throw shapeError(where, `expected inputs of shape [batch, ..., features], got ${formatShape(shape)}`)
  const at = checkedAxis(where, axis, shape)
  if (at > 0) return at
  throw shapeError(where, `axis ${axis} of ${formatShape(shape)} is the batch, which is no feature. Give another axis.`)
}

/** Calls f with that axis last. */
export function withLast(x: Tensor, axis: number, f: (x: Tensor) => Tensor): Tensor {
  const rank = x.rank
  if (axis === rank - 1) return f(x)
  const others = x.shape.flatMap((_, i) => (i === axis ? [] : [i]))
  const back = x.shape.map((_, i) => (i === axis ? rank - 1 : others.indexOf(i)))
  return transpose(f(transpose(x, [...others, axis])), back)
}

/** Refuses another number of features than the layer was built for. */
export function checkFeatures(where: string, shape: Shape, axis: number, features: number): void {
  if (shape[axis] === features) return
  throw shapeError(
    where,
    `the layer was built for ${features} features, but axis ${axis} of ${formatShape(shape)} has ${shape[axis]}`,
  )
}
