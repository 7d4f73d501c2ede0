/** One sample through 784-128-128-10 from JavaScript. */
import { cases, prepare } from './cases.mjs'
import { spread } from './report.mjs'

export async function measurePrediction() {
  const spec = cases.find((c) => c.name === 'fashion')
  const { model } = await prepare(spec)
  const sample = [Float32Array.from({ length: spec.sizes[0] }, (_, i) => Math.sin(i))]
  const calls = 2000
  const rounds = []
  for (let r = 0; r < 9; r++) {
    const begin = performance.now()
    for (let i = 0; i < calls; i++) model.predictSync(sample)
    rounds.push(((performance.now() - begin) * 1000) / calls)
  }
  const time = spread(rounds)
  return { time, text: `predictSync of one sample, µs: min ${time.min.toFixed(1)}, median ${time.median.toFixed(1)}\n` }
}
