/** What is measured: networks, batch sizes, data, optimizers. The loss is softmax cross-entropy. */
import { Dataset } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { modelOf } from './models.mjs'
import { cnn, denseNetwork, gpt, normalized, recurrent } from './networks.mjs'

const adam = { name: 'adam', learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }
// Gradients of normalised layers are small sums of large terms: at a larger rate their rounding decides where a step goes.
const slow = { ...adam, learningRate: 2e-5 }
const adamw = { ...adam, name: 'adamw', beta2: 0.99, weightDecay: 0.1 }
const symmetric = { scale: 1 / 127.5, shift: -1 }

export const cases = [
  { name: 'spiral', network: denseNetwork([2, 64, 3]), batch: 300, samples: 300, steps: 1500 },
  { name: 'fashion', network: denseNetwork([784, 128, 128, 10]), batch: 128, samples: 128 * 100, steps: 200 },
  { name: 'wide', network: denseNetwork([784, 1024, 1024, 10]), batch: 256, samples: 256 * 12, steps: 12 },
  { name: 'cnn', network: cnn, batch: 128, samples: 128 * 20, steps: 20 },
  { name: 'cnn-norm', network: normalized, batch: 128, samples: 128 * 20, steps: 20, optimizer: slow },
  { name: 'lstm', network: recurrent('lstm'), batch: 32, samples: 32 * 20, steps: 20 },
  { name: 'gru', network: recurrent('gru'), batch: 32, samples: 32 * 20, steps: 20 },
  { name: 'gpt', network: gpt, batch: 12, samples: 12 * 20, steps: 20, optimizer: adamw },
].map((spec) => ({ optimizer: adam, ...spec }))

/** One sample at a time through the network of a case, from array to array. */
export const predictions = [
  { name: 'sample', of: 'fashion' },
  { name: 'cnn-sample', of: 'cnn' },
]

export const caseOf = (name) => cases.find((c) => c.name === name)

function generator(seed) {
  let state = seed
  return () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24
}

const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1)

/** Rows of numbers below the count of tokens, and the same rows one step further. */
function textOf({ network: { input, tokens }, samples }) {
  const [context] = input
  const random = generator(1)
  const all = Int32Array.from({ length: samples * context + 1 }, () => random() % tokens)
  return {
    x: { data: all.slice(0, -1), shape: [samples, context] },
    y: { data: all.slice(1), shape: [samples, context] },
  }
}

/** Gives each class stripes of its own: what can be learnt has gradients that rounding does not turn around. */
function paint(bytes, labels, [height, width]) {
  for (const [i, label] of labels.entries())
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const at = (i * height + row) * width + column
        const isLight = (row * label + column * (9 - label)) % 12 < 6
        bytes[at] = ((bytes[at] * 3) >> 2) + (isLight ? 64 : 0)
      }
}

/**
 * Pictures and the like as bytes, scaled when they are read, as Fashion-MNIST is stored; the spiral and series as
 * float32; text as int32. `x` and `y` are `{ data, shape }`.
 */
export function columnsOf(spec) {
  const { name, network, samples } = spec
  const classes = network.layers.at(-1).units
  if (network.tokens) return { ...textOf(spec), scale: 1, shift: 0 }
  if (name === 'spiral') {
    const { x, y } = spiral(samples / classes, classes)
    return { x: { data: x.data(), shape: x.shape }, y: { data: y.data(), shape: [samples] }, scale: 1, shift: 0 }
  }
  const shape = [samples, ...network.input]
  const random = generator(1)
  const bytes = Uint8Array.from({ length: sizeOf(shape) }, random)
  const y = { data: Int32Array.from({ length: samples }, (_, i) => (i * 7) % classes), shape: [samples] }
  if (network.input.length === 3) paint(bytes, y.data, network.input)
  if (network.input.length === 2)
    return { x: { data: Float32Array.from(bytes, (v) => v / 127.5 - 1), shape }, y, scale: 1, shift: 0 }
  const scaling = network.input.length === 3 ? { scale: 1 / 255, shift: 0 } : symmetric
  return { x: { data: bytes, shape }, y, ...scaling }
}

/** A sample as a prediction takes it. */
export function sampleOf({ network: { input, tokens } }) {
  const length = sizeOf(input)
  if (tokens) return Int32Array.from({ length }, (_, i) => (i * 7) % tokens)
  return Float32Array.from({ length }, (_, i) => Math.sin(i))
}

export function datasetOf(spec) {
  const { x, y, scale, shift } = columnsOf(spec)
  return new Dataset({ x, y }, { scale, shift })
}

/** A model that has taken its first steps, and its data. */
export async function prepare(spec) {
  const model = modelOf(spec)
  const data = datasetOf(spec)
  await model.fit(data, { epochs: 1, batchSize: spec.batch, progress: false })
  return { model, data }
}

/** Trains `steps` steps; microseconds per step. */
export async function timeSteps({ model, data }, { batch, samples, steps }) {
  const epochs = Math.max(1, Math.round((steps * batch) / samples))
  const begin = performance.now()
  await model.fit(data, { epochs, batchSize: batch, progress: false })
  return ((performance.now() - begin) * 1000) / ((epochs * samples) / batch)
}

/** OpenBLAS's threads spin for some 25 ms after a product, and would take a core from what is measured next. */
export async function rested(measure) {
  await new Promise((resolve) => setTimeout(resolve, 60))
  return measure()
}
