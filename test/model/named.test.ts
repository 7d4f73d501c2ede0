// A layer with named inputs and outputs is trained, scored and asked as any other.
import { describe, expect, test } from 'vitest'
import {
  Dataset,
  dense,
  dropout,
  gather,
  Layer,
  losses,
  Model,
  metrics,
  type Parameter,
  parameter,
  sgd,
  type Tensor,
  tensor,
  trainStep,
} from '../../src/index.ts'

type In = { image: Tensor; size: Tensor }
type Out = { price: Tensor; kind: Tensor }

class House extends Layer<In, Out> {
  readonly image = dense(3, { activation: 'tanh' })
  readonly price = dense(1)
  readonly kind = dense(2, { activation: 'softmax' })

  protected override forward({ image, size }: In): Out {
    const h = this.image.apply(image)
    return { price: this.price.apply(h.mul(size)), kind: this.kind.apply(h) }
  }
}

const n = 10
const image = Array.from({ length: n }, (_, i) => [Math.sin(i), Math.cos(i)])
const size = Array.from({ length: n }, (_, i) => [1 + (i % 3)])
const price = Array.from({ length: n }, (_, i) => i / 3 + 0.5)
const kind = Array.from({ length: n }, (_, i) => i % 2)
const data = { x: { image, size }, y: { price, kind } }
const houses = () => new Model<{ loss: number }, In, Out>([new House()], { seed: 4 })
const compiled = (lossWeights?: { price?: number; kind?: number }) =>
  houses().compile({
    optimizer: sgd({ learningRate: 0.1 }),
    loss: { price: 'meanSquaredError', kind: 'categoricalCrossentropy' },
    metrics: { kind: ['accuracy'], price: [metrics.custom('off', (y, p) => p.sub(y.reshape([-1, 1])).abs())] },
    ...(lossWeights ? { lossWeights } : {}),
  })

/** The same, by a step of one's own. */
function byHand(weights: { price: number; kind: number }, sampleWeight: (rows: Tensor) => Tensor = (y) => y) {
  const net = houses()
  net.build({ image: [2], size: [1] })
  const step = trainStep({
    parameters: net,
    optimizer: sgd({ learningRate: 0.1 }),
    loss: (a: Tensor, s: Tensor, p: Tensor, k: Tensor) => {
      const out = net.apply({ image: a, size: s })
      const first = sampleWeight(losses.meanSquaredError(p, out.price)).mean()
      const second = losses.categoricalCrossentropy(k, out.kind).mean()
      return first.mul(weights.price).add(second.mul(weights.kind))
    },
  })
  return { net, step: () => step.sync(image, size, price, Int32Array.from(kind)) }
}

const kernels = (net: { getParameters(): Record<string, Tensor> }) =>
  Object.entries(net.getParameters()).map(([path, t]) => [path, t.toArray()])

describe('a model of a layer with names', () => {
  test('reports losses and metrics by output, flat', async () => {
    const model = compiled()
    const { epochs } = await model.fit(data, { batchSize: n, shuffle: false, validation: data })
    const [logs] = epochs
    expect(Object.keys(logs!)).toEqual([
      'epoch',
      'step',
      'learningRate',
      'loss',
      'priceLoss',
      'kindLoss',
      'priceOff',
      'kindAccuracy',
      'valLoss',
      'valPriceLoss',
      'valKindLoss',
      'valPriceOff',
      'valKindAccuracy',
    ]) // prettier-ignore
    expect(logs!.loss).toBeCloseTo(logs!.priceLoss + logs!.kindLoss, 5)
    const scores = await model.evaluate(data, { batchSize: 3 })
    expect(scores.kindLoss).toBeCloseTo(logs!.valKindLoss!, 5)
    expect(scores.kindAccuracy).toBeCloseTo(logs!.valKindAccuracy!, 5)
  })

  test('is trained as a step of one’s own trains it, with weights of the losses', async () => {
    const weights = { price: 0.5, kind: 2 }
    const model = compiled(weights)
    const { net, step } = byHand(weights)
    await model.fit(data, { epochs: 5, batchSize: n, shuffle: false })
    for (let i = 0; i < 5; i++) step()
    expect(kernels(model)).toEqual(kernels(net))
  })

  test('takes sample weights by output, or for all', async () => {
    const w = Float32Array.from({ length: n }, (_, i) => i % 4)
    const one = compiled()
    const { net, step } = byHand({ price: 1, kind: 1 }, (l) => l.mul(tensor(w)))
    await one.fit({ ...data, sampleWeight: { price: w } }, { batchSize: n, shuffle: false })
    step()
    for (const [i, [path, values]] of kernels(one).entries()) {
      expect(path).toBe(kernels(net)[i]![0])
      expect((values as number[]).flat()).toEqual(
        (kernels(net)[i]![1] as number[]).flat().map((v) => expect.closeTo(v, 5)),
      )
    }
    const all = compiled()
    const both = compiled()
    await all.fit({ ...data, sampleWeight: w }, { shuffle: false })
    await both.fit({ ...data, sampleWeight: { price: w, kind: w } }, { shuffle: false })
    expect(kernels(all)).toEqual(kernels(both))
  })

  test('predicts in the structure of its outputs, from all forms of inputs', async () => {
    const model = houses()
    const whole = await model.predict(data.x)
    expect(Object.keys(whole)).toEqual(['price', 'kind'])
    expect([whole.price.shape, whole.kind.shape]).toEqual([
      [n, 1],
      [n, 2],
    ])
    const flat = (t: { price: Tensor; kind: Tensor }) => [t.price.toArray(), t.kind.toArray()]
    const forms = [
      model.predict(data.x, { batchSize: 3 }),
      model.predict(new Dataset(data), { batchSize: 4 }),
      model.predict({ size: tensor(size), image: { data: Float32Array.from(image.flat()), shape: [n, 2] } }),
      model.predictSync(data.x),
    ]
    for (const form of forms) expect(flat(await form)).toEqual(flat(whole))
    await expect(model.predictClasses(data.x)).rejects.toMatchObject({ code: 'ERR_OPTION' }) // prices are no classes
  })

  test('is profiled, printed and summed up', async () => {
    const model = compiled()
    expect((await model.profile(data, { steps: 2 })).mode).toBe('train')
    expect((await model.profile(data, { steps: 2, mode: 'predict' })).mode).toBe('predict')
    expect(model.printProgram(data)).toContain('crossEntropy')
    expect(model.summary()).toContain('price [?, 1], kind [?, 2]')
    expect(model.inputShape).toEqual({ image: [2], size: [1] })
  })
})

