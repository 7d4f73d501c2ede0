/** Training must not hold up the event loop, nor predictions. Delays are printed; `npm run bench` reports them. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { adam, dense, initializers, Model, sgd, sum } from '../../src/index.ts'

const endings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

/** Trains until the test is over; `running()` tells whether it still does. */
function trainUntilTheEnd(model: Model, inputs: number, outputs: number, batch: number): { running(): boolean } {
  const controller = new AbortController()
  const x = { data: new Float32Array(batch * 4 * inputs).fill(1), shape: [batch * 4, inputs] }
  const y = { data: new Float32Array(batch * 4 * outputs), shape: [batch * 4, outputs] }
  let running = true
  const reason = new Error('the test is over')
  const training = model.fit({ x, y }, { epochs: 1e5, batchSize: batch, signal: controller.signal, progress: false })
  // Not `expect(training).rejects`: vitest would wait for it before it runs the endings.
  const outcome = training.catch((error: unknown) => error).finally(() => (running = false))
  endings.push(async () => {
    controller.abort(reason)
    expect(await outcome).toBe(reason)
  })
  return { running: () => running }
}

const inputs = 1024
const units = 1024

/**
 * A model that counts its own steps: the loss is the sum of its outputs, so that with inputs of 1 and a rate of 1 every
 * weight and bias falls by 1 per step, and every output is -(inputs + 1) times the step. Exact in float32 for 16,000 steps.
 */
function clock(): Model {
  const layer = dense(units, { kernelInitializer: initializers.zeros() })
  const model = new Model([layer], { seed: 1 })
  model.compile({ optimizer: sgd({ learningRate: 1 }), loss: (_, yPred) => sum(yPred, { axis: 1 }) })
  return model
}
const ones = { sample: [Array.from({ length: inputs }, () => 1)] }

/** The one step that all outputs come from; a fraction or NaN if they come from several. */
function stepOf(outputs: ArrayLike<number>): number {
  const all = new Set(Array.from(outputs, (value) => -value / (inputs + 1)))
  return all.size === 1 ? [...all][0]! : Number.NaN
}

test('predictions by the model in training come from whole steps, in the background and on this thread', async () => {
  const model = clock()
  const training = trainUntilTheEnd(model, inputs, units, 64)
  const steps: number[] = []
  for (let i = 0; i < 50; i++) {
    steps.push(stepOf((await model.predict(ones.sample)).data()))
    steps.push(stepOf(model.predictSync(ones.sample).data()))
    await sleep(1)
  }
  expect(training.running()).toBe(true)
  expect(steps.filter((step) => !Number.isInteger(step))).toEqual([])
  expect(steps).toEqual(steps.toSorted((a, b) => a - b))
  expect(steps.at(-1)).toBeGreaterThan(0)
})

test('a prediction by another model is answered while training goes on, after a few steps at most', async () => {
  const model = clock()
  const other = new Model([dense(64, { activation: 'relu' }), dense(10)], { seed: 2 })
  const expected = other.predictSync(ones.sample).data()
  const training = trainUntilTheEnd(model, inputs, units, 256)
  const step = () => stepOf(model.predictSync(ones.sample).data())
  const waited: number[] = []
  for (let i = 0; i < 30; i++) {
    const before = step()
    expect((await other.predict(ones.sample)).data()).toEqual(expected)
    waited.push(step() - before)
  }
  console.log(`training steps while a prediction waited: ${waited}`)
  expect(training.running()).toBe(true)
  // It is served between two instructions. More than one step passes only when this thread gets no processor.
  expect(waited.toSorted((a, b) => a - b)[15]).toBeLessThanOrEqual(3)
  expect(Math.max(...waited)).toBeLessThan(100)
})

test('two trainings, predictions and synchronous calls all get on', async () => {
  const models = [clock(), clock()]
  const trainings = models.map((model) => trainUntilTheEnd(model, inputs, units, 64))
  const other = new Model([dense(10)], { seed: 2 })
  const steps = () => models.map((model) => stepOf(model.predictSync(ones.sample).data()))
  const before = steps()
  let answered = 0
  for (let i = 0; i < 10; i++) {
    const many = Array.from({ length: 20 }, () => other.predict(ones.sample))
    other.predictSync(ones.sample)
    answered += (await Promise.all(many)).length
    await sleep(30)
  }
  const after = steps()
  expect(answered).toBe(200)
  expect(trainings.map((training) => training.running())).toEqual([true, true])
  for (const i of [0, 1]) expect(after[i]).toBeGreaterThan(before[i]!)
})

test('the event loop runs while a wide model trains', async () => {
  const layers = [
    dense(1024, { activation: 'relu' }),
    dense(1024, { activation: 'relu' }),
    dense(10, { activation: 'softmax' }),
  ]
  const model = new Model(layers, { seed: 1 }).compile({ optimizer: adam(), loss: 'categoricalCrossentropy' })
  const training = trainUntilTheEnd(model, 784, 10, 256)
  await model.predict([Array.from({ length: 784 }, () => 1)])
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  let turns = 0
  const ticking = setInterval(() => turns++, 1)
  await sleep(3000)
  clearInterval(ticking)
  delay.disable()
  console.log(`event loop delay: p50 ${delay.percentile(50) / 1e6} ms, p99 ${delay.percentile(99) / 1e6} ms`)
  expect(training.running()).toBe(true)
  expect(turns).toBeGreaterThan(10)
})
