// Data as people have them: they arrive as they are, or are refused by name, with what to write.
import { describe, expect, test } from 'vitest'
import {
  Dataset,
  dense,
  losses,
  type MetricFunction,
  Model,
  metrics,
  sgd,
  square,
  type Tensor,
  tensor,
  trainStep,
} from '../../src/index.ts'

const x = [
  [1, 0],
  [0, 1],
  [1, 1],
] // prettier-ignore
const classifier = () =>
  new Model([dense(3, { activation: 'softmax' })], { seed: 1 }).compile({
    optimizer: 'adam',
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  })
const regression = () => new Model([dense(1)], { seed: 1 }).compile({ optimizer: 'sgd', loss: 'mse' })

describe('targets have the dtype that the loss takes, whatever their values are', () => {
  const prices = [150000, 210000, 320000]
  const rows = [[1], [2], [3]]
  const relative = (y: Tensor, p: Tensor) => {
    const t = y.reshape([-1, 1])
    return p.sub(t).square().div(t.square()).mean({ axis: 1 })
  }
  const squares = metrics.custom('squares', (y) => y.square())
  const forms = { nested: prices, ints: Int32Array.from(prices), big: BigInt64Array.from(prices, BigInt) }
  test.each(Object.entries(forms))('own losses and metrics get float32: %s', async (_, y) => {
    const model = new Model([dense(1, { kernelInitializer: 'zeros' })], { seed: 1 })
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: relative, metrics: [squares] })
    const scores = await model.evaluate({ x: rows, y })
    expect(scores.loss).toBe(1)
    expect((scores as { squares?: number }).squares! / 56333333333.333336).toBeCloseTo(1, 6)
  })

  test('sums of targets do not wrap', async () => {
    const model = new Model([dense(1)], { seed: 1 })
    const total = metrics.custom('total', (y) => y.sum())
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: [total] })
    const n = Array.from({ length: 200 })
    const scores = await model.evaluate({ x: n.map(() => [1]), y: n.map(() => 16_000_000) })
    expect((scores as { total?: number }).total).toBe(3_200_000_000)
  })

  test('a loss of class numbers and a metric of quantities each get theirs', async () => {
    const model = new Model([dense(3, { activation: 'softmax' })], { seed: 1 })
    const half = metrics.custom('half', (y) => y.div(2))
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: [half, 'accuracy'] })
    expect(((await model.evaluate({ x, y: [0, 1, 2] })) as { half?: number }).half).toBe(0.5)
  })

  test('an own loss may still take class numbers', async () => {
    const own = (y: Tensor, p: Tensor) => losses.categoricalCrossentropy(y, p)
    const make = (loss: 'categoricalCrossentropy' | typeof own) =>
      new Model([dense(3, { activation: 'softmax' })], { seed: 1 }).compile({ optimizer: 'sgd', loss })
    const [a, b] = [make(own), make('categoricalCrossentropy')]
    await a.fit({ x, y: [0, 1, 2] }, { epochs: 3 })
    await b.fit({ x, y: [0, 1, 2] }, { epochs: 3 })
    expect(a.predictSync(x).toArray()).toEqual(b.predictSync(x).toArray())
    await expect(make(own).fit({ x, y: [0, 0.5, 2] })).rejects.toMatchObject({
      code: 'ERR_DATA',
      message: expect.stringMatching(/class number 0.5 at position \d is no integer.*sample 1 of the data/),
    })
  })
})

describe('integers of 64 bits', () => {
  const y = BigInt64Array.of(0n, 1n, 2n)
  test('are labels, inputs, weights', async () => {
    const rows = [BigInt64Array.of(1n, 0n), BigInt64Array.of(0n, 1n), BigInt64Array.of(1n, 1n)]
    const [a, b] = [classifier(), classifier()]
    const weights = [1, 2, 0]
    await a.fit({ x: rows, y, sampleWeight: BigUint64Array.from(weights, BigInt) }, { epochs: 2 })
    await b.fit({ x, y: [0, 1, 2], sampleWeight: Uint32Array.from(weights) }, { epochs: 2 })
    expect(a.predictSync(rows).toArray()).toEqual(b.predictSync(x).toArray())
    expect((await a.predict(rows)).toArray()).toEqual(b.predictSync(x).toArray())
    expect(new Dataset({ x: rows, y }).samples(0, 2).y!.toArray()).toEqual([0, 2])
  })

  test('and in a train step', async () => {
    const net = classifier()
    net.build([2])
    const step = trainStep({
      parameters: net,
      optimizer: sgd({ learningRate: 1 }),
      loss: (a: Tensor, k: Tensor) => losses.categoricalCrossentropy(k, net.apply(a)),
    })
    for (let i = 0; i < 300; i++) step.sync(x, y)
    expect((await net.predictClasses(x)).toArray()).toEqual([0, 1, 2])
  })

  test('that no int32 holds are refused with their place', async () => {
    const wrong = { x, y: BigInt64Array.of(0n, 1n, 5_000_000_000n) }
    const error = { code: 'ERR_DATA', message: expect.stringMatching(/^y: 5000000000n? at \[2] is outside int32/) }
    await expect(classifier().fit(wrong)).rejects.toMatchObject(error)
    expect(() => new Dataset(wrong)).toThrow(expect.objectContaining(error))
  })
})

