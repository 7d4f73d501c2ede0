// Readers and writers of the same weights: everything sees those of a whole step, or is refused by name.
import { describe, expect, test } from 'vitest'
import {
  ChainruleError,
  Dataset,
  dense,
  Layer,
  Model,
  type Parameter,
  parameter,
  program,
  sgd,
  type Tensor,
  tensor,
  trainStep,
} from '../src/index.ts'

const size = 1_000_000

class Ones extends Layer {
  static readonly type = 'ones'
  p!: Parameter
  protected override build() {
    this.p = parameter([size], 'zeros')
  }
  protected override forward(x: Tensor) {
    return this.p.sum().add(x.sum())
  }
}

/** A layer of many zeros, and a step that takes 1 from each. */
function counting() {
  const layer = new Ones({})
  layer.apply(tensor([1]))
  const step = trainStep({
    parameters: layer,
    optimizer: sgd({ learningRate: 1 }),
    loss: (x: Tensor) => layer.apply(x),
  })
  return { layer, step }
}

/** Lets what was started begin, without giving it the time to end. */
async function begun(): Promise<void> {
  for (let i = 0; i < 10; i++) await null
}

function codeOf(call: () => unknown): string {
  try {
    call()
    return 'none'
  } catch (error) {
    return error instanceof ChainruleError ? `${error.code} ${error.message}` : String(error)
  }
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error) => (error instanceof ChainruleError ? `${error.code} ${error.message}` : String(error)),
  )
}

describe('beside a pending train step', () => {
  test('a parameter is read whole, or not at all', async () => {
    const { layer, step } = counting()
    await step([1])
    let refused = 0
    for (let k = 0; k < 10; k++) {
      let done = false
      const pending = step([1]).then(() => {
        done = true
      })
      await begun()
      while (!done) {
        try {
          const values = layer.p.data()
          expect(values.every((v) => v === values[0])).toBe(true)
        } catch (error) {
          expect((error as ChainruleError).code).toBe('ERR_BUSY')
          expect((error as ChainruleError).message).toMatch(/a train step is at step \d+; await it first/)
          refused++
        }
        await new Promise((r) => setImmediate(r))
      }
      await pending
    }
    expect(refused).toBeGreaterThan(0)
    expect(layer.p.data().every((v) => v === -11)).toBe(true)
  })

  test('what cannot wait is refused, and leaves everything as it was', async () => {
    const model = new Model([dense(512), dense(1)], { seed: 1 })
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
    model.build([512])
    const step = trainStep({
      parameters: model,
      optimizer: sgd({ learningRate: 0 }),
      loss: (x: Tensor) => model.apply(x).square().mean(),
    })
    const x = new Float32Array(512 * 512).fill(0.1)
    const batch = tensor(x, { shape: [512, 512] })
    await step(batch)
    const before = model.getParameters()
    const kernel = model.parameters().get('dense.kernel')!
    const pending = step(batch)
    await begun()
    const calls: Record<string, () => unknown> = {
      data: () => kernel.data(),
      item: () => kernel.sum().item(),
      set: () => kernel.set(before['dense.kernel']!),
      getParameters: () => model.getParameters(),
      setParameters: () => model.setParameters({ 'dense.kernel': before['dense.kernel']! }),
      toBytes: () => model.toBytes(),
      clone: () => model.clone(),
      sync: () => step.sync(batch),
    }
    for (const [name, call] of Object.entries(calls))
      expect(`${name}: ${codeOf(call)}`).toMatch(/: ERR_BUSY .*await it first/)
    expect(await rejection(model.fit({ x: [new Float32Array(512)], y: [1] }))).toMatch(/^ERR_BUSY fit: a train step/)
    await pending
    for (const [path, value] of Object.entries(model.getParameters()))
      expect(value.equal(before[path]!).min().item(), path).toBe(1)
  })

  test('a step that fails or is abandoned gives back what it claimed', async () => {
    const { layer } = counting()
    const bad = trainStep({
      parameters: layer,
      optimizer: 'sgd',
      loss: (x: Tensor) => layer.p.sum().div(x.sum()).log(),
    })
    expect(await rejection(bad([0]))).toMatch(/ERR_NOT_FINITE/)
    expect(layer.p.data()[0]).toBe(0)
    layer.p.set(new Float32Array(size))
  })

  test('two steps over the same layers, without waiting for each other', async () => {
    const { layer, step } = counting()
    const other = trainStep({ parameters: layer, optimizer: sgd({ learningRate: 1 }), loss: () => layer.p.sum() })
    await Promise.all(Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? step([1]) : other())))
    expect(layer.p.data().every((v) => v === -6)).toBe(true)
    expect([step.step, other.step]).toEqual([3, 3])
  })

  test('inputs are taken when the step is called', async () => {
    const layer = dense(1, { useBias: false, kernelInitializer: 'zeros' })
    layer.apply(tensor([[1]]))
    const step = trainStep({
      parameters: layer,
      optimizer: sgd({ learningRate: 0 }),
      loss: (x: Tensor) => layer.apply(x).sum().add(x.sum()),
    })
    const x = new Float32Array([1])
    const rows = [x]
    const pending = [step(rows), step(rows)]
    x[0] = 5
    expect((await Promise.all(pending)).map(({ loss }) => loss)).toEqual([1, 1])
  })
})

