/** Times of training steps and of bare sgemm, in rounds: each round measures every point once at every thread count. */
import { setThreads } from 'chainrule'
import { native } from '../../dist/native.js'
import { prepare, rested, timeSteps } from '../cases.mjs'
import { productsOf } from '../products.mjs'
import { spread } from '../report.mjs'
import { flopsOf } from './points.mjs'

/** Microseconds of one pass over the products of a step, under BLAS's own threading. */
function bareTime(shapes, threads, calls) {
  return native().bareSgemm(shapes, threads, calls) / 1000 / calls
}

/** GFLOP/s of a 2048³ product. */
function peak(threads) {
  const n = 2048
  return (2 * n ** 3) / native().bareSgemm(Float64Array.of(0, 0, n, n, n), threads, 1)
}

/**
 * How often to repeat so that a measurement takes about so many milliseconds, warm. Starts small and approaches it: a
 * single step would show what a call of `fit` costs, and not a step.
 */
async function repeats(milliseconds, microsecondsOf) {
  let count = 1
  for (;;) {
    const took = ((await microsecondsOf(count)) * count) / 1000
    if (took >= 0.7 * milliseconds || count >= 1e6) return count
    count = Math.min(1e6, Math.max(count + 1, Math.round(count * Math.min(20, milliseconds / took))))
  }
}

/** A point at a thread count, warm, with the numbers of repetitions. */
async function calibrated({ spec, ready, shapes }, threads, milliseconds) {
  setThreads(threads)
  const calls = await repeats(milliseconds, (n) => bareTime(shapes, threads, n))
  const steps = await repeats(milliseconds, (n) => timeSteps(ready, { ...spec, steps: n }))
  return { spec, ready, shapes, threads, calls, steps, rounds: [] }
}

async function measureOnce({ spec, ready, shapes, threads, calls, steps, rounds }, peaks) {
  setThreads(threads)
  const bare = bareTime(shapes, threads, calls)
  const step = await rested(() => timeSteps(ready, { ...spec, steps }))
  rounds.push({ bare, step, peak: peaks.get(threads) })
}

/**
 * Measures `[spec, thread counts][]` in rounds.
 * @returns per point and thread count microseconds of the step and of its bare products, and ratios within a round
 */
export async function measure(points, { rounds, milliseconds, said }) {
  const tasks = []
  for (const [spec, counts] of points) {
    const point = { spec, ready: await prepare(spec), shapes: Float64Array.from(productsOf(spec).flat()) }
    for (const threads of counts) tasks.push(await calibrated(point, threads, milliseconds))
  }
  const counts = [...new Set(tasks.map((t) => t.threads))]
  const peakRounds = []
  for (let round = 0; round < rounds; round++) {
    said(`round ${round + 1} of ${rounds}`)
    const peaks = new Map(counts.map((threads) => [threads, peak(threads)]))
    peakRounds.push(peaks)
    for (const task of tasks) await measureOnce(task, peaks)
  }
  const gflops = counts.map((threads) => ({ threads, ...spread(peakRounds.map((p) => p.get(threads))) }))
  return { peak: gflops, points: tasks.map((task) => summarized(task, tasks)) }
}

function summarized({ spec, threads, rounds }, tasks) {
  const single = tasks.find((t) => t.spec === spec && t.threads === 1)?.rounds
  const flops = flopsOf(spec)
  const { x, sizes, batch } = spec
  const over = (f) => spread(rounds.map(f))
  return {
    x,
    sizes,
    batch,
    threads,
    flops,
    step: over((r) => r.step),
    bare: over((r) => r.bare),
    stepToBare: over((r) => r.step / r.bare),
    fractionOfPeak: over((r) => flops / r.step / 1000 / r.peak),
    ...(single && {
      speedUp: over((_, i) => single[i].step / rounds[i].step),
      bareSpeedUp: over((_, i) => single[i].bare / rounds[i].bare),
    }),
  }
}