describe('one number per sample', () => {
  const column = [[0.1], [0.2], [0.3]]
  const y = [1, 2, 3]
  const pairs = (a: Tensor, p: Tensor) => square(p.sub(a))
  const text =
    'loss: expected one number per sample, [3], got [3, 3] for labels [3] and predictions [3, 1]. Bring the labels into ' +
    'the shape of the predictions first: y.reshape(p.shape).'

  test('is what a loss gives: nothing that was broadcast by accident', async () => {
    const model = new Model([dense(1)], { seed: 1 }).compile({ optimizer: 'sgd', loss: pairs })
    await expect(model.fit({ x: column, y })).rejects.toMatchObject({ code: 'ERR_SHAPE', message: text })
    await expect(model.evaluate({ x: column, y })).rejects.toMatchObject({ code: 'ERR_SHAPE', message: text })
    const { epochs } = await model.fit({ x: column, y: y.map((v) => [v]) }) // [3, 1] is one number each
    expect(Number.isFinite(epochs[0]!.loss)).toBe(true)
  })

  test('and a metric', async () => {
    const model = new Model([dense(1)], { seed: 1 })
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [metrics.custom('pairs', pairs as MetricFunction)] })
    await expect(model.evaluate({ x: column, y })).rejects.toMatchObject({
      code: 'ERR_SHAPE',
      message: text.replace('loss:', 'pairs:'),
    })
  })

  test('and in a train step: a scalar, or [batch]', () => {
    const net = new Model([dense(1)], { seed: 1 })
    const step = (f: (a: Tensor, p: Tensor) => Tensor) =>
      trainStep({ parameters: net, optimizer: 'sgd', loss: (a: Tensor, b: Tensor) => f(b, net.apply(a)) })
    net.build([1])
    expect(() => step(pairs).sync(column, y)).toThrow(/one number per sample, \[batch], got \[3, 3]/)
    expect(step((a, p) => pairs(a.reshape(p.shape), p)).sync(column, y).loss).toBeGreaterThan(0)
  })

  test('a scalar is averaged already, which weights cannot follow', async () => {
    const loss = (a: Tensor, p: Tensor) => square(p.sub(a.reshape(p.shape))).mean()
    const make = () => new Model([dense(1)], { seed: 1 }).compile({ optimizer: 'sgd', loss })
    await make().fit({ x: column, y })
    await expect(make().fit({ x: column, y, sampleWeight: [1, 2, 3] })).rejects.toMatchObject({
      code: 'ERR_SHAPE',
      message: expect.stringContaining('with sample weights one per sample is needed, [3]'),
    })
  })
})

describe('refused, with what to write', () => {
  const y = [0, 1, 2]
  const cases: [title: string, call: () => unknown, code: string, message: string | RegExp][] = [
    [
      'a misspelled key',
      () => classifier().fit({ x, y, sampleWeights: [1, 1, 1] } as never),
      'ERR_DATA',
      "fit: data have no 'sampleWeights'. Did you mean 'sampleWeight'? Known: x, y, sampleWeight",
    ],
    [
      'labels',
      () => new Dataset({ x, labels: y } as never),
      'ERR_DATA',
      "Dataset: data have no 'labels'. Did you mean 'y'? Known: x, y, sampleWeight",
    ],
    [
      'two arrays',
      () => classifier().fit(x as never, y as never),
      'ERR_DATA',
      /expected { x, y } or a Dataset, got an array of 3.*fit\({ x, y }\)|fit: expected an options object/,
    ],
    [
      'negative weights',
      () => classifier().fit({ x, y, sampleWeight: [1, -2, 1] }),
      'ERR_DATA',
      /sampleWeight of sample 1 is -2; weights are 0 or more/,
    ],
    [
      'weights of 0',
      () => classifier().evaluate({ x, y, sampleWeight: [0, 0, 0] }),
      'ERR_DATA',
      /sampleWeight is 0 for all samples/,
    ],
    [
      'weights per class',
      () =>
        classifier().fit({
          x,
          y,
          sampleWeight: [
            [1, 1],
            [1, 1],
            [1, 1],
          ],
        }),
      'ERR_SHAPE',
      /sampleWeight has shape \[3, 2], expected one number per sample, \[3]/,
    ],
    [
      'NaN in predict',
      () =>
        classifier().predict([
          [1, 2],
          [3, Number.NaN],
        ]),
      'ERR_DATA',
      /predict: sample 1 holds NaN/,
    ],
    [
      'Infinity in predictSync',
      () => {
        const m = classifier()
        m.build([2])
        m.predictSync([
          [1, 2],
          [Infinity, 1],
        ])
      },
      'ERR_DATA',
      /predict: sample 1 holds Infinity/,
    ],
    [
      'NaN in predictClasses',
      () => classifier().predictClasses(tensor([[Number.NaN, 1]])),
      'ERR_DATA',
      /predict: sample 0 holds NaN/,
    ],
    [
      'a list of numbers as x',
      () => regression().fit({ x: [1, 2, 3], y }),
      'ERR_SHAPE',
      /got \[3]. Of one number per sample make a row: x.map\(\(v\) => \[v]\)/,
    ],
    [
      '1e39',
      () => regression().fit({ x: [[1e39], [1], [2]], y }),
      'ERR_DATA',
      /x: 1e\+39 at \[0]\[0] is too large for float32/,
    ],
  ] // prettier-ignore
  test.each(cases)('%s', async (_, call, code, message) => {
    const error = { code, message: typeof message === 'string' ? message : expect.stringMatching(message) }
    await expect((async () => call())()).rejects.toMatchObject(
      code === 'ERR_DATA' && _ === 'two arrays' ? { message: error.message } : error,
    )
  })

  test('and the advice for x as a list of numbers works', async () => {
    await regression().fit({ x: [1, 2, 3].map((v) => [v]), y })
  })

  test('a data set is predicted in batches of any size', async () => {
    const n = 200_001
    const data = new Dataset({ x: { data: new Float32Array(n).fill(1), shape: [n, 1] } })
    const model = regression()
    expect((await model.predict(data, { batchSize: 200_000 })).shape).toEqual([n, 1])
  })
})
