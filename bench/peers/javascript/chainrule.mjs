/** chainrule itself, measured from a child of its own like everybody else. */
import { readFileSync } from 'node:fs'
import { Dataset, info, setThreads, tensor } from '../../../dist/index.js'
import { modelOf } from '../../models.mjs'
import { serve, threads } from './serve.mjs'

const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1)

function picked(data, shape, rows) {
  const width = sizeOf(shape)
  const out = new data.constructor(rows.length * width)
  rows.forEach((row, i) => {
    out.set(data.subarray(row * width, (row + 1) * width), i * width)
  })
  return { data: out, shape: [rows.length, ...shape] }
}

/** Row by row, in the order of the first `steps` batches: the order in which all peers take them. */
function gathered({ x, y, network, labels, order, scale, shift }, steps) {
  const rows = order.slice(0, steps).flatMap((batch) => Array.from(batch))
  return new Dataset({ x: picked(x, network.input, rows), y: picked(y, labels.slice(1), rows) }, { scale, shift })
}

/** Both keep them in the same order; a kernel of chainrule may have its last axis cut, into heads. */
function setWeights(model, weights) {
  const parameters = Object.entries(model.getParameters())
  const fit = parameters.every(([, p], i) => sizeOf(p.shape) === weights[i]?.data.length)
  if (!fit || parameters.length !== weights.length)
    throw new Error(
      `chainrule has other parameters than the file: ${parameters.map(([path, { shape }]) => `${path} ${shape}`)}`,
    )
  const entries = parameters.map(([path, { shape }], i) => [path, tensor(weights[i].data, { shape })])
  model.setParameters(Object.fromEntries(entries))
}

function load(given) {
  const { x, y, network, labels, batch, samples, scale, shift, weights } = given
  const columns = { x: { data: x, shape: [samples, ...network.input] }, y: { data: y, shape: labels } }
  const data = new Dataset(columns, { scale, shift })
  const { learningRate, beta1, beta2, epsilon, weightDecay } = given
  const options = { learningRate, beta1, beta2, epsilon, ...(weightDecay ? { weightDecay } : {}) }
  const model = modelOf({ network, optimizer: { name: given.optimizer, ...options } })
  if (network.tokens) model.predictSync({ data: new Int32Array(network.input[0]), shape: [1, ...network.input] })
  else model.build(network.input)
  setWeights(model, weights)
  return {
    async steps(n) {
      const epochs = Math.max(1, Math.round((n * batch) / samples))
      await model.fit(data, { epochs, batchSize: batch, progress: false })
      return (epochs * samples) / batch
    },
    async losses(n) {
      const losses = []
      const callbacks = [{ onBatchEnd: (logs) => void losses.push(logs.loss) }]
      const options = { batchSize: batch, shuffle: false, callbacks, progress: false }
      const { epochs } = await model.fit(gathered(given, n), options)
      return { losses, correct: Math.round(epochs[0].accuracy * n * batch * sizeOf(labels.slice(1))) }
    },
    predict: (sample) => model.predictSync({ data: sample, shape: [1, ...network.input] }).data(),
  }
}

setThreads(threads)
const { blas, gemm, isa } = info()
const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
await serve({
  load,
  about: () => ({
    versions: { chainrule: version, node: process.version },
    blas: `${gemm}: own kernels (${isa}), ${blas ? `${blas.name} ${blas.version} (${blas.core})` : 'no BLAS'}`,
    how: 'model.fit, predictSync',
  }),
})
