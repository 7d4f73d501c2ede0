// Training that was stopped and goes on, in the same model, a loaded one or a clone, gives the bits of training that never
// stopped: dropout, optimizer state, shuffling, learning-rate decay, the partial last batch.
import { describe, expect, test } from 'vitest'
import { spiral } from '../src/datasets.ts'
import {
  adagrad,
  adam,
  adamw,
  Dataset,
  dense,
  dropout,
  type FitOptions,
  l1l2,
  Model,
  type Optimizer,
  rmsprop,
  sgd,
  tensor,
} from '../src/index.ts'
import { bits } from './support/book.ts'

const optimizers: Record<string, () => Optimizer> = {
  sgd: () => sgd({ learningRate: 0.5, decay: 1e-2 }),
  momentum: () => sgd({ learningRate: 0.1, decay: 1e-2, momentum: 0.9 }),
  nesterov: () => sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }),
  adagrad: () => adagrad({ learningRate: 0.1, decay: 1e-3 }),
  rmsprop: () => rmsprop({ learningRate: 0.01, decay: 1e-3 }),
  adam: () => adam({ learningRate: 0.02, decay: 1e-2 }),
  adamw: () => adamw({ learningRate: 0.02, weightDecay: 0.01 }),
}

const { x, y } = spiral(33, 3) // 99 samples: six batches of 16, and one of 3
const data = new Dataset({ x: tensor(x.data(), { shape: [99, 2] }), y: tensor(y.data()) })
const steps = 7
const batch = { batchSize: 16 }
const whole: FitOptions<never> = { ...batch, validation: data }

function fresh(optimizer = 'adam') {
  const penalty = { kernelRegularizer: l1l2({ l1: 1e-4, l2: 1e-3 }) }
  const model = new Model(
    [dense(16, { activation: 'relu', ...penalty }), dropout(0.2), dense(3, { activation: 'softmax' })],
    { seed: 5 },
  )
  return model.compile({
    optimizer: optimizers[optimizer]!(),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  }) as unknown as Model
}

const weights = (model: Model) => Object.values(model.getParameters()).map(bits)
const reloaded = (model: Model) => Model.load(model.toBytes())

/** Trains five epochs without a stop. */
async function unstopped(optimizer = 'adam') {
  const model = fresh(optimizer)
  const { epochs } = await model.fit(data, { ...whole, epochs: 5 })
  return { weights: weights(model), epochs, predictions: bits(await model.predict(x)) }
}

/** Stops after so many steps of an epoch, by a callback or a signal. */
async function stopAt(model: Model, step: number, how: 'callback' | 'signal', epochs: number): Promise<void> {
  const abort = new AbortController()
  const reason = new Error('stopped by the test')
  const onBatchEnd = (logs: { step: number }, run: { stop(): void }) => {
    if (logs.step !== step) return
    if (how === 'callback') run.stop()
    else abort.abort(reason)
  }
  const run = model.fit(data, { ...whole, epochs, callbacks: [{ onBatchEnd }], signal: abort.signal })
  if (how === 'signal') return expect(run).rejects.toBe(reason)
  expect((await run).stopped).toBe('callback')
}

describe.each(Object.keys(optimizers))('%s', (optimizer) => {
  test('fit 3, save, load, fit 2 is fit 5', async () => {
    const expected = await unstopped(optimizer)
    const first = fresh(optimizer)
    await first.fit(data, { ...whole, epochs: 3 })
    const loaded = await reloaded(first)
    expect(bits(await loaded.predict(x))).toBe(bits(await first.predict(x)))
    const { epochs } = await loaded.fit(data, { ...whole, epochs: 2 })
    expect(weights(loaded)).toEqual(expected.weights)
    expect(bits(await loaded.predict(x))).toBe(expected.predictions)
    for (const [i, logs] of epochs.entries()) expect(logs).toEqual({ ...expected.epochs[3 + i], epoch: i })
  })

  test('stop in mid-epoch, save, load, resume is fit 5', async () => {
    const expected = await unstopped(optimizer)
    const first = fresh(optimizer)
    await stopAt(first, 2 * steps + 4, 'callback', 5)
    const loaded = await reloaded(first)
    const { epochs } = await loaded.fit(data, { ...whole, epochs: 3, resume: true })
    expect(weights(loaded)).toEqual(expected.weights)
    expect(epochs.at(-1)!.valLoss).toBe(expected.epochs.at(-1)!.valLoss)
    expect(epochs.at(-1)!.learningRate).toBe(expected.epochs.at(-1)!.learningRate)
  })
})

