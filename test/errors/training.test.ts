/** What interrupts a training: it ends after a whole step, says why, and the model stays usable. */
import { describe, expect, test } from 'vitest'
import { type Callback, dense, initializers, Model, sgd, sum, trainStep } from '../../src/index.ts'
import { classifier, errorOf, isUsable, samples, shown } from '../support/errors.ts'

const data = samples()
const quiet = { progress: false } as const

/**
 * A model that counts its steps: the loss is the sum of its outputs, so that with inputs of 1 every weight falls by the
 * learning rate in each step. Exact in float32 where the batch is a power of two.
 */
function clock(learningRate: number | ((step: number) => number) = 1) {
  const model = new Model([dense(8, { kernelInitializer: initializers.zeros() })], { seed: 1 })
  model.compile({ optimizer: sgd({ learningRate }), loss: (_, yPred) => sum(yPred, { axis: 1 }) })
  const x = Array.from({ length: 12 }, () => [1, 1, 1])
  const y = x.map(() => Array.from({ length: 8 }, () => 0))
  /** How far all weights have fallen; NaN if not all by the same. */
  const fallen = () => {
    const values = new Set([...model.parameters().values()].flatMap((p) => [...p.data()]))
    return values.size === 1 ? 0 - [...values][0]! : Number.NaN
  }
  return { model, data: { x, y }, fallen }
}

