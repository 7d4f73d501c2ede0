/** Losses: functions of labels and predictions that give one number per sample, [batch]. */
import { ChainruleError } from './errors.ts'
import {
  abs,
  add,
  cast,
  clipThrough,
  exp,
  log,
  log1p,
  maximum,
  mul,
  neg,
  square,
  sub,
  toFloat,
} from './ops/elementwise.ts'
import { reshape } from './ops/movement.ts'
import { mean } from './ops/reduce.ts'
import { crossEntropy } from './ops/softmax.ts'
import { oneOf } from './options.ts'
import { type TensorLike, toTensor } from './tensor/create.ts'
import { shapeError } from './tensor/describing.ts'
import type { Tensor } from './tensor/graph.ts'
import { formatShape, type Shape, sameShape } from './tensor/shape.ts'

/** One number per sample, [batch], from labels and predictions. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor

// Where a probability is kept away from 0 and 1.
const clipAt = 1e-7

/** Whether labels are class numbers, [batch] or [batch, 1], for predictions [batch, classes]. */
export function areClassNumbers(yTrue: Tensor, yPred: Tensor): boolean {
  if (yTrue.rank === yPred.rank - 1) return true
  return yTrue.rank === yPred.rank && yTrue.size(-1) === 1 && yPred.size(-1) !== 1
}

/** Class numbers as int32 [batch]. Plain arrays become float32: whole numbers in them are class numbers too. */
export function classNumbers(yTrue: Tensor, where: string): Tensor {
  if (yTrue.dtype !== 'int32' && !yTrue.value?.every(Number.isInteger))
    throw new ChainruleError(
      'ERR_DATA',
      `${where}: labels of shape ${formatShape(yTrue.shape)} are class numbers and must be integers, got fractions`,
    )
  return cast(reshape(yTrue, [yTrue.shape[0]!]), 'int32')
}

function sameShapes(where: string, yTrue: Tensor, yPred: Tensor): Tensor {
  if (sameShape(yTrue.shape, yPred.shape)) return toFloat(yTrue)
  const column = yPred.rank === 2 && yPred.shape[1] === 1 && yTrue.rank === 1
  if (column) return toFloat(reshape(yTrue, [-1, 1]))
  throw shapeError(
    where,
    `labels have shape ${formatShape(yTrue.shape)}, predictions ${formatShape(yPred.shape)}. Both need the same ` +
      'shape: give one target per output, or change the units of the last layer.',
  )
}

function perSample(x: Tensor): Tensor {
  return x.rank < 2 ? x : mean(reshape(x, [x.shape[0]!, -1]), { axis: 1 })
}

export const losses = {
  /**
   * −Σ y·log(ŷ) per sample, ŷ clipped to [1e-7, 1 − 1e-7]. After a softmax both are differentiated as one: ŷ − y.
   * @param labels class numbers, int32 [batch] or [batch, 1], or probabilities [batch, classes] (one-hot)
   * @param predictions probabilities [batch, classes]
   */
  categoricalCrossentropy(labels: TensorLike, predictions: TensorLike): Tensor {
    const [yTrue, yPred] = [toTensor(labels), toTensor(predictions)]
    if (yPred.rank < 2 || yPred.size(-1) < 2)
      throw shapeError(
        'categoricalCrossentropy',
        `expected predictions of shape [batch, classes], got ${formatShape(yPred.shape)}. The last layer needs one ` +
          'unit per class.',
      )
    if (areClassNumbers(yTrue, yPred)) return crossEntropy(yPred, classNumbers(yTrue, 'categoricalCrossentropy'))
    return crossEntropy(yPred, sameShapes('categoricalCrossentropy', yTrue, yPred))
  },

  /**
   * The mean over outputs of −(y·log ŷ + (1 − y)·log(1 − ŷ)), ŷ clipped to [1e-7, 1 − 1e-7]; the clip is left out of the
   * derivative.
   * @param labels 0 or 1 (or between), in the shape of the predictions; [batch] also fits [batch, 1]; one number for all
   * @param predictions probabilities, or with `fromLogits` what goes into the sigmoid
   */
  binaryCrossentropy(labels: TensorLike, predictions: TensorLike, options: { fromLogits?: boolean } = {}): Tensor {
    const [given, yPred] = [toTensor(labels), toTensor(predictions)]
    const y = given.rank === 0 ? toFloat(given) : sameShapes('binaryCrossentropy', given, yPred)
    if (options.fromLogits) return perSample(add(sub(maximum(yPred, 0), mul(yPred, y)), log1p(exp(neg(abs(yPred))))))
    const p = clipThrough(yPred, clipAt, 1 - clipAt)
    return perSample(neg(add(mul(y, log(p)), mul(sub(1, y), log(sub(1, p))))))
  },

  /** The mean over outputs of (y − ŷ)². Shapes are equal; [batch] also fits predictions [batch, 1]. */
  meanSquaredError(labels: TensorLike, predictions: TensorLike): Tensor {
    const yPred = toTensor(predictions)
    return perSample(square(sub(yPred, sameShapes('meanSquaredError', toTensor(labels), yPred))))
  },

  /** The mean over outputs of |y − ŷ|. Shapes as for the squared error. */
  meanAbsoluteError(labels: TensorLike, predictions: TensorLike): Tensor {
    const yPred = toTensor(predictions)
    return perSample(abs(sub(yPred, sameShapes('meanAbsoluteError', toTensor(labels), yPred))))
  },
}

export type LossName = keyof typeof losses

/** Losses of targets that are quantities, not classes. */
export function isRegression(loss: LossName | LossFunction): boolean {
  return [losses.meanSquaredError, losses.meanAbsoluteError].includes(lossFunction(loss) as never)
}

/** Whether a loss reads labels as probabilities, from 0 to 1, where one sample's labels have this shape. */
export function takesProbabilities(loss: LossFunction, labelShape: Shape): boolean {
  if (loss === losses.categoricalCrossentropy) return (labelShape.at(-1) ?? 1) > 1
  return loss === losses.binaryCrossentropy
}

/** A loss from its name or itself. */
export function lossFunction(given: LossName | LossFunction): LossFunction {
  if (typeof given === 'function') return given
  return losses[oneOf(Object.keys(losses) as LossName[])(given, { where: 'compile', name: 'loss' })]
}
