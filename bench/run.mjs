/**
 * npm run bench [-- --json FILE] [--rounds N] [--case NAME]... [--profile]
 *
 * A training step of each case against the matrix products in it alone, as BLAS would compute them (a convolution as the
 * product of patches that were copied out before, whose copying is not counted). --profile: where each step's time goes.
 * Each round measures everything once, in turn, so that a drift of the machine meets all alike. Reported are minimum,
 * median and the ratios of a round.
 */
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { info, setThreads } from 'chainrule'
import { native } from '../dist/native.js'
import { caseOf, cases, predictions, prepare, rested, timeSteps } from './cases.mjs'
import { measureEventLoop } from './event-loop.mjs'
import { startNumpy } from './numpy.mjs'
import { measurePrediction } from './prediction.mjs'
import { productsOf } from './products.mjs'
import { summarize, table } from './report.mjs'

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    case: { type: 'string', multiple: true, default: [] },
    profile: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds)
const wanted = (name) => options.case.length === 0 || options.case.includes(name)
const chosen = cases.filter((c) => wanted(c.name))
const threadCounts = [...new Set([1, info().cores])]

/** Microseconds of the plain BLAS calls of one step, and GFLOP/s of a 2048³ product. */
function bareStep(spec, threads) {
  const shapes = Float64Array.from(productsOf(spec).flat())
  return native().bareSgemm(shapes, threads, spec.steps) / 1000 / spec.steps
}

function bigProduct(threads) {
  const n = 2048
  return (2 * n ** 3) / native().bareSgemm(Float64Array.of(0, 0, n, n, n), threads, 1)
}

async function measureCase(spec, threads, numpy) {
  setThreads(threads)
  const ready = await prepare(spec)
  const round = async () => ({
    sgemm: bareStep(spec, threads),
    step: await rested(() => timeSteps(ready, spec)),
    gflops: bigProduct(threads),
    ...(numpy && spec.name === 'spiral' && threads === 1 ? { numpy: await numpy.step(500) } : {}),
  })
  await round()
  const list = []
  for (let i = 0; i < rounds; i++) list.push(await round())
  if (options.profile) console.log(`${await ready.model.profile(ready.data, { batchSize: spec.batch })}\n`)
  return { case: spec.name, threads, ...summarize(list) }
}

const load = loadavg()[0]
console.log(`${cpus()[0].model.trim()}, ${info().cores} cores, load ${load.toFixed(2)}; Node ${process.version}`)
const { blas, isa } = info()
if (!blas) throw new Error('The yardstick is the sgemm of a BLAS library, and none was found: install OpenBLAS.')
console.log(`${blas.name} ${blas.version} (${blas.core}, ${blas.flavour}), kernels ${isa}; ${rounds} rounds\n`)
if (load > 0.5) console.log('The machine is busy: the figures are worth less than usual.\n')

const numpy = wanted('spiral') ? await startNumpy(caseOf('spiral')) : {}
if (numpy.reason) console.log(`NumPy is left out: ${numpy.reason}\n`)
const results = []
for (const spec of chosen)
  for (const threads of threadCounts) {
    results.push(await measureCase(spec, threads, numpy.step ? numpy : null))
    console.log(table(results.at(-1), spec))
  }
numpy.close?.()
setThreads(info().cores)
const eventLoop = wanted('wide') ? await measureEventLoop() : null
if (eventLoop) console.log(eventLoop.text)
const single = []
for (const prediction of predictions.filter(({ name, of }) => wanted(of) || wanted(name))) {
  single.push(await measurePrediction(prediction))
  console.log(single.at(-1).text)
}
if (options.json) {
  const { library: _, ...blasWithoutPath } = blas
  const machine = { processor: cpus()[0].model.trim(), load, node: process.version, ...info(), blas: blasWithoutPath }
  const report = { machine, rounds, results, eventLoop, predictions: single, numpy: numpy.version ?? null }
  writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`)
}
