// A graph of layers and operations computes, trains and shares as the same written as a layer of one's own.
import { describe, expect, test } from 'vitest'
import {
  type Context,
  concat,
  dense,
  dropout,
  gather,
  input,
  Layer,
  losses,
  Model,
  type Parameter,
  parameter,
  type Shape,
  type State,
  sgd,
  state,
  type Tensor,
  tensor,
  trainStep,
  where,
} from '../../src/index.ts'
import { bits } from '../support/book.ts'

const n = 10
const image = Array.from({ length: n }, (_, i) => [Math.sin(i), Math.cos(i), Math.sin(3 * i)])
const size = Array.from({ length: n }, (_, i) => [1 + (i % 3)])
const price = Array.from({ length: n }, (_, i) => [i / 3 + 0.5])
const kind = Array.from({ length: n }, (_, i) => i % 2)
const data = { x: { image, size }, y: { price, kind } }

type In = { image: Tensor; size: Tensor }
type Out = { price: Tensor; kind: Tensor }

/** What the graph below computes, as a layer. */
class House extends Layer<In, Out> {
  readonly shared = dense(3, { activation: 'tanh', name: 'shared' })
  readonly price = dense(1, { name: 'price' })
  readonly kind = dense(2, { activation: 'softmax', name: 'kind' })

  protected override forward({ image, size }: In): Out {
    const h = this.shared.apply(this.shared.apply(image)).add(image)
    return { price: this.price.apply(concat([h, size], -1)), kind: this.kind.apply(h.mul(size).relu()) }
  }
}

function house() {
  const [photo, area] = [input([3], { name: 'photo' }), input([1])]
  const shared = dense(3, { activation: 'tanh', name: 'shared' })
  const h = shared.apply(shared.apply(photo)).add(photo)
  const outputs = {
    price: dense(1, { name: 'price' }).apply(concat([h, area], -1)),
    kind: dense(2, { activation: 'softmax', name: 'kind' }).apply(h.mul(area).relu()),
  }
  return new Model({ inputs: { image: photo, size: area }, outputs }, { seed: 4 })
}

const compile = { optimizer: sgd({ learningRate: 0.1 }), metrics: { kind: ['accuracy'] } } as const
const bothLosses = { price: 'meanSquaredError', kind: 'categoricalCrossentropy' } as const
const lossWeights = { price: 0.3, kind: 2 }
const weights = (model: Layer<never, never>) => [...model.parameters().values()].map(bits)

test('a graph is trained, scored and asked as the same layer of one’s own: the same bits', async () => {
  const own = new Model<{ loss: number }, In, Out>([new House()], { seed: 4 }).compile({
    ...compile,
    loss: bothLosses,
    lossWeights,
  })
  const graph = house().compile({ ...compile, loss: bothLosses, lossWeights })
  own.build({ image: [3], size: [1] })
  expect(weights(graph as never)).toEqual(weights(own as never))
  const options = { epochs: 4, batchSize: 4 } // two whole batches and a partial one
  const [a, b] = [
    await graph.fit(data, { ...options, validation: data }),
    await own.fit(data, { ...options, validation: data }),
  ]
  expect(a.epochs).toEqual(b.epochs)
  expect(weights(graph as never)).toEqual(weights(own as never))
  expect(await graph.evaluate(data, { batchSize: 3 })).toEqual(await own.evaluate(data, { batchSize: 3 }))
  const [p, q] = [await graph.predict(data.x, { batchSize: 3 }), await own.predict(data.x, { batchSize: 3 })]
  expect([bits(p.price), bits(p.kind)]).toEqual([bits(q.price), bits(q.kind)])
  expect(Object.keys(p)).toEqual(['price', 'kind'])
  for (const count of [1, 7]) {
    const some = { image: image.slice(0, count), size: size.slice(0, count) }
    expect(bits(graph.predictSync(some).kind)).toEqual(bits(own.predictSync(some).kind))
  }
})

