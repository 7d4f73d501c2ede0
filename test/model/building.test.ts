// A model is described with the batch that it gets: what a layer can do, it can do in a model.
import { describe, expect, test } from 'vitest'
import {
  concat,
  dense,
  dropout,
  initializers,
  Layer,
  Model,
  matmul,
  type Parameter,
  parameter,
  RandomState,
  type Shape,
  sgd,
  stack,
  type Tensor,
  tensor,
  trainStep,
} from '../../src/index.ts'

class Fn extends Layer {
  readonly f: (x: Tensor, inner: Layer) => Tensor
  readonly inner = dense(3, { kernelInitializer: 'ones' })

  constructor(f: (x: Tensor, inner: Layer) => Tensor) {
    super({})
    this.f = f
  }

  protected override forward(x: Tensor) {
    return this.f(x, this.inner)
  }
}

const ramp = (...shape: number[]) => {
  const n = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Float32Array.from({ length: n }, (_, i) => (i % 7) / 7 - 0.3),
    { shape },
  )
}

const w = ramp(5, 2)
const functions: [title: string, sample: number[], f: (x: Tensor, inner: Layer) => Tensor][] = [
  ['at', [4, 5], (x) => x.at(':', 0)],
  ['at, from the end', [4, 5], (x) => x.at(':', '-2:', '::2')],
  ['concat', [5], (x) => concat([x, x.square()], 1)],
  ['stack', [5], (x) => stack([x, x.neg()], 1)],
  ['a sum over an axis', [4, 5], (x) => x.sum({ axis: 1 })],
  ['a mean over the last axis', [4, 5], (x) => x.sub(x.mean({ axis: -1, keepdims: true }))],
  ['a maximum over two axes', [4, 5], (x) => x.max({ axis: [1, 2] })],
  ['a mean over the batch', [5], (x) => x.sub(x.mean({ axis: 0 }))],
  ['3-D by 2-D', [4, 5], (x) => matmul(x, w)],
  ['3-D by 3-D', [4, 5], (x) => matmul(x, x.transpose([0, 2, 1]))],
  ['the size of the batch', [5], (x) => x.mul(x.shape[0]!)],
  ['a shape with the batch', [4, 5], (x) => x.reshape([x.shape[0]!, 20])],
  ['dense on a sequence', [4, 5], (x, inner) => inner.apply(x)],
  ['only an even batch', [5], (x) => x.reshape([x.shape[0]! / 2, 2, 5]).reshape([-1, 5])],
]

describe.each(functions)('%s', (_, sample, f) => {
  const x = ramp(6, ...sample)
  const model = () => new Model([new Fn(f)], { seed: 1 })

  test('a model predicts what the layer gives', async () => {
    const expected = new Fn(f).apply(x).toArray()
    expect((await model().predict(x)).toArray()).toEqual(expected)
    expect(model().predictSync(x).toArray()).toEqual(expected)
  })

  test('and is trained in front of a dense layer, as a step trains it', async () => {
    const flat = (t: Tensor) => t.reshape([t.shape[0]!, -1])
    const layers = () => [dense(sample.at(-1)!), new Fn((t, inner) => flat(f(t, inner))), dense(1)]
    const y = [[1], [2], [0], [1], [0.5], [0]]
    const fitted = new Model(layers(), { seed: 5 }).compile({
      optimizer: sgd({ learningRate: 0.1 }),
      loss: 'meanSquaredError',
    })
    const stepped = new Model(layers(), { seed: 5 })
    const step = trainStep({
      parameters: stepped,
      optimizer: sgd({ learningRate: 0.1 }),
      loss: (a: Tensor, b: Tensor) => stepped.apply(a).sub(b).square().mean({ axis: 1 }),
    })
    stepped.build(sample)
    await fitted.fit({ x, y }, { epochs: 3, batchSize: 6, shuffle: false })
    for (let i = 0; i < 3; i++) await step(x, y)
    expect(fitted.predictSync(x).toArray()).toEqual(stepped.predictSync(x).toArray())
    const { loss } = await fitted.evaluate({ x, y }, { batchSize: 2 })
    expect(loss).toBeGreaterThan(0)
  })
})

