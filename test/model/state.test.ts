// State: kept from step to step, not trained, and changed only by whole steps.
import { describe, expect, test } from 'vitest'
import {
  type Context,
  dense,
  gather,
  gradient,
  Layer,
  Model,
  program,
  type State,
  sgd,
  state,
  type Tensor,
  tensor,
  trainStep,
} from '../../src/index.ts'

/** Adds up its inputs over the batch, and gives x plus what it had before. */
class Total extends Layer {
  total: State = state([2])
  protected override forward(x: Tensor, context: Context) {
    context.update(this.total, this.total.add(x.sum({ axis: 0 })))
    return x.add(this.total)
  }
}

const values = (s: State) => [...s.data()]
const x = [
  [1, 2],
  [3, 4],
]

describe('the next value is written', () => {
  test('after an apply outside of programs, and a gradient goes through what was described', () => {
    const layer = new Total()
    const a = tensor(x)
    const y = layer.apply(a.mul(3))
    expect(values(layer.total)).toEqual([12, 18])
    expect(gradient(y.sum(), a).toArray()).toEqual([
      [3, 3],
      [3, 3],
    ])
    expect(y.toArray()).toEqual([
      [3, 6],
      [9, 12],
    ])
    expect(layer.apply(a).toArray()).toEqual([
      [13, 20],
      [15, 22],
    ])
    expect(values(layer.total)).toEqual([16, 24])
  })

  test('by program and its sync', async () => {
    const layer = new Total()
    const f = program((a: Tensor) => layer.apply(a))
    f.sync(x)
    expect(values(layer.total)).toEqual([4, 6])
    expect((await f(x)).toArray()).toEqual([
      [5, 8],
      [7, 10],
    ])
    expect(values(layer.total)).toEqual([8, 12])
  })

  test('by trainStep, and not where the step fails', async () => {
    const layer = new Total()
    const out = dense(1)
    const step = trainStep({ parameters: out, optimizer: 'sgd', loss: (a: Tensor) => out.apply(layer.apply(a)).mean() })
    await step(x)
    step.sync(x)
    expect(values(layer.total)).toEqual([8, 12])
    await expect(step([[Infinity, 0]])).rejects.toMatchObject({ code: 'ERR_NOT_FINITE' })
    expect(values(layer.total)).toEqual([8, 12])
  })

  test('by fit, evaluate, predict and predictSync, once per batch', async () => {
    const layer = new Total()
    const model = new Model([layer, dense(1)], { seed: 1 }).compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
    model.build([2])
    expect(values(layer.total)).toEqual([0, 0])
    model.summary()
    await model.profile({ x, y: [1, 2] }, { steps: 3 })
    expect(values(layer.total)).toEqual([0, 0])
    await model.fit({ x, y: [1, 2] }, { epochs: 2, batchSize: 1 })
    expect(values(layer.total)).toEqual([8, 12])
    await model.evaluate({ x, y: [1, 2] }, { batchSize: 1 })
    expect(values(layer.total)).toEqual([12, 18])
    await model.predict(x, { batchSize: 1 })
    model.predictSync(x)
    expect(values(layer.total)).toEqual([20, 30])
  })
})

test('a value whose computation fails leaves state and weights as they were', async () => {
  class Counts extends Layer {
    last = state([2])
    protected override forward(x: Tensor, { update }: Context) {
      update(this.last, gather([[1, 2]], x.at(0, 0).cast('int32')))
      return x
    }
  }
  const layer = new Counts()
  const f = program((a: Tensor) => layer.apply(a))
  await f([[0, 0]])
  expect(values(layer.last)).toEqual([1, 2])
  await expect(f([[1, 0]])).rejects.toMatchObject({ code: 'ERR_DATA' })
  expect(values(layer.last)).toEqual([1, 2])
})

test('all updates of a step read the old values', async () => {
  class Swap extends Layer {
    a = state([1], 'ones')
    b = state([1])
    protected override forward(x: Tensor, { update }: Context) {
      update(this.a, this.b.add(0))
      update(this.b, this.a.add(0))
      return x
    }
  }
  const layer = new Swap()
  const f = program((x: Tensor) => layer.apply(x))
  await f([1])
  expect([values(layer.a), values(layer.b)]).toEqual([[0], [1]])
  layer.apply(tensor([1]))
  expect([values(layer.a), values(layer.b)]).toEqual([[1], [0]])
})

