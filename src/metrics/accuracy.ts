/** The share of right answers. */
import { areClassNumbers, classNumbers, perSample as perStep } from '../losses/labels.ts'
import { abs, equal, greater, less, sub, toFloat } from '../ops/elementwise.ts'
import { reshape } from '../ops/movement.ts'
import { argmax, mean } from '../ops/reduce.ts'
import { number, optional } from '../options.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'
import { defineMetric, type Formula } from './metric.ts'

export const categorical: Formula = {
  compute(yTrue, yPred) {
    if (yPred.rank < 2)
      throw shapeError('categoricalAccuracy', `expected predictions [batch, classes], got ${formatShape(yPred.shape)}`)
    const numbers = areClassNumbers(yTrue.shape, yPred.shape)
    const truth = numbers ? classNumbers(yTrue, yPred, 'accuracy') : argmax(yTrue, { axis: -1 })
    return perStep(toFloat(equal(argmax(yPred, { axis: -1 }), truth)))
  },
  targets: (labels, outputs) => (areClassNumbers(labels, outputs) ? 'int32' : 'float32'),
}

export const binary = (threshold: number): Formula => ({
  compute: (yTrue, yPred) =>
    perSample('binaryAccuracy', yTrue, yPred, (y) => toFloat(equal(greater(yPred, threshold), greater(y, 0.5)))),
  targets: () => 'float32',
})

export const regression: Formula = {
  compute: (yTrue, yPred, tolerance) =>
    perSample('regressionAccuracy', yTrue, yPred, (y) => toFloat(less(abs(sub(yPred, y)), tolerance))),
  prepare: toleranceOf,
  targets: () => 'float32',
}

/** For losses that say nothing: several outputs are scores of classes, one is the probability of class 1. */
export const byOutputs: Formula = {
  compute: (yTrue, yPred, constant) => pick(yPred.shape.slice(1)).compute(yTrue, yPred, constant),
  targets: (labels, outputs) => pick(outputs).targets(labels, outputs),
}

const pick = (outputs: Shape) => (outputs.length > 0 && outputs.at(-1)! > 1 ? categorical : binary(0.5))

function perSample(where: string, yTrue: Tensor, yPred: Tensor, compare: (y: Tensor) => Tensor): Tensor {
  if (yTrue.size() !== yPred.size())
    throw shapeError(where, `labels ${formatShape(yTrue.shape)} and predictions ${formatShape(yPred.shape)} differ`)
  return mean(reshape(compare(reshape(yTrue, yPred.shape)), [yPred.shape[0]!, -1]), { axis: 1 })
}

/** The population standard deviation / 250. */
function toleranceOf(targets: Float64Array): number {
  // Loops, because the event loop waits for them: ten times as fast as functions per element.
  let sum = 0
  for (let i = 0; i < targets.length; i++) sum += targets[i]!
  const average = sum / targets.length
  let squares = 0
  for (let i = 0; i < targets.length; i++) squares += (targets[i]! - average) ** 2
  return Math.sqrt(squares / targets.length) / 250
}

/** What fits the loss: categorical, binary, or the book's for a regression. Called with arrays: by the predictions. */
export const accuracy = defineMetric('accuracy', {}, () => byOutputs)

/** 1 where the argmax of predictions [batch, classes] is the label; one-hot labels by argmax. */
export const categoricalAccuracy = defineMetric('categoricalAccuracy', {}, () => categorical)

/** ŷ > threshold against y, averaged over all outputs of a sample. */
export const binaryAccuracy = defineMetric('binaryAccuracy', { threshold: optional(number(), 0.5) }, ({ threshold }) =>
  binary(threshold),
)

/** |ŷ − y| below a 250th of the targets' population standard deviation, averaged over all outputs of a sample. */
export const regressionAccuracy = defineMetric('regressionAccuracy', {}, () => regression)
