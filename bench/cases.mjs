/** What is measured: nets, batch sizes, data. All are relu, softmax cross-entropy, Adam. */
import { adam, Dataset, dense, Model } from 'chainrule'
import { spiral } from 'chainrule/datasets'

export const cases = [
  { name: 'spiral', sizes: [2, 64, 3], batch: 300, samples: 300, steps: 1500 },
  { name: 'fashion', sizes: [784, 128, 128, 10], batch: 128, samples: 128 * 100, steps: 200 },
  { name: 'wide', sizes: [784, 1024, 1024, 10], batch: 256, samples: 256 * 12, steps: 12 },
]

/** Pictures as bytes, scaled when they are read, as Fashion-MNIST is stored; the spiral as float32. */
export function columnsOf({ name, sizes, samples }) {
  if (name === 'spiral') {
    const { x, y } = spiral(samples / sizes.at(-1), sizes.at(-1))
    return { x: { data: x.data(), shape: x.shape }, y: y.data(), scale: 1, shift: 0 }
  }
  const data = new Uint8Array(samples * sizes[0])
  let state = 1
  for (let i = 0; i < data.length; i++) data[i] = (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24
  const y = Int32Array.from({ length: samples }, (_, i) => (i * 7) % sizes.at(-1))
  return { x: { data, shape: [samples, sizes[0]] }, y, scale: 1 / 127.5, shift: -1 }
}

export function modelOf({ sizes }) {
  const layers = sizes
    .slice(1)
    .map((units, i) => dense(units, { activation: i === sizes.length - 2 ? 'softmax' : 'relu' }))
  const model = new Model(layers, { seed: 1 })
  const optimizer = adam({ learningRate: 1e-4 })
  return model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
}

/** A model that has taken its first steps, and its data. */
export async function prepare(spec) {
  const model = modelOf(spec)
  const { x, y, scale, shift } = columnsOf(spec)
  const data = new Dataset({ x, y }, { scale, shift })
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

/** The products of one training step: transpose a, transpose b, m, n, k each. */
export function productsOf({ sizes, batch }) {
  const list = []
  for (let i = 0; i + 1 < sizes.length; i++) {
    const [n, m] = [sizes[i], sizes[i + 1]]
    list.push([0, 0, batch, m, n], [1, 0, n, m, batch])
    if (i > 0) list.push([0, 1, batch, n, m])
  }
  return list
}
