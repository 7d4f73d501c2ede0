/**
 * node --expose-gc resident.mjs '{"sizes":[784,128,128,10],"batch":128}'
 *
 * By how many bytes the process grows when a model is built and trained. A small model goes first, so that threads,
 * BLAS and compiled JavaScript are there already; so is the data set.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { datasetOf, modelOf, picturesOf } from './memory.mjs'

async function train(spec, data) {
  const model = modelOf(spec.sizes)
  await model.fit(data, { epochs: 20, batchSize: spec.batch, progress: false })
  return model
}

/** V8 gives the memory of dead arrays back on another thread, a little later. */
async function collect() {
  globalThis.gc()
  await sleep(50)
  globalThis.gc()
  await sleep(50)
}

const spec = JSON.parse(process.argv[2])
const small = { sizes: spec.sizes.map((n) => Math.min(n, 8)), batch: 8 }
await train(small, datasetOf(picturesOf(small)))
const pictures = picturesOf(spec)
const data = datasetOf(pictures)
await collect()
const before = process.memoryUsage.rss()
const model = await train(spec, data)
await collect()
console.log(process.memoryUsage.rss() - before)
// Used after the measurement, so that they are still there during it.
if (model.training.state.step !== 20 || pictures.y.length !== spec.batch) throw new Error('not trained')