test('weights are drawn as if the batch were another', () => {
  const layers = () => [dense(4), dropout(0.2), dense(3, { kernelInitializer: 'heNormal' })]
  const built = new Model(layers(), { seed: 3 })
  const seen = new Model(layers(), { seed: 3 })
  built.build([2])
  seen.predictSync([[1, 2]])
  for (const [path, values] of Object.entries(built.getParameters()))
    expect(values.toArray()).toEqual(seen.getParameters()[path]!.toArray())
})

describe('build', () => {
  test('finds a batch that the layers take, and draws once', () => {
    const one = new Fn((x) => x.reshape([1, 2]))
    const generator = new RandomState(0)
    const kernelInitializer = initializers.normal({ generator })
    const model = new Model([dense(2, { kernelInitializer }), one], { seed: 1 })
    model.build([2])
    const again = new RandomState(0)
    const drawn = again.randn(2, 2).mul(0.05).toArray()
    expect(model.getParameters()['dense.kernel']!.toArray()).toEqual(drawn)
    expect(model.predictSync([[1, 1]]).shape).toEqual([1, 2])
    expect(model.summary()).toContain('[1, 2]')
  })

  test('a build that fails leaves nothing behind', async () => {
    class Halves extends Layer {
      list: Layer[] = []
      half!: Parameter
      protected override build([, n]: Shape) {
        this.list.push(dense(n!))
        this.half = parameter([n!], 'ones')
        if (n! % 2) throw new Error('odd')
      }
      protected override forward(x: Tensor) {
        return this.list[0]!.apply(x).mul(this.half)
      }
    }
    const halves = new Halves()
    const first = dense(2)
    const model = new Model([first, halves, new Fn((x) => x.reshape([-1, 4]))], { seed: 2 })
    const odd = new Model([dense(3), new Halves()], { seed: 2 })
    expect(() => odd.build([2])).toThrow('odd')
    expect([...odd.parameters().keys()]).toEqual([])
    expect(() => model.predictSync([[1, 2, 3]])).toThrow(/reshape/)
    expect([...model.parameters().keys()]).toEqual([])
    expect(halves.list).toEqual([])
    expect(first.built).toBe(false)
    expect(model.predictSync([[1], [2]]).shape).toEqual([1, 4])
    expect([...model.parameters().keys()]).toEqual(
      ['dense.kernel', 'dense.bias', 'layer1.list.0.kernel', 'layer1.list.0.bias', 'layer1.half'].map((path) =>
        path.replace('layer1', halves.name),
      ),
    )
  })

  test('nor does a step, or a layer that is applied alone', () => {
    const layer = dense(3)
    const step = trainStep({
      parameters: layer,
      optimizer: 'sgd',
      loss: (x: Tensor) => layer.apply(x).reshape([-1, 2]).mean(),
    })
    expect(() => step.sync([[1, 2]])).toThrow(/reshape/)
    expect([...layer.parameters().keys()]).toEqual([])
    expect(layer.apply(tensor([[1, 2, 3, 4]])).shape).toEqual([1, 3])
  })
})

test('summary tells which sizes follow the batch', () => {
  const model = new Model([dense(3), new Fn((x) => x.reshape([x.shape[0]! * 3])), new Fn((x) => stack([x, x], 0))], {
    seed: 1,
  })
  model.build([2])
  const shapes = [...model.summary().matchAll(/\[.*\]/g)].map(String)
  expect(shapes).toEqual(['[?, 3]', '[?]', '[2, ?]'])
})

test('layers that have weights already are trained by the model that takes them over', async () => {
  const layer = dense(2, { kernelInitializer: 'zeros' })
  layer.apply(tensor([[0, 0, 0]]))
  layer.kernel.set([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  const model = new Model([layer]).compile({ optimizer: sgd({ learningRate: 0 }), loss: 'meanSquaredError' })
  await model.fit({ x: [[1, 0, 0]], y: [[1, 2]] })
  expect((await model.predict([[0, 0, 1]])).toArray(2)).toEqual([[5, 6]])
})
