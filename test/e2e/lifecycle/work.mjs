// What the scenarios train: small enough to start at once, and without an end that anybody would wait for.
import { dense, Model, trainStep } from '../../../dist/index.js'

/** Samples that anybody can make again: no file, no random state. */
export function data(samples = 256, inputs = 64, classes = 10) {
  const x = Float32Array.from({ length: samples * inputs }, (_, i) => Math.sin(i * 0.37))
  const y = Int32Array.from({ length: samples }, (_, i) => (i * 7) % classes)
  return { x: { data: x, shape: [samples, inputs] }, y }
}

export function model() {
  const made = new Model(
    [dense(128, { activation: 'relu' }), dense(128, { activation: 'relu' }), dense(10, { activation: 'softmax' })],
    {
      seed: 3,
    },
  )
  return made.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' })
}

/** A training that nobody waits for. */
export function trainForever(of = model()) {
  of.fit(data(), { epochs: 1e6, progress: false }).catch(() => {})
  return of
}

/** A whole training: its last loss, to the last bit. */
export async function trainBriefly() {
  const { epochs } = await model().fit(data(), { epochs: 12, progress: false })
  return epochs.at(-1).loss
}

/** Steps on the calling thread, for ever. */
export function stepForever(onFirst) {
  const of = model()
  of.build([64])
  const loss = (x) => of.apply(x, { mode: 'train' })
  const step = trainStep({ parameters: of, optimizer: 'adam', loss: (x) => loss(x).square().mean() })
  const { x } = data()
  const batch = Array.from({ length: 256 }, (_, i) => Array.from(x.data.subarray(i * 64, i * 64 + 64)))
  for (let i = 0; ; i++) {
    step.sync(batch)
    if (i === 0) onFirst()
  }
}

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
