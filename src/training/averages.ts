/**
 * From one number per sample to one per batch. Of an output with a mask every step is a sample of its own, and only those
 * that the mask names count, as in Keras: the sum over them, times the weights of their samples, by how many they are.
 */
import { maskOf } from '../layers/masks.ts'
import { onePerSample } from '../losses/one-per-sample.ts'
import { div, maximum, mul, toFloat, where } from '../ops/elementwise.ts'
import { broadcastTo, reshape } from '../ops/movement.ts'
import { mean, sum } from '../ops/reduce.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { formatShape } from '../tensor/shape.ts'

/** Labels and predictions, a row for each sample; with a mask [batch, t] for each step. */
export interface Pair {
  readonly y: Tensor
  readonly p: Tensor
  readonly mask: Tensor | undefined
}

/** @throws ERR_SHAPE where the predictions have a mask and the labels do not have one for each step */
export function pairOf(where: string, y: Tensor, p: Tensor): Pair {
  const mask = maskOf(p)
  if (!mask) return { y, p, mask }
  const [batch, t] = mask.shape as [number, number]
  if (y.rank < 2 || y.shape[0] !== batch || y.shape[1] !== t)
    throw shapeError(
      where,
      `the output ${formatShape(p.shape)} has a mask ${formatShape(mask.shape)}, and needs labels for each step, ` +
        `${formatShape([batch, t, '...'])}, got ${formatShape(y.shape)}. End the mask by a layer that looks at the whole ` +
        'sequence, such as a recurrent one without returnSequences.',
    )
  const rows = (x: Tensor) => reshape(x, [batch * t, ...(x.rank === 2 ? [1] : x.shape.slice(2))])
  // Labels without an axis of their own are class numbers, or go with predictions without one.
  return { y: y.rank === 2 && p.rank > 2 ? reshape(y, [batch * t]) : rows(y), p: rows(p), mask }
}

/** How many steps count, float32 [1]; null where there is no mask. */
export function countedIn(p: Tensor): Tensor | null {
  const mask = maskOf(p)
  return mask ? sum(toFloat(mask)) : null
}

/**
 * The mean of values, one per row of the pair.
 * @param weight of each sample, [batch]
 * @throws ERR_SHAPE for other values, and for one number where rows count differently
 */
export function averaged(name: string, given: Tensor, { y, p, mask }: Pair, weight: Tensor | null): Tensor {
  const values = onePerSample(given, name, p.shape[0]!, y, p)
  if (!weight && !mask) return mean(values)
  if (values.rank === 0)
    throw shapeError(
      name,
      `it gives one number for the whole batch, but with ${mask ? 'a mask' : 'sample weights'} one per ` +
        `${mask ? 'step' : 'sample'} is needed, [${p.shape[0]}]. Leave out the mean over the samples.`,
    )
  if (!mask) return div(sum(mul(values, weight!)), values.size())
  // What does not count may be anything, NaN too.
  const own = where(mask, reshape(values, mask.shape), 0)
  const weighted = weight ? mul(own, broadcastTo(reshape(weight, [-1, 1]), mask.shape)) : own
  return div(sum(weighted), maximum(sum(toFloat(mask)), 1))
}
