/** Losses and metrics give one number per sample, and nothing that was broadcast by accident. */

import { reshape } from '../ops/movement.ts'
import { describeValue } from '../options.ts'
import { shapeError } from '../tensor/describing.ts'
import { Tensor } from '../tensor/graph.ts'
import { formatShape } from '../tensor/shape.ts'

/**
 * What a loss or metric gave, as [batch]; a scalar stays: it is averaged already.
 * @throws ERR_SHAPE for all else, such as the [batch, batch] of labels [batch] and predictions [batch, 1]
 */
export function onePerSample(values: Tensor, where: string, batch: number, yTrue: Tensor, yPred: Tensor): Tensor {
  if (!(values instanceof Tensor))
    throw shapeError(where, `expected a tensor with one number per sample, got ${describeValue(values)}`)
  const [n, ...rest] = values.shape
  if (n === undefined || (n === batch && rest.length === 0)) return values
  if (n === batch && rest.length === 1 && rest[0] === 1) return reshape(values, [batch])
  throw shapeError(
    where,
    `expected one number per sample, [${batch}], got ${formatShape(values.shape)} for labels ` +
      `${formatShape(yTrue.shape)} and predictions ${formatShape(yPred.shape)}. ${advice(values, batch, yTrue, yPred)}`,
  )
}

function advice(values: Tensor, batch: number, yTrue: Tensor, yPred: Tensor): string {
  if (yTrue.rank < yPred.rank && yTrue.size() === yPred.size())
    return 'Bring the labels into the shape of the predictions first: y.reshape(p.shape).'
  if (values.shape[0] !== batch) return 'Keep the first axis, the samples.'
  const axes =
    values.rank === 2
      ? '1'
      : `[${values.shape
          .slice(1)
          .map((_, i) => i + 1)
          .join(', ')}]`
  return `Take the mean over the outputs of a sample: .mean({ axis: ${axes} }).`
}