test('epochs that run together are epochs that run one by one: each has an order of its own', async () => {
  const [together, single, alike] = [fresh(), fresh(), fresh()]
  await together.fit(data, { ...batch, epochs: 4 })
  for (let i = 0; i < 4; i++) await single.fit(data, batch)
  await alike.fit(data, { ...batch, epochs: 4, callbacks: [{ onEpochEnd: () => {} }] })
  expect(weights(together)).toEqual(weights(single))
  expect(weights(together)).toEqual(weights(alike))
})

describe('a stop in mid-epoch', () => {
  const places = [1, steps - 1, steps, steps + 1, 3 * steps + 6]

  test.each(places.flatMap((at) => [[at, 'callback'] as const, [at, 'signal'] as const]))(
    'after step %d, by a %s',
    async (at, how) => {
      const expected = await unstopped()
      const model = fresh()
      await stopAt(model, at, how, 5)
      await model.fit(data, { ...whole, epochs: 5 - Math.floor(at / steps), resume: true })
      expect(weights(model)).toEqual(expected.weights)
    },
  )

  test('several stops, each in a model loaded anew', async () => {
    const expected = await unstopped()
    let model = fresh()
    for (const at of [3, 5, 12, 13, 20]) {
      const last = model
      await last.fit(data, {
        ...whole,
        epochs: 5,
        resume: true,
        callbacks: [{ onBatchEnd: (logs, run) => (logs.step === at ? run.stop() : undefined) }],
      })
      model = await reloaded(last)
    }
    await model.fit(data, { ...whole, epochs: 3, resume: true })
    expect(weights(model)).toEqual(expected.weights)
  })

  test('without resume the rest of the epoch is left out', async () => {
    const model = fresh()
    await stopAt(model, 3, 'callback', 1)
    const { epochs } = await model.fit(data, { ...whole, epochs: 1 })
    expect(epochs[0]!.step).toBe(3 + steps)
  })

  test('a signal while steps run, without callbacks, leaves whole steps behind', async () => {
    const model = fresh()
    const abort = new AbortController()
    const run = model.fit(data, { ...batch, epochs: 50_000, signal: abort.signal })
    setTimeout(() => abort.abort(), 30)
    await expect(run).rejects.toMatchObject({ name: 'AbortError' })
    const done = (await model.fit(data, { ...batch, epochs: 1, resume: true })).epochs[0]!.step
    expect(done % steps).toBe(0)
    const straight = fresh()
    await straight.fit(data, { ...batch, epochs: done / steps })
    expect(weights(model)).toEqual(weights(straight))
  })

  test('resume says when the data or the batch size are other ones', async () => {
    const model = fresh()
    await stopAt(model, 6, 'callback', 1)
    await expect(model.fit(data, { batchSize: 50, resume: true })).rejects.toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringMatching(/stopped after 6 steps .* has 2\. Give the same data and batchSize/),
    })
  })
})

describe('clone', () => {
  test('goes on with the same bits, and shares nothing', async () => {
    const expected = await unstopped()
    const original = fresh()
    await original.fit(data, { ...whole, epochs: 3 })
    const before = weights(original)
    const copy = original.clone()
    expect(bits(await copy.predict(x))).toBe(bits(await original.predict(x)))
    await copy.fit(data, { ...whole, epochs: 2 })
    expect(weights(original)).toEqual(before)
    await original.fit(data, { ...whole, epochs: 2 })
    expect(weights(copy)).toEqual(expected.weights)
    expect(weights(original)).toEqual(expected.weights)
  })

  test('of a model that was stopped in mid-epoch', async () => {
    const expected = await unstopped()
    const original = fresh()
    await stopAt(original, steps + 2, 'callback', 5)
    const copy = original.clone()
    await copy.fit(data, { ...whole, epochs: 4, resume: true })
    expect(weights(copy)).toEqual(expected.weights)
  })

  test('of a model without weights, and of one that is not compiled', async () => {
    const bare = new Model([dense(2)], { seed: 3, name: 'bare' })
    const copy = bare.clone()
    expect([copy.name, copy.seed, copy.inputShape, copy.compiled]).toEqual(['bare', 3, null, null])
    bare.build([2])
    copy.build([2])
    expect(weights(copy)).toEqual(weights(bare))
    const frozen = fresh()
    frozen.build([2])
    frozen.stack[0]!.trainable = false
    const frozenCopy = frozen.clone()
    const [kernel] = weights(frozenCopy)
    await frozenCopy.fit(data, batch)
    expect(weights(frozenCopy)[0]).toBe(kernel)
  })
})
