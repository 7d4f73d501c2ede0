/** Losses of quantities. Shapes of labels and predictions are equal; [batch] also fits predictions [batch, 1]. */
import { abs, square, sub } from '../ops/elementwise.ts'
import { labelsLike, perSample } from './labels.ts'
import { defineLoss } from './loss.ts'

const regression = { accuracy: 'regression' } as const

/** The mean over outputs of (y − ŷ)². */
export const meanSquaredError = defineLoss(
  'meanSquaredError',
  {},
  (yTrue, yPred) => perSample(square(sub(yPred, labelsLike('meanSquaredError', yTrue, yPred)))),
  regression,
)

/** The mean over outputs of |y − ŷ|. */
export const meanAbsoluteError = defineLoss(
  'meanAbsoluteError',
  {},
  (yTrue, yPred) => perSample(abs(sub(yPred, labelsLike('meanAbsoluteError', yTrue, yPred)))),
  regression,
)
