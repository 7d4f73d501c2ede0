/** Labels beside predictions: which kind they are, and how they are brought into one shape. */
import { ChainruleError } from '../errors.ts'
import { toIndices } from '../ops/check.ts'
import { toFloat } from '../ops/elementwise.ts'
import { reshape } from '../ops/movement.ts'
import { mean } from '../ops/reduce.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../tensor/shape.ts'

/** Whether labels are class numbers, [batch] or [batch, 1], for predictions [batch, classes]; shapes of samples as well. */
export function areClassNumbers(labels: Shape, outputs: Shape): boolean {
  if (labels.length === outputs.length - 1) return true
  return labels.length === outputs.length && labels.at(-1) === 1 && outputs.at(-1) !== 1
}

/** Class numbers as int32, [batch, ...] without an axis of classes. Plain arrays become float32, and so are the labels that losses of one's own get. */
export function classNumbers(yTrue: Tensor, yPred: Tensor, where: string): Tensor {
  const shape = yPred.shape.slice(0, -1)
  if (sizeOf(shape) !== yTrue.size())
    throw shapeError(
      where,
      `labels of shape ${formatShape(yTrue.shape)} are class numbers and go with predictions ` +
        `${formatShape([...yTrue.shape, 'classes'])}, got ${formatShape(yPred.shape)}`,
    )
  const numbers = reshape(yTrue, shape)
  if (yTrue.dtype === 'int32' || !yTrue.value || yTrue.value.every(Number.isInteger))
    return toIndices(where, numbers, 'class number')
  throw new ChainruleError(
    'ERR_DATA',
    `${where}: labels of shape ${formatShape(yTrue.shape)} are class numbers and must be integers, got fractions`,
  )
}

/** Labels as float32 in the shape of the predictions; [batch] also fits [batch, 1]. */
export function labelsLike(where: string, yTrue: Tensor, yPred: Tensor): Tensor {
  if (sameShape(yTrue.shape, yPred.shape)) return toFloat(yTrue)
  const column = yPred.rank === 2 && yPred.shape[1] === 1 && yTrue.rank === 1
  if (column) return toFloat(reshape(yTrue, [-1, 1]))
  throw shapeError(
    where,
    `labels have shape ${formatShape(yTrue.shape)}, predictions ${formatShape(yPred.shape)}. Both need the same ` +
      'shape: give one target per output, or change the units of the last layer.',
  )
}

/** The mean over all but the first axis, [batch]. */
export function perSample(x: Tensor): Tensor {
  return x.rank < 2 ? x : mean(reshape(x, [x.shape[0]!, -1]), { axis: 1 })
}
