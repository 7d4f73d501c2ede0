/** Losses of classes. */
import { binaryCrossEntropy, logitCrossEntropy } from '../ops/binary-cross-entropy.ts'
import { toProbabilities } from '../ops/check.ts'
import { crossEntropy, logitsCrossEntropy } from '../ops/softmax.ts'
import { boolean, optional } from '../options.ts'
import type { TensorLike } from '../tensor/create.ts'
import { describeError, shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { meaningOf } from '../tensor/meaning.ts'
import { formatShape } from '../tensor/shape.ts'
import { areClassNumbers, classNumbers, labelsLike, perSample } from './labels.ts'
import { defineLoss, type LossFactory } from './loss.ts'

/**
 * −Σ y·log(ŷ) per sample, ŷ clipped to [1e-7, 1 − 1e-7]. After a softmax both are differentiated as one: ŷ − y.
 * Labels are class numbers, int32 [batch] or [batch, 1], or probabilities [batch, classes] (one-hot); predictions are
 * probabilities [batch, classes], or with `fromLogits` what goes into the softmax: then the loss is exact. With more axes,
 * such as predictions [batch, t, classes] and labels [batch, t], it is the mean over the steps of a sample.
 */
export const categoricalCrossentropy = defineLoss(
  'categoricalCrossentropy',
  { fromLogits: optional(boolean, false) },
  (yTrue: Tensor, yPred: Tensor, { fromLogits }) => {
    const where = 'categoricalCrossentropy'
    if (yPred.rank < 2 || yPred.size(-1) < 2)
      throw shapeError(
        where,
        `expected predictions of shape [batch, classes], got ${formatShape(yPred.shape)}. The last layer needs one ` +
          'unit per class.',
      )
    if (!fromLogits) refuseOthers(where, yPred)
    const y = areClassNumbers(yTrue.shape, yPred.shape)
      ? classNumbers(yTrue, yPred, where)
      : labelsLike(where, yTrue, yPred)
    if (fromLogits) return perSample(logitsCrossEntropy(yPred, y))
    // Of plain data and formulas of one's own nothing is known before they are computed.
    return perSample(crossEntropy(meaningOf(yPred) === null ? toProbabilities(yPred) : yPred, y))
  },
  ({ fromLogits }) => ({
    targets: (labels, outputs) => (areClassNumbers(labels, outputs) ? 'int32' : 'float32'),
    probabilities: (labels, outputs) => !areClassNumbers(labels, outputs),
    logits: fromLogits,
    accuracy: 'categorical',
  }),
)

/** Rows that are no probabilities are known by their description: they come from a product, or from sigmoids. */
function refuseOthers(where: string, yPred: Tensor): void {
  const meaning = meaningOf(yPred)
  if (meaning === null || meaning === 'distribution') return
  const advice: Record<typeof meaning, string> = {
    scores:
      "Give the last layer { activation: 'softmax' }, or take losses.categoricalCrossentropy({ fromLogits: true }).",
    logDistribution: 'Take losses.categoricalCrossentropy({ fromLogits: true }).',
    probabilities:
      "For one class of several take 'softmax' instead of 'sigmoid'; for several at once 'binaryCrossentropy'.",
  }
  const what = { scores: 'any numbers', logDistribution: 'logarithms', probabilities: 'one by one, of sigmoids' }
  throw describeError(
    'ERR_DATA',
    where,
    `expected rows of probabilities that add up to 1, but the predictions are ${what[meaning]}. ${advice[meaning]}`,
  )
}

type BinaryOptions = { fromLogits?: boolean }

/** @deprecated The third argument: write `losses.binaryCrossentropy({ fromLogits: true })(y, p)`. */
type ThirdArgument = (yTrue: TensorLike, yPred: TensorLike, options: BinaryOptions) => Tensor

/**
 * The mean over outputs of −(y·log ŷ + (1 − y)·log(1 − ŷ)), ŷ clipped to [1e-7, 1 − 1e-7]. After a sigmoid
 * both are differentiated as one: ŷ − y. Labels are 0 or 1 (or between), in the shape of the predictions; [batch] also fits [batch, 1]; one number
 * stands for all. Predictions are probabilities, or with `fromLogits` what goes into the sigmoid.
 */
export const binaryCrossentropy = defineLoss(
  'binaryCrossentropy',
  { fromLogits: optional(boolean, false) },
  (given, yPred, { fromLogits }) => {
    const y = given.rank === 0 ? given : labelsLike('binaryCrossentropy', given, yPred)
    return perSample(fromLogits ? logitCrossEntropy(yPred, y) : binaryCrossEntropy(yPred, y))
  },
  ({ fromLogits }) => ({ probabilities: () => true, logits: fromLogits, accuracy: 'binary' }),
) as LossFactory<BinaryOptions> & ThirdArgument