test('a data set knows its names, and so do its parts', async () => {
  const set = new Dataset(data)
  const { x, y } = set.samples(1, 3)
  expect(x.image.toArray()).toEqual(tensor([image[1]!, image[3]!]).toArray())
  expect(y!.kind.toArray()).toEqual([1, 1])
  const [first, rest] = set.split(0.5)
  for await (const batch of first.batches({ batchSize: 2 })) expect(batch.x.size.shape).toEqual([batch.size, 1])
  const model = compiled()
  await model.fit(first, { validation: rest })
  expect((await model.predict(rest.take([2, 0]))).price.shape).toEqual([2, 1])
})

describe('what does not fit is refused, by name', () => {
  const cases: [string, () => unknown, string, RegExp][] = [
    [
      'one loss',
      () =>
        houses()
          .compile({ optimizer: 'sgd', loss: 'meanSquaredError' as never })
          .fit(data),
      'ERR_OPTION',
      /the model has the outputs price, kind; give a loss for each of them, loss: { price: ..., kind: ... }, got one loss/,
    ],
    [
      'a loss too few',
      () =>
        houses()
          .compile({ optimizer: 'sgd', loss: { price: 'meanSquaredError' } as never })
          .fit(data),
      'ERR_OPTION',
      /got losses for price/,
    ],
    [
      'a metric of no output',
      () =>
        houses().compile({
          optimizer: 'sgd',
          loss: { price: 'mse', kind: 'categoricalCrossentropy' },
          metrics: { kinds: ['accuracy'] } as never,
        }),
      'ERR_OPTION',
      /option 'metrics': 'loss' has no 'kinds'. Did you mean 'kind'\?/,
    ],
    [
      'metrics as a list',
      () =>
        houses().compile({
          optimizer: 'sgd',
          loss: { price: 'mse', kind: 'categoricalCrossentropy' },
          metrics: ['accuracy'] as never,
        }),
      'ERR_OPTION',
      /option 'metrics' must be an object by output/,
    ],
    [
      'one y',
      () => compiled().fit({ x: data.x, y: price as never }),
      'ERR_DATA',
      /give y as { price, kind }, got one array/,
    ],
    [
      'a y too few',
      () => compiled().fit({ x: data.x, y: { price } as never }),
      'ERR_DATA',
      /give y as { price, kind }, got price/,
    ],
    [
      'names for one output',
      () => new Model([dense(1)]).compile({ optimizer: 'sgd', loss: 'mse' }).fit({ x: image, y: { price } as never }),
      'ERR_DATA',
      /the model has one output, but y has names: price/,
    ],
    [
      'losses for one output',
      () =>
        new Model([dense(1)]).compile({ optimizer: 'sgd', loss: { a: 'mse' } as never }).fit({ x: image, y: price }),
      'ERR_OPTION',
      /the model has one output, but there are losses for a/,
    ],
    [
      'an input too few',
      async () => {
        const m = compiled()
        await m.fit(data)
        await m.predict({ image } as never)
      },
      'ERR_DATA',
      /the model has the inputs image, size; give { image, size }, got an object with image/,
    ],
    [
      'one input',
      async () => {
        const m = compiled()
        await m.fit(data)
        m.predictSync(image as never)
      },
      'ERR_DATA',
      /got one array/,
    ],
    [
      'inputs of different lengths',
      () => compiled().fit({ x: { image, size: size.slice(1) }, y: data.y }),
      'ERR_DATA',
      /x.image has 10 samples, but x.size has 9/,
    ],
    [
      'another shape of one input',
      async () => {
        const m = compiled()
        await m.fit(data)
        await m.predict({ image: size, size })
      },
      'ERR_SHAPE',
      /predict.image: expected samples of shape \[\?, 2], got \[10, 1]/,
    ],
    [
      'a weight of no output',
      () => compiled().fit({ ...data, sampleWeight: { prices: price } }),
      'ERR_DATA',
      /sampleWeight.prices belongs to no output: y has price, kind/,
    ],
    ['an empty object', () => compiled().fit({ x: {} as never, y: data.y }), 'ERR_DATA', /x is an empty object/],
    [
      'a class that there is not',
      () => compiled().fit({ ...data, y: { price, kind: kind.map((k, i) => (i === 7 ? 2 : k)) } }, { shuffle: false }),
      'ERR_DATA',
      /label 2 .*expected an integer from 0 to 1.*sample 7/,
    ],
    [
      'fractions as classes',
      () => compiled().fit({ ...data, y: { price, kind: price } }),
      'ERR_DATA',
      /y.kind: the labels are class numbers and must be integers, got fractions: sample 0 has 0.5/,
    ],
  ] // prettier-ignore
  test.each(cases)('%s', async (_, call, code, message) => {
    await expect((async () => call())()).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})

describe('whole numbers stay whole', () => {
  const base = 2 ** 24
  /** A row of a table that begins at 2²⁴: float32 cannot tell its neighbours apart. */
  class Lookup extends Layer {
    table!: Parameter
    protected override build() {
      this.table = parameter([4, 1], 'zeros')
    }
    protected override forward(ids: Tensor) {
      return gather(this.table, ids.sub(base).reshape([-1]))
    }
  }
  const ids = Int32Array.of(base, base + 1, base + 2, base + 3)
  const x = { data: ids, shape: [4, 1] }
  const lookup = () => {
    const layer = new Lookup()
    const model = new Model([layer], { seed: 1 }).compile({ optimizer: sgd({ learningRate: 1 }), loss: 'mse' })
    return { layer, model }
  }
  const set = (layer: Lookup) => layer.table.set([[1], [2], [3], [4]])

  test('in predictions: typed arrays, and nested ones for a model that has seen whole numbers', async () => {
    const { layer, model } = lookup()
    model.build([1])
    set(layer)
    const right = [[1], [2], [3], [4]]
    expect(model.predictSync(x).toArray()).toEqual(right)
    expect((await model.predict(x, { batchSize: 3 })).toArray()).toEqual(right)
    expect((await model.predict(Array.from(ids, (id) => [id]))).toArray()).toEqual(right)
    expect(model.predictSync(Array.from(ids, (id) => [BigInt(id)]) as never).toArray()).toEqual(right)
    expect((await model.predict(new Dataset({ x }))).toArray()).toEqual(right)
    await expect(model.predict([[base + 0.5]])).rejects.toMatchObject({ code: 'ERR_DATA' })
    expect(() => model.predictSync([[1.5]])).toThrow('predict: 1.5 at [0][0] is no whole number')
  })

  test('in fit and evaluate', async () => {
    const { layer, model } = lookup()
    await model.fit({ x, y: [1, 2, 3, 4] }, { epochs: 60, batchSize: 4 })
    const { loss } = await model.evaluate({ x, y: [1, 2, 3, 4] })
    expect(loss).toBeLessThan(1e-6)
    expect(layer.table.toArray(2).flat().map(Math.round)).toEqual([1, 2, 3, 4])
  })

  test('where layers only take floats, fractions may follow', async () => {
    const model = new Model([dense(2), dropout(0.1)], { seed: 2 })
    const whole = await model.predict({ data: Int32Array.of(1, 2, 3, 4), shape: [2, 2] })
    const nested = model.predictSync([
      [1, 2],
      [3, 4],
    ])
    expect(nested.toArray()).toEqual(whole.toArray())
    expect(model.predictSync([[0.5, 1]]).shape).toEqual([1, 2])
  })
})

test('it is saved, loaded and cloned with its losses, weights and metrics', async () => {
  class Saved extends House {
    static readonly type = 'house'
  }
  const model = new Model<{ loss: number }, In, Out>([new Saved()], { seed: 4 }).compile({
    optimizer: sgd({ learningRate: 0.1 }),
    loss: { price: 'mse', kind: losses.categoricalCrossentropy },
    metrics: { kind: ['accuracy'] },
    lossWeights: { price: 0.5 },
  })
  await model.fit(data, { epochs: 2 })
  const loaded = (await Model.load(model.toBytes(), { custom: [Saved] })) as unknown as typeof model
  const scores = await model.evaluate(data)
  expect(Object.keys(scores)).toEqual(['loss', 'priceLoss', 'kindLoss', 'kindAccuracy'])
  expect(await loaded.evaluate(data)).toEqual(scores)
  expect(await model.clone().evaluate(data)).toEqual(scores)
})