describe('while it is being trained', () => {
  const calls: [string, (model: ReturnType<typeof classifier>) => unknown][] = [
    ['fit', (m) => m.fit(data, quiet)],
    ['evaluate', (m) => m.evaluate(data)],
    ['compile', (m) => m.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' })],
    ['save', (m) => m.save('never-written.safetensors')],
    ['toBytes', (m) => m.toBytes()],
    ['set', (m) => [...m.parameters().values()][0]!.set(Array.from({ length: 4 }, () => [1, 1, 1, 1, 1, 1, 1, 1]))],
    ['trainStep', (m) => trainStep({ parameters: m, optimizer: 'sgd', loss: (x) => sum(m.apply(x)) }).sync(data.x)],
  ]
  test.each(calls)('%s is refused', async (_, call) => {
    const model = classifier()
    model.build([4])
    const controller = new AbortController()
    const training = model.fit(data, { ...quiet, epochs: 1e6, signal: controller.signal }).catch(() => 'ended')
    const error = await errorOf(() => call(model))
    const predicted = await model.predict(data.x)
    controller.abort()
    expect(await training).toBe('ended')
    expect(shown(error)).toMatchSnapshot()
    expect(predicted.shape).toEqual([12, 3])
    expect(await isUsable(model)).toBe(true)
  })
})

describe('a signal', () => {
  test('in the middle of an epoch ends it after a whole step, with its reason', async () => {
    const { model, data, fallen } = clock()
    const controller = new AbortController()
    const reason = new Error('enough')
    const training = model.fit(data, { ...quiet, epochs: 1e6, batchSize: 1, signal: controller.signal })
    setTimeout(() => controller.abort(reason), 20)
    expect(await errorOf(() => training)).toBe(reason)
    const steps = fallen()
    expect(steps).toBeGreaterThan(0)
    expect(steps).toBeLessThan(12e6)
    expect(Number.isInteger(steps)).toBe(true)
    let step = 0
    const callbacks = [{ onEpochEnd: (logs: { step: number }) => void (step = logs.step) }]
    await model.fit(data, { ...quiet, batchSize: 1, callbacks })
    expect([step, fallen()]).toEqual([steps + 12, steps + 12])
  })

  test('that was aborted before changes nothing', async () => {
    const { model, data, fallen } = clock()
    const reason = new Error('too late')
    expect(await errorOf(() => model.fit(data, { ...quiet, signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(await errorOf(() => model.predict(data.x, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(await errorOf(() => model.evaluate(data, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(fallen()).toBe(0)
  })

  test('that a callback aborts ends the run before the next epoch', async () => {
    const { model, data, fallen } = clock()
    const controller = new AbortController()
    const reason = new Error('from a callback')
    const callbacks = [{ onEpochEnd: () => controller.abort(reason) }]
    const options = { ...quiet, epochs: 5, batchSize: 4, callbacks, signal: controller.signal }
    expect(await errorOf(() => model.fit(data, options))).toBe(reason)
    expect(fallen()).toBe(3)
  })
})

describe('a callback', () => {
  const train = (callback: Callback<{ loss: number }>, epochs = 3) => {
    const { model, data, fallen } = clock()
    const training = model.fit(data, { ...quiet, epochs, batchSize: 4, callbacks: [callback] })
    return { training, fallen, again: () => model.fit(data, { ...quiet, batchSize: 4 }) }
  }
  const error = new Error('my own mistake')

  test.each<[string, Callback<{ loss: number }>, number]>([
    [
      'onEpochEnd throws',
      {
        onEpochEnd: () => {
          throw error
        },
      },
      3,
    ],
    [
      'onBatchEnd throws',
      {
        onBatchEnd: () => {
          throw error
        },
      },
      1,
    ],
    ['onEpochEnd rejects', { onEpochEnd: async () => Promise.reject(error) }, 3],
  ])('%s: fit rejects with that', async (_, callback, steps) => {
    const { training, fallen, again } = train(callback)
    expect(await errorOf(() => training)).toBe(error)
    expect(fallen()).toBe(steps)
    await again()
    expect(fallen()).toBe(steps + 3)
  })

  test('stops the run after an epoch', async () => {
    const { training, fallen } = train({ onEpochEnd: ({ epoch }, run) => (epoch === 1 ? run.stop() : undefined) }, 9)
    const { epochs, stopped } = await training
    expect([epochs.length, stopped, fallen()]).toEqual([2, 'callback', 6])
  })

  test('stops the run in the middle of an epoch', async () => {
    const { training, fallen } = train({ onBatchEnd: ({ step }, run) => (step === 5 ? run.stop() : undefined) })
    const { epochs, stopped } = await training
    expect([epochs.length, stopped, fallen()]).toEqual([1, 'callback', 5])
  })

  test('changes the learning rate from the next step on', async () => {
    const byEpoch = train({ onEpochEnd: (_, run) => void (run.learningRate /= 2) })
    await byEpoch.training
    expect(byEpoch.fallen()).toBe(3 * 1 + 3 * 0.5 + 3 * 0.25)
    const byBatch = train({ onBatchEnd: ({ step }, run) => void (run.learningRate = step / 4) })
    await byBatch.training
    expect(byBatch.fallen()).toBe(1 + (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8) / 4)
  })

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '0.1'])('cannot set the learning rate to %s', async (rate) => {
    const { training, fallen } = train({ onEpochEnd: (_, run) => void (run.learningRate = rate as number) })
    expect(shown(await errorOf(() => training))).toMatchSnapshot()
    expect(fallen()).toBe(3)
  })
})

describe('a schedule', () => {
  test('gives the rate of each step', async () => {
    const { model, data, fallen } = clock((step) => step + 1)
    await model.fit(data, { ...quiet, epochs: 2, batchSize: 4 })
    expect(fallen()).toBe(1 + 2 + 3 + 4 + 5 + 6)
  })

  test.each<[string, (step: number) => unknown]>([
    ['text', () => 'fast'],
    ['NaN', () => Number.NaN],
    ['a negative rate', () => -1],
    ['nothing', () => undefined],
    ['NaN later on', (step) => (step < 4 ? 1 : Number.NaN)],
  ])('that gives %s is refused, and no half of a chunk is trained', async (_, schedule) => {
    const { model, data, fallen } = clock(schedule as (step: number) => number)
    expect(shown(await errorOf(() => model.fit(data, { ...quiet, epochs: 2, batchSize: 4 })))).toMatchSnapshot()
    expect(fallen()).toBe(0)
    model.compile({ optimizer: sgd({ learningRate: 1 }), loss: (_, yPred) => sum(yPred, { axis: 1 }) })
    await model.fit(data, { ...quiet, batchSize: 4 })
    expect(fallen()).toBe(3)
  })

  test('that throws: fit rejects with that', async () => {
    const error = new Error('no such step')
    const { model, data, fallen } = clock(() => {
      throw error
    })
    expect(await errorOf(() => model.fit(data, quiet))).toBe(error)
    expect(fallen()).toBe(0)
  })
})

describe('a loss that is no number', () => {
  // Squares and sums of these leave float32.
  const huge = Array.from({ length: 4 }, () => [3e38, 3e38, 3e38, 3e38])
  const small = samples().x.slice(0, 4)
  const regression = () => {
    const layers = [dense(2, { kernelInitializer: 'ones', name: 'first' }), dense(1, { kernelInitializer: 'ones' })]
    const model = new Model(layers, { seed: 1 })
    return model.compile({ optimizer: sgd({ learningRate: 0.01 }), loss: 'meanSquaredError' })
  }
  const options = { ...quiet, batchSize: 4, shuffle: false }
  const targets = (n: number) => Array.from({ length: n }, () => [1])

  test('names layer and operation, and leaves the weights as after the step before', async () => {
    const model = regression()
    const error = await errorOf(() => model.fit({ x: [...small, ...huge, ...small], y: targets(12) }, options))
    expect(shown(error)).toMatchSnapshot()
    const reference = regression()
    await reference.fit({ x: small, y: targets(4) }, options)
    const weights = (m: Model) => [...m.parameters().values()].map((p) => p.data())
    expect(weights(model as Model)).toEqual(weights(reference as Model))
    await model.fit({ x: small, y: targets(4) }, options)
    await reference.fit({ x: small, y: targets(4) }, options)
    expect(weights(model as Model)).toEqual(weights(reference as Model))
  })

  test('from a rate that is too large', async () => {
    const model = new Model([dense(1, { kernelInitializer: 'ones' })], { seed: 1 })
    model.compile({ optimizer: sgd({ learningRate: 1e30 }), loss: 'meanSquaredError' })
    const error = await errorOf(() => model.fit({ x: small, y: targets(4) }, { ...options, epochs: 9 }))
    expect(error).toMatchObject({ code: 'ERR_NOT_FINITE' })
    expect(String(error)).toContain('Try a smaller learning rate')
    expect([...model.parameters().values()].every((p) => p.data().every(Number.isFinite))).toBe(true)
  })
})
