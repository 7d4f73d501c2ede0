/** One sample at a time through a network, from JavaScript. */
import { caseOf, prepare, sampleOf } from './cases.mjs'
import { spread } from './report.mjs'

/** How long one round shall take, in milliseconds. */
const target = 30

export async function measurePrediction({ name, of }) {
  const spec = caseOf(of)
  const { model } = await prepare(spec)
  const sample = { data: sampleOf(spec), shape: [1, ...spec.network.input] }
  const timeOf = (calls) => {
    const begin = performance.now()
    for (let i = 0; i < calls; i++) model.predictSync(sample)
    return (performance.now() - begin) / calls
  }
  timeOf(200)
  const calls = Math.ceil(target / timeOf(20))
  const time = spread(Array.from({ length: 9 }, () => timeOf(calls) * 1000))
  const text = `predictSync of one sample, µs (${name}): min ${time.min.toFixed(1)}, median ${time.median.toFixed(1)}\n`
  return { name, time, text }
}
