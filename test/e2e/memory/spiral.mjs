// node --expose-gc spiral.mjs: trains 200,000 steps of 2-64-3 on a spiral; prints the memory after 20,000 and at the end.
import { dense, Model } from '../../../dist/index.js'
import { native } from '../../../dist/native.js'

const perClass = 100
const batch = 3 * perClass
const stepsPerEpoch = 1000

/** Three arms, again and again: an epoch of 1000 equal batches. */
function spiral() {
  const x = new Float32Array(stepsPerEpoch * batch * 2)
  const y = new Uint8Array(stepsPerEpoch * batch)
  for (let i = 0; i < y.length; i++) {
    const arm = i % 3
    const radius = (Math.floor(i / 3) % perClass) / perClass
    const angle = arm * 4 + radius * 4 + 0.2 * Math.sin(i)
    x.set([radius * Math.sin(angle * 2.5), radius * Math.cos(angle * 2.5)], i * 2)
    y[i] = arm
  }
  return { x: { data: x, shape: [y.length, 2] }, y }
}

function measure() {
  for (let i = 0; i < 4; i++) globalThis.gc()
  return { rss: process.memoryUsage.rss(), native: native().memoryAlive() }
}

const model = new Model([dense(64, { activation: 'relu' }), dense(3, { activation: 'softmax' })], { seed: 1 })
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
const measured = []
await model.fit(spiral(), {
  epochs: 200,
  batchSize: batch,
  progress: false,
  callbacks: [{ onEpochEnd: ({ step }) => step % 20_000 === 0 && measured.push({ step, ...measure() }) }],
})
console.log(JSON.stringify(measured))
