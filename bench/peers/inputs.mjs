/** What all start from: first weights, data and the order of the batches, as raw binary files beside a JSON per case. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { columnsOf, modelOf } from '../cases.mjs'

/** Permutations of all rows, one after the other, cut into batches; the numbers come from a small generator. */
function orderOf(samples, batches, batch) {
  let state = 7
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  const order = []
  while (order.length < batches * batch) {
    const rows = Array.from({ length: samples }, (_, i) => i)
    for (let i = samples - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      ;[rows[i], rows[j]] = [rows[j], rows[i]]
    }
    order.push(...rows)
  }
  return Int32Array.from(order.slice(0, batches * batch))
}

const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

function firstWeights(model, inputs) {
  model.build([inputs])
  const list = Object.values(model.getParameters()).map((tensor) => Array.from(tensor.data()))
  return Float32Array.from(list.flat())
}

/** Whole epochs, and at least 20 steps. */
function batchesOf({ samples, batch }) {
  const perEpoch = samples / batch
  return perEpoch * Math.max(1, Math.ceil((perEpoch === 1 ? 100 : 20) / perEpoch))
}

export function writeCase(folder, spec) {
  const { name, sizes, batch, samples } = spec
  const model = modelOf(spec)
  const { x, y, scale, shift } = columnsOf(spec)
  const batches = batchesOf(spec)
  const { learningRate, beta1, beta2, epsilon } = model.compiled.optimizer.options
  const dtype = x.data instanceof Uint8Array ? 'uint8' : 'float32'
  const about = { name, sizes, batch, samples, batches, dtype, scale, shift, learningRate, beta1, beta2, epsilon }
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(about))
  const parts = { x: x.data, y, order: orderOf(samples, batches, batch), weights: firstWeights(model, sizes[0]) }
  for (const [part, array] of Object.entries(parts)) writeFileSync(join(folder, `${name}-${part}.bin`), bytesOf(array))
}

/** One picture, for the case of one sample. */
export function writeSample(folder, size) {
  const sample = Float32Array.from({ length: size }, (_, i) => Math.sin(i))
  writeFileSync(join(folder, 'sample.bin'), bytesOf(sample))
}