test('states are found by path, are no parameters, and are not trained', async () => {
  const total = new Total()
  const model = new Model([dense(2), total], { seed: 1 }).compile({
    optimizer: sgd({ learningRate: 1 }),
    loss: 'meanSquaredError',
  })
  await model.fit({ x, y: x }, { shuffle: false })
  expect([...model.states().keys()]).toEqual([`${total.name}.total`])
  expect([...model.parameters().keys()]).toEqual(['dense.kernel', 'dense.bias'])
  expect(model.states().get(`${total.name}.total`)!.kind).toBe('state')
})

describe('what is refused', () => {
  class Wrong extends Layer {
    own: State = state([2])
    readonly what: (layer: Wrong, x: Tensor, context: Context) => void
    constructor(what: (layer: Wrong, x: Tensor, context: Context) => void) {
      super({})
      this.what = what
    }
    protected override forward(x: Tensor, context: Context) {
      this.what(this, x, context)
      return x
    }
  }
  const stranger = state([2])
  const cases: [string, (layer: Wrong, x: Tensor, context: Context) => void, RegExp][] = [
    [
      'another shape',
      (l, x, c) => c.update(l.own, x),
      /update: the state is float32 \[2], its next value float32 \[1, 2]/,
    ],
    ['another dtype', (l, _, c) => c.update(l.own, tensor([1, 2]).cast('int32')), /its next value int32 \[2]/],
    ['no tensor', (l, _, c) => c.update(l.own, 3 as never), /expected a tensor as the next value, got 3/],
    ['no state', (_, x, c) => c.update(x as never, x), /expected what state\(shape\) made, got a value of type Tensor/],
    ['a state of nobody', (_, x, c) => c.update(stranger, x.at(0)), /no public field of this layer leads to the state/],
    [
      'a second value',
      (l, x, c) => {
        c.update(l.own, x.at(0))
        c.update(l.own, x.at(0))
      },
      /has a next value already: one update per call/,
    ],
    [
      'a loss of two axes',
      (_, x, c) => c.addLoss(x),
      /addLoss: expected a scalar or one number per sample, \[batch], got \[1, 2]/,
    ],
  ]
  test.each(cases)('%s', async (_, what, text) => {
    const layer = new Wrong(what)
    expect(() => layer.apply(tensor([[1, 2]]))).toThrow(text)
    await expect(new Model([layer], { seed: 1 }).predict([[1, 2]])).rejects.toThrow(text)
    expect(values(layer.own)).toEqual([0, 0])
  })

  test('set with another shape', () => {
    expect(() => stranger.set([1])).toThrow('set: the state has shape [2], got [1]')
    stranger.set([1, 2])
    expect(values(stranger)).toEqual([1, 2])
  })
})

describe('addLoss', () => {
  class Activity extends Layer {
    protected override forward(x: Tensor, { addLoss }: Context) {
      addLoss(x.square().mean({ axis: 1 }))
      addLoss(x.sum().mul(0))
      return x
    }
  }
  const data = { x, y: [[0], [0]] }
  const make = () =>
    new Model([new Activity(), dense(1, { kernelInitializer: 'zeros' })], { seed: 1 }).compile({
      optimizer: sgd({ learningRate: 0 }),
      loss: 'meanSquaredError',
    })

  test('is a part of the training loss, and of nothing else', async () => {
    const model = make()
    const { epochs } = await model.fit(data, { epochs: 2, validation: data })
    expect(epochs[1]).toMatchObject({ loss: 7.5, dataLoss: 0, regularizationLoss: 7.5, valLoss: 0 })
    expect(await model.evaluate(data)).toEqual({ loss: 0 })
  })

  test('in trainStep too, where it has a gradient', () => {
    const scale = dense(2, { kernelInitializer: 'ones', useBias: false })
    const activity = new Activity()
    const step = trainStep({
      parameters: scale,
      optimizer: sgd({ learningRate: 1 }),
      loss: (a: Tensor) => activity.apply(scale.apply(a)).mean().mul(0),
    })
    // y = [[3, 3], [7, 7]]: the mean of squares is 29, its gradient xᵀ·y/2
    expect(step.sync(x).loss).toBe(29)
    expect(scale.kernel.toArray()).toEqual([
      [-11, -11],
      [-16, -16],
    ])
  })
})
