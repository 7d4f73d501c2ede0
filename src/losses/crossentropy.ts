/** Losses of classes. */
import { binaryCrossEntropy, logitCrossEntropy } from '../ops/binary-cross-entropy.ts'
import { crossEntropy } from '../ops/softmax.ts'
import { boolean, optional } from '../options.ts'
import type { TensorLike } from '../tensor/create.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { formatShape } from '../tensor/shape.ts'
import { areClassNumbers, classNumbers, labelsLike, perSample } from './labels.ts'
import { defineLoss, type LossFactory } from './loss.ts'

/**
 * −Σ y·log(ŷ) per sample, ŷ clipped to [1e-7, 1 − 1e-7]. After a softmax both are differentiated as one: ŷ − y.
 * Labels are class numbers, int32 [batch] or [batch, 1], or probabilities [batch, classes] (one-hot); predictions are
 * probabilities [batch, classes].
 */
export const categoricalCrossentropy = defineLoss(
  'categoricalCrossentropy',
  {},
  (yTrue: Tensor, yPred: Tensor) => {
    if (yPred.rank < 2 || yPred.size(-1) < 2)
      throw shapeError(
        'categoricalCrossentropy',
        `expected predictions of shape [batch, classes], got ${formatShape(yPred.shape)}. The last layer needs one ` +
          'unit per class.',
      )
    if (areClassNumbers(yTrue.shape, yPred.shape))
      return crossEntropy(yPred, classNumbers(yTrue, 'categoricalCrossentropy'))
    return crossEntropy(yPred, labelsLike('categoricalCrossentropy', yTrue, yPred))
  },
  {
    targets: (labels, outputs) => (areClassNumbers(labels, outputs) ? 'int32' : 'float32'),
    probabilities: (labels) => (labels.at(-1) ?? 1) > 1,
    accuracy: 'categorical',
  },
)

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
  { probabilities: () => true, accuracy: 'binary' },
) as LossFactory<BinaryOptions> & ThirdArgument
