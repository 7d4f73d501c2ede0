/** How long the event loop waits while the wide net trains, and how long a prediction of another model takes then. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { dense, Model } from 'chainrule'
import { caseOf, prepare } from './cases.mjs'
import { spread } from './report.mjs'

async function delayDuring(milliseconds) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await sleep(milliseconds)
  delay.disable()
  return { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 }
}

export async function measureEventLoop() {
  const spec = caseOf('wide')
  const { model, data } = await prepare(spec)
  const other = new Model([dense(64, { activation: 'relu' }), dense(3, { activation: 'softmax' })], { seed: 2 })
  const sample = [Array.from({ length: 16 }, (_, i) => i / 16)]
  await other.predict(sample)
  const idle = await delayDuring(1000)
  const stop = new AbortController()
  const began = performance.now()
  let steps = 0
  const training = model.fit(data, { epochs: 1000, batchSize: spec.batch, progress: false, signal: stop.signal })
  const ended = training.catch((reason) => reason)
  await sleep(200)
  const busy = await delayDuring(4000)
  const latencies = []
  for (let i = 0; i < 50; i++) {
    const asked = performance.now()
    await other.predict(sample)
    latencies.push(performance.now() - asked)
    await sleep(7)
  }
  stop.abort('enough')
  await ended
  steps = model.training.state.step
  const stepTime = (performance.now() - began) / Math.max(1, steps)
  const latency = spread(latencies)
  const format = (v) => v.toFixed(2)
  const text =
    `event loop delay, ms (resolution 1): idle p99 ${format(idle.p99)}; while wide trains p50 ${format(busy.p50)}, ` +
    `p99 ${format(busy.p99)}, max ${format(busy.max)}\nprediction of another model meanwhile, ms: median ` +
    `${format(latency.median)}, max ${format(latency.max)} (a training step takes about ${format(stepTime)})\n`
  return { idle, busy, latency, stepTime, text }
}
