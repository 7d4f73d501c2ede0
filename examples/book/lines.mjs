// The lines that the book's scripts print, and how many epochs they run: EPOCHS=200 node examples/book/10-optimizers.mjs
import { initializers } from 'chainrule'

/** The book's number of epochs, or fewer on request. */
export const epochsOr = (usual) => Number(process.env.EPOCHS ?? usual)

/** A number as Python prints it: 1.0, 0.05, 5e-05. */
export function python(x) {
  if (Number.isInteger(x)) return x.toFixed(1)
  if (Math.abs(x) >= 1e-4) return String(x)
  return x.toExponential().replace(/e-(\d)$/, 'e-0$1')
}

/** Rounded to five decimals: the book computes its first examples in float64, tensors are float32. */
export const rounded = (x) => String(x.mul(1e5).round().div(1e5))

/** The book's first weights: the next normals of its generator, times `std`. */
export const drawn = (generator, std = 0.01) => ({ kernelInitializer: initializers.normal({ std, generator }) })

export function scores(
  { loss, accuracy, dataLoss = loss, regularizationLoss = 0, learningRate },
  { parts = true } = {},
) {
  const split = parts ? ` (data_loss: ${dataLoss.toFixed(3)}, reg_loss: ${regularizationLoss.toFixed(3)})` : ''
  return `acc: ${accuracy.toFixed(3)}, loss: ${loss.toFixed(3)}${split}, lr: ${python(learningRate)}`
}

/** Every hundredth epoch. The book's loops print before they update, and so the learning rate of the epoch before. */
export function printEpochs({ epochs }, options) {
  for (let i = 0; i < epochs.length; i += 100) {
    const { learningRate } = i === 0 ? epochs[0] : epochs[i - 1]
    console.log(`epoch: ${i}, ${scores({ ...epochs[i], learningRate }, options)}`)
  }
}

/** The same of the book's model, which counts from 1 and prints after the update. */
export function printModelEpochs({ epochs }) {
  for (let i = 99; i < epochs.length; i += 100) console.log(`epoch: ${i + 1}, ${scores(epochs[i])}`)
}

export function printValidation({ accuracy, loss }) {
  console.log(`validation, acc: ${accuracy.toFixed(3)}, loss: ${loss.toFixed(3)}`)
}