describe('evaluate beside train steps', () => {
  test('sees the weights of a whole step in each batch', async () => {
    // x·w1·w2 with w1 = w2 = ±1: whole steps keep the product x, a half of one turns its sign.
    const n = 128
    const model = new Model([dense(n, { useBias: false }), dense(n, { useBias: false })], { seed: 1 })
    model.build([n])
    const identity = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, k) => (i === k ? 1 : 0)))
    for (const p of model.parameters().values()) p.set(identity)
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
    const x = Float32Array.from({ length: 6000 * n }, (_, i) => ((i * 7919) % 13) - 6)
    const data = new Dataset({ x: { data: x, shape: [6000, n] }, y: { data: x, shape: [6000, n] } })
    // The gradient of Σp² is 2p; p − 2p = −p.
    const flip = trainStep({
      parameters: model,
      optimizer: sgd({ learningRate: 1 }),
      loss: () => [...model.parameters().values()].map((p) => p.square().sum()).reduce((a, b) => a.add(b)),
    })
    await flip()
    let flips = 0
    while (flips < 10) {
      let done = false
      const scores = model.evaluate(data, { batchSize: 1 }).finally(() => {
        done = true
      })
      while (!done) {
        await flip()
        flips++
      }
      expect((await scores).loss).toBe(0)
    }
  })
})

describe('beside fit', () => {
  const x = Array.from({ length: 512 }, (_, i) => [i % 7, i % 5])
  const y = x.map(([a = 0, b = 0]) => a - b)

  async function training<T>(during: (model: Model) => Promise<T> | T): Promise<T> {
    const model = new Model([dense(64, { activation: 'tanh' }), dense(1)], { seed: 1 })
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
    model.build([2])
    const fit = model.fit({ x, y }, { epochs: 400, batchSize: 8 })
    await new Promise((r) => setTimeout(r, 5))
    const result = await during(model)
    await fit
    return result
  }

  test('predictions and programs are served', async () => {
    const rows = await training(async (model) => {
      const f = program((x: Tensor) => model.apply(x))
      return [(await model.predict([[1, 2]])).size(), model.predictSync([[1, 2]]).size(), (await f([[1, 2]])).size()]
    })
    expect(rows).toEqual([1, 1, 1])
  })

  test('a train step, an evaluation and a second fit are refused', async () => {
    const said = await training(async (model) => {
      const step = trainStep({ parameters: model, optimizer: 'sgd', loss: (x: Tensor) => model.apply(x).sum() })
      return [
        await rejection(step([[1, 2]])),
        codeOf(() => step.sync([[1, 2]])),
        await rejection(model.evaluate({ x, y })),
        await rejection(model.fit({ x, y })),
        await rejection(model.profile({ x, y })),
        codeOf(() => model.toBytes()),
      ]
    })
    for (const text of said) expect(text).toMatch(/^ERR_BUSY \w+: training is at step \d+; await it first/)
  })
})

test('fit waits for an evaluation that is under way, which sees the weights from before', async () => {
  const model = new Model([dense(64, { activation: 'tanh' }), dense(1)], { seed: 1 })
  model.compile({ optimizer: sgd({ learningRate: 0.01 }), loss: 'meanSquaredError' })
  const x = Float32Array.from({ length: 100_000 * 8 }, (_, i) => Math.sin(i))
  const data = new Dataset({
    x: { data: x, shape: [100_000, 8] },
    y: Float32Array.from({ length: 100_000 }, (_, i) => Math.cos(i)),
  })
  const quiet = await model.evaluate(data, { batchSize: 1 })
  const beside = model.evaluate(data, { batchSize: 1 })
  await begun()
  const fit = model.fit(data.slice(0, 512), { epochs: 30, batchSize: 8 })
  expect(await beside).toEqual(quiet)
  await fit
  expect((await model.evaluate(data, { batchSize: 1 })).loss).not.toBe(quiet.loss)
})

test('a prediction in the background keeps its weights until it is done', async () => {
  const model = new Model([dense(256), dense(256)], { seed: 1 })
  model.build([256])
  const x = { data: new Float32Array(2000 * 256).fill(0.01), shape: [2000, 256] }
  const batch = tensor(x.data, { shape: [2000, 256] })
  const expected = model.predictSync(batch)
  const pending = model.predict(batch, { batchSize: 2000 })
  await begun()
  const kernel = model.parameters().get('dense.kernel')!
  expect(codeOf(() => kernel.set(new Float32Array(256 * 256).fill(1)))).toMatch(/ERR_/)
  expect((await pending).equal(expected).min().item()).toBe(1)
})

test('several parameters are replaced together, or none', async () => {
  const [a, b] = [dense(64, { name: 'a' }), dense(64, { name: 'b' })]
  for (const layer of [a, b]) new Model([layer], { seed: 1 }).build([64]) // a block each
  const model = new Model([a, b], { seed: 1 })
  model.build([64])
  const f = program((x: Tensor) => b.apply(x))
  const pending = f(tensor(new Float32Array(5000 * 64), { shape: [5000, 64] }))
  await begun()
  const before = a.kernel.data()
  const ones = new Float32Array(64 * 64).fill(1)
  const values = { 'a.kernel': tensor(ones, { shape: [64, 64] }), 'b.kernel': tensor(ones, { shape: [64, 64] }) }
  expect(codeOf(() => model.setParameters(values))).toMatch(/ERR_BUSY setParameters: a program is under way/)
  expect(a.kernel.data()).toEqual(before)
  await pending
  model.setParameters(values)
  expect(a.kernel.data()).toEqual(ones)
})