test('layers in a row and the same as a graph have the same weights and bits', async () => {
  const layers = () => [dense(4, { activation: 'relu' }), dropout(0.3), dense(1)]
  const row = new Model(layers(), { seed: 7 }).compile({ optimizer: 'adam', loss: 'mse' })
  const x = input([3])
  const outputs = layers().reduce((h: Tensor, layer) => layer.apply(h), x)
  const graph = new Model({ inputs: x, outputs }, { seed: 7 }).compile({ optimizer: 'adam', loss: 'mse' })
  const given = { x: image, y: price }
  expect((await graph.fit(given, { epochs: 3, batchSize: 4 })).epochs).toEqual(
    (await row.fit(given, { epochs: 3, batchSize: 4 })).epochs,
  )
  expect(weights(graph as never)).toEqual(weights(row as never))
  expect(Object.keys(graph.getParameters())).toEqual(['dense.kernel', 'dense.bias', 'dense1.kernel', 'dense1.bias'])
})

describe('a graph', () => {
  test('has its weights at once, by its seed, and knows its shapes', () => {
    const [a, b] = [house(), house()]
    expect(weights(a as never)).toEqual(weights(b as never))
    expect(a.inputShape).toEqual({ image: [3], size: [1] })
    expect(a.layer('shared').parameters().size).toBe(2)
    a.build({ image: [3], size: [1] })
    expect(a.parameters().size).toBe(6)
  })

  test('takes layers that have values as they are', () => {
    const known = dense(2)
    known.apply(tensor([[1, 2, 3]]))
    const before = bits(known.kernel)
    const x = input([3])
    new Model({ inputs: x, outputs: dense(1).apply(known.apply(x)) }, { seed: 1 })
    expect(bits(known.kernel)).toEqual(before)
    // Read before there was a model: drawn then, and kept.
    const late = dense(2)
    const y = late.apply(x)
    const drawn = bits(late.kernel)
    expect(late.kernel.abs().min().item()).toBeGreaterThan(0)
    new Model({ inputs: x, outputs: y }, { seed: 1 })
    expect(bits(late.kernel)).toEqual(drawn)
  })

  test('shares its layers with other models, which begin and end elsewhere', async () => {
    const model = house().compile({ ...compile, loss: bothLosses })
    const [a, b] = [input([3]), input([1])]
    const seen = model.apply({ image: a, size: b })
    const kindOnly = new Model({ inputs: { a, b }, outputs: seen.kind.argmax({ axis: -1 }) })
    const x = { a: image, b: size }
    await model.fit(data, { epochs: 20 })
    const expected = (await model.predict(data.x)).kind.argmax({ axis: 1 })
    expect((await kindOnly.predict(x)).toArray()).toEqual(expected.toArray())
    const t = input([3])
    const h = t.mul(2)
    const part = new Model({ inputs: h, outputs: model.layer('shared').apply(h) as Tensor })
    expect(bits(part.predictSync(image))).toEqual(bits(model.layer('shared').apply(tensor(image))))
  })

  test('follows the batch in its operations', () => {
    const x = input([2])
    const [batch] = x.shape
    const outputs = {
      centred: x.sub(x.mean({ axis: 0 })),
      last: x.at(-1).add(x.at('::-1')).add(x.at('1:').sum()),
      pairs: x.reshape([batch!, 1, 2]).broadcastTo([batch!, 3, 2]).reshape([-1, 6]),
      doubled: concat([x, x.at(':1')], 0)
        .sum({ axis: 0 })
        .add(x.mul(0)),
      chosen: gather(x, x.at(':', 0).mul(0).cast('int32')),
      masked: where(x.greater(0), x, -1e9).clip(-1e9, 1e9),
      filled: tensor(2).broadcastTo(x.shape).mul(x),
    }
    const model = new Model({ inputs: x, outputs })
    for (const count of [1, 2, 5, 33]) {
      const given = tensor(
        Float32Array.from({ length: 2 * count }, (_, i) => Math.sin(i)),
        { shape: [count, 2] },
      )
      const got = model.predictSync(given)
      const flat = (t: Tensor) => Array.from(t.data())
      expect(flat(got.centred)).toEqual(flat(given.sub(given.mean({ axis: 0 }))))
      expect(flat(got.last)).toEqual(flat(given.at(-1).add(given.at('::-1')).add(given.at('1:').sum())))
      expect(got.pairs.shape).toEqual([count, 6])
      expect(flat(got.doubled)).toEqual(
        flat(
          concat([given, given.at(':1')], 0)
            .sum({ axis: 0 })
            .add(given.mul(0)),
        ),
      )
      expect(flat(got.chosen)).toEqual(flat(given.at(':1').broadcastTo([count, 2])))
      expect(flat(got.masked)).toEqual(flat(where(given.greater(0), given, -1e9)))
      expect(flat(got.filled)).toEqual(flat(given.mul(2)))
    }
  })

  test('takes ids as int32', async () => {
    const ids = input([2], { dtype: 'int32', name: 'ids' })
    class Table extends Layer {
      rows!: Parameter
      protected override build() {
        this.rows = parameter([5, 3])
      }
      protected override forward(x: Tensor) {
        return gather(this.rows, x)
      }
    }
    const model = new Model({ inputs: ids, outputs: new Table().apply(ids).sum({ axis: 1 }) }, { seed: 1 })
    const rows = model.getParameters()['Table.rows']!
    const got = model.predictSync([
      [0, 4],
      [1, 1],
    ])
    expect(bits(got.at(1))).toEqual(bits(rows.at(1).mul(2)))
    await expect(model.predict([[0.5, 1]])).rejects.toMatchObject({ code: 'ERR_DATA' })
    model.compile({ optimizer: 'adam', loss: 'mse' })
    await model.fit({ x: tensor([[0, 4]], { dtype: 'int32' }), y: [[1, 2, 3]] })
  })

  test('draws dropout anew in each call, and always where a call says so', () => {
    const x = input([200])
    const drop = dropout(0.5)
    const outputs = { a: drop.apply(x), b: drop.apply(x), always: drop.apply(x, { mode: 'train' }) }
    const model = new Model({ inputs: x, outputs }, { seed: 1 })
    const given = tensor(new Float32Array(200).fill(1), { shape: [1, 200] })
    const trained = model.apply(given, { mode: 'train' })
    expect(bits(trained.a)).not.toEqual(bits(trained.b))
    const predicted = model.predictSync(given)
    expect(bits(predicted.a)).toEqual(bits(given))
    expect(predicted.always.data().filter((v) => v === 0).length).toBeGreaterThan(50)
  })

  test('has states and losses of its layers', async () => {
    class Running extends Layer {
      mean!: State
      protected override build(shape: Shape) {
        this.mean = state([shape.at(-1)!])
      }
      protected override forward(x: Tensor, context: Context) {
        context.update(this.mean, this.mean.mul(0.5).add(x.mean({ axis: 0 })))
        context.addLoss(x.square().mean())
        return x.sub(this.mean)
      }
    }
    const x = input([3])
    const running = new Running()
    const model = new Model({ inputs: x, outputs: dense(1).apply(running.apply(x)) }, { seed: 1 })
    expect(running.mean.toArray()).toEqual([0, 0, 0])
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    const { epochs } = await model.fit({ x: image, y: price }, { batchSize: n })
    expect(epochs[0]!.regularizationLoss).toBeCloseTo(tensor(image).square().mean().item(), 5)
    expect(running.mean.toArray(1)).toEqual(
      tensor(image)
        .mean({ axis: 0 })
        .toArray(1)
        .map((v) => expect.closeTo(v, 6)),
    )
    expect([...model.states().keys()]).toEqual(['Running.mean'])
  })

  test('updates the states of a layer that is called twice one after the other', async () => {
    class Running extends Layer {
      readonly mean = state([3])
      protected override forward(x: Tensor, context: Context) {
        context.update(this.mean, this.mean.mul(0.5).add(x.mean({ axis: 0 })))
        return x.sub(this.mean)
      }
    }
    const x = input([3])
    const running = new Running()
    const model = new Model({ inputs: x, outputs: dense(1).apply(running.apply(running.apply(x).mul(3))) }, { seed: 1 })
    running.mean.set([1, 2, 3])
    const given = tensor(image)
    const start = tensor([1, 2, 3])
    // All outputs of the step see the old state; the second next value starts from the first.
    const first = start.mul(0.5).add(given.mean({ axis: 0 }))
    const second = first.mul(0.5).add(given.sub(start).mul(3).mean({ axis: 0 }))
    const expected = second.toArray(1).map((v) => expect.closeTo(v, 5))
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    await model.fit({ x: image, y: price }, { batchSize: n })
    expect(running.mean.toArray(1)).toEqual(expected)
    running.mean.set([1, 2, 3])
    model.apply(given)
    expect(running.mean.toArray(1)).toEqual(expected)
  })

  test('trains what is not frozen', async () => {
    const model = house().compile({ ...compile, loss: bothLosses })
    model.layer('shared').trainable = false
    const before = weights(model as never)
    await model.fit(data)
    const after = weights(model as never)
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
    expect(after[2]).not.toEqual(before[2])
  })

  test('trains weights that an operation uses, too', () => {
    const x = input([3])
    const encoder = dense(2, { useBias: false })
    const model = new Model({ inputs: x, outputs: encoder.apply(x).matmul(encoder.kernel.T) }, { seed: 2 })
    const step = trainStep({
      parameters: model,
      optimizer: sgd({ learningRate: 0.1 }),
      loss: (a: Tensor) => losses.meanSquaredError(a, model.apply(a)).mean(),
    })
    const first = step.sync(image).loss
    for (let i = 0; i < 50; i++) step.sync(image)
    const w = encoder.kernel
    const expected = tensor(image).matmul(w).matmul(w.T)
    expect(model.predictSync(image).sub(expected).abs().max().item()).toBeLessThan(1e-6)
    expect(step.sync(image).loss).toBeLessThan(0.9 * first)
  })

  test('can be made within a layer of one’s own', async () => {
    class Block extends Layer {
      inner!: Model
      protected override build(shape: Shape) {
        const x = input(shape.slice(1))
        this.inner = new Model({ inputs: x, outputs: dense(3).apply(x).add(x) })
      }
      protected override forward(x: Tensor) {
        return this.inner.apply(x)
      }
    }
    const make = () => new Model([new Block(), dense(1)], { seed: 5 }).compile({ optimizer: 'sgd', loss: 'mse' })
    const [a, b] = [make(), make()]
    for (const model of [a, b]) await model.fit({ x: image, y: price })
    expect(weights(a as never)).toEqual(weights(b as never))
    expect(Object.keys(a.getParameters())[0]).toBe('Block.inner.dense.kernel')
  })

  test('is summed up, printed and profiled', async () => {
    const model = house().compile({ ...compile, loss: bothLosses })
    expect(model.summary()).toMatchSnapshot()
    expect(model.printProgram(data)).toContain('crossEntropy')
    const profile = await model.profile(data, { steps: 2 })
    const layers = new Set(profile.layers.map(({ layer }) => layer))
    for (const name of ['shared', 'add', 'concat', 'price', 'mul', 'relu', 'kind']) expect(layers).toContain(name)
    expect(`${model.layer('price').apply(input([4]))}`).toBe(
      'Tensor [batch, 1] float32, not computed: it depends on an input',
    )
  })
})

test('numbers of any size are numbers, and not the batch', () => {
  const x = input([3])
  for (const value of [-1e30, 1e38, 3e23, 1e-24]) {
    const model = new Model({ inputs: x, outputs: where(x.greater(0), x, value) })
    const [y] = (model.predictSync([[1, -1, 2]]) as Tensor).toArray(2)
    expect(y).toEqual([1, Math.fround(value), 2])
  }
})
