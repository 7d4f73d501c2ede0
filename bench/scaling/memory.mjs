/** Native memory of a model in training: what the program of a step asks for, and by how much a process grows. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { adam, Dataset, dense, Model } from 'chainrule'

export function modelOf(sizes) {
  const layers = sizes
    .slice(1)
    .map((units, i) => dense(units, { activation: i === sizes.length - 2 ? 'softmax' : 'relu' }))
  const model = new Model(layers, { seed: 1 })
  model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  model.build([sizes[0]], { draw: false })
  return model
}

/** Pictures as bytes, one batch of them. */
export function picturesOf({ sizes, batch }) {
  return { x: { data: new Uint8Array(batch * sizes[0]).fill(100), shape: [batch, sizes[0]] }, y: new Int32Array(batch) }
}

export const datasetOf = (pictures) => new Dataset(pictures, { scale: 1 / 255 })

/** Bytes of the step's scratch, parameters, gradients and optimizer slots. */
function planned(spec) {
  const model = modelOf(spec.sizes)
  const slots = new Set(model.compiled.optimizer.slots)
  const { segments, sizes } = model.trainingFor('bench').train(datasetOf(picturesOf(spec)), spec.batch).compiled
  const bytes = { scratch: 0, parameters: 0, gradients: 0, slots: 0 }
  for (const [i, { name }] of segments.entries()) {
    const kind = slots.has(name) ? 'slots' : name
    if (kind in bytes) bytes[kind] += sizes[i]
  }
  return { ...bytes, total: bytes.scratch + bytes.parameters + bytes.gradients + bytes.slots }
}

/** Bytes by which a fresh process grows. */
function resident(spec) {
  const script = fileURLToPath(new URL('resident.mjs', import.meta.url))
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', script, JSON.stringify(spec)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`resident.mjs ended with ${status}: ${stderr}`)
  return Number(stdout)
}

export function memoryOf({ x, sizes, batch }) {
  return { x, sizes, batch, ...planned({ sizes, batch }), resident: resident({ sizes, batch }) }
}
