/** What all start from: first weights, data and the order of the batches, as raw binary files beside a JSON per case. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { columnsOf, sampleOf } from '../cases.mjs'
import { denseSizes, firstWeights, parametersOf } from '../networks.mjs'

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

/** Whole epochs, and at least 20 steps. */
function batchesOf({ samples, batch }) {
  const perEpoch = samples / batch
  return perEpoch * Math.max(1, Math.ceil((perEpoch === 1 ? 100 : 20) / perEpoch))
}

const dtypeOf = (array) =>
  ({ Uint8Array: 'uint8', Int32Array: 'int32', Float32Array: 'float32' })[array.constructor.name]

export function writeCase(folder, spec) {
  const { name, network, batch, samples, optimizer } = spec
  const { x, y, scale, shift } = columnsOf(spec)
  const batches = batchesOf(spec)
  const arrays = {
    x: x.data,
    y: y.data,
    order: orderOf(samples, batches, batch),
    weights: firstWeights(network),
    sample: sampleOf(spec),
  }
  for (const [part, array] of Object.entries(arrays)) writeFileSync(join(folder, `${name}-${part}.bin`), bytesOf(array))
  const about = {
    ...{ ...optimizer, name, optimizer: optimizer.name, network, batch, samples, batches, scale, shift },
    ...{ dtype: dtypeOf(x.data), sampleDtype: dtypeOf(arrays.sample), labels: y.shape },
    shapes: parametersOf(network).map(({ shape }) => shape),
    // Of a network that is nothing but dense layers.
    sizes: denseSizes(network),
  }
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(about))
}
