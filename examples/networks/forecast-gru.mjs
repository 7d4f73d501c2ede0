// A series and its future: how much electricity a town uses, hour by hour. A GRU reads four days and says the next hour;
// fed with what it said, it goes on for a day.
import { adam, dense, gru, Model, RandomState } from 'chainrule'
import { optionsOf } from './options.mjs'

const { epochs } = optionsOf({ epochs: 30 })
const [hours, seen, ahead] = [24 * 7 * 40, 24 * 4, 24]

/** Mornings and evenings, weekends, the season, weather that stays for days, and noise: there is no file to fetch. */
function series() {
  const random = new RandomState(1)
  let weather = 0
  return Float32Array.from({ length: hours }, (_, hour) => {
    const [day, clock] = [Math.floor(hour / 24), hour % 24]
    weather = 0.98 * weather + 0.2 * random.gauss()
    const peak = (at, wide) => Math.exp(-(((clock - at) / wide) ** 2))
    const use = 40 + 12 * peak(8, 2.5) + 18 * peak(19, 3) + 6 * Math.cos((2 * Math.PI * day) / 365)
    return use * (day % 7 > 4 ? 0.8 : 1) + 3 * weather + random.gauss()
  })
}

const load = series()
const mean = load.reduce((a, b) => a + b) / load.length
const scaled = load.map((x) => (x - mean) / 15)

/** Windows of `seen` hours, and the hour that follows. Weekday and hour of the day need not be told: four days show them. */
function windows(first, end) {
  const starts = Array.from({ length: end - first - seen }, (_, i) => first + i)
  const x = new Float32Array(starts.length * seen)
  for (const [i, start] of starts.entries()) x.set(scaled.subarray(start, start + seen), i * seen)
  return { x: { data: x, shape: [starts.length, seen, 1] }, y: starts.map((start) => [scaled[start + seen]]) }
}

const split = Math.floor(hours * 0.8)
const model = new Model([gru(32), dense(1)], { seed: 1 })
model.compile({ optimizer: adam({ learningRate: 5e-3 }), loss: 'meanAbsoluteError' })
await model.fit(windows(0, split), { epochs, batchSize: 64, progress: false })
const { loss } = await model.evaluate(windows(split, hours))
const naive = (lag) =>
  load.slice(split + seen).reduce((sum, x, i) => sum + Math.abs(x - load[split + seen + i - lag]), 0) /
  (hours - split - seen)
console.log(
  `the next hour: off by ${(15 * loss).toFixed(2)} MW; the hour before by ${naive(1).toFixed(2)}, the day before by ${naive(24).toFixed(2)}`,
)

// A day ahead from many starts at once: what is said for an hour is read for the next.
const starts = Array.from({ length: 40 }, (_, i) => split + 30 * i)
const known = starts.map((start) => [...scaled.subarray(start, start + seen)])
for (let hour = 0; hour < ahead; hour++) {
  const recent = known.map((values) => values.slice(-seen).map((value) => [value]))
  const next = (await model.predict(recent)).toArray(2)
  for (const [i, [value]] of next.entries()) known[i].push(value)
}
const off = (at) =>
  starts.reduce((sum, start, i) => sum + Math.abs(15 * known[i][at] + mean - load[start + at]), 0) / starts.length
for (const hour of [1, 6, 12, 24]) console.log(`${hour} hours ahead: off by ${off(seen + hour - 1).toFixed(2)} MW`)

const [first] = known
console.log('hour   said   used')
for (let hour = 0; hour < ahead; hour += 4) {
  const at = seen + hour
  const numbers = [15 * first[at] + mean, load[starts[0] + at]].map((x) => x.toFixed(1).padStart(6))
  console.log(`${String((starts[0] + at) % 24).padStart(4)} ${numbers.join(' ')}`)
}
