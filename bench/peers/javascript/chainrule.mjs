/** chainrule itself, measured from a child of its own like everybody else. */
import { readFileSync } from 'node:fs'
import { Dataset, info, setThreads, tensor } from '../../../dist/index.js'
import { modelOf } from '../../cases.mjs'
import { serve, threads } from './serve.mjs'

/** Row by row, in the order of the first `steps` batches: the order in which all peers take them. */
function gathered({ x, y, sizes, order, scale, shift }, steps) {
  const rows = order.slice(0, steps).flatMap((batch) => Array.from(batch))
  const width = sizes[0]
  const data = new x.constructor(rows.length * width)
  rows.forEach((row, i) => {
    data.set(x.subarray(row * width, (row + 1) * width), i * width)
  })
  const labels = Int32Array.from(rows, (row) => y[row])
  return new Dataset({ x: { data, shape: [rows.length, width] }, y: labels }, { scale, shift })
}

function load(given) {
  const { x, y, sizes, batch, samples, scale, shift, weights } = given
  const data = new Dataset({ x: { data: x, shape: [samples, sizes[0]] }, y }, { scale, shift })
  const model = modelOf(given)
  model.build([sizes[0]])
  const paths = Object.keys(model.getParameters())
  model.setParameters(
    Object.fromEntries(paths.map((path, i) => [path, tensor(weights[i].data, { shape: weights[i].shape })])),
  )
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
      return { losses, correct: Math.round(epochs[0].accuracy * n * batch) }
    },
    predict: (sample) => model.predictSync([sample]).data(),
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
