// What could not be loaded again is refused when it is saved, by name and with what to write instead; a copy carries what
// is in memory, and refuses what it could not make again.
import { describe, expect, test } from 'vitest'
import {
  activations,
  adam,
  Dataset,
  dense,
  Layer,
  losses,
  Model,
  metrics,
  optimizers,
  type Parameter,
  parameter,
  schedules,
  sgd,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { errorOf, shown } from '../support/errors.ts'

class Holder extends Layer {
  static readonly type = 'holder'
  protected override forward(x: Tensor) {
    return x
  }
}
class Nameless extends Layer {
  protected override forward(x: Tensor) {
    return x
  }
}
class Heir extends Holder {}
class Own extends Layer {
  static readonly type = 'own'
  readonly f: (x: Tensor) => Tensor
  constructor(f: (x: Tensor) => Tensor) {
    super({})
    this.f = f
  }
  protected override forward(x: Tensor) {
    return this.f(x)
  }
}
/** Another number of units each time that it is made from its own options. */
class Growing extends Layer {
  static readonly type = 'growing'
  kernel!: Parameter
  constructor({ units }: { units: number }) {
    super({ units: units * 2 })
  }
  protected override build() {
    this.kernel = parameter([2, this.options.units as number])
  }
  protected override forward(x: Tensor) {
    return x.matmul(this.kernel)
  }
}
/** Computes with what its options do not say. */
class Secret extends Layer {
  static readonly type = 'secret'
  factor = 1
  protected override forward(x: Tensor) {
    return x.mul(this.factor)
  }
}
class Hidden extends Layer {
  static readonly type = 'hidden'
  #inner: Layer
  constructor({ inner }: { inner: Layer }) {
    super({})
    this.#inner = inner ?? new Holder()
  }
  protected override forward(x: Tensor) {
    return this.#inner.apply(x)
  }
}
class Net extends Model {
  protected override forward(x: Tensor) {
    return x.mul(2)
  }
}
class Plain extends Model {
  constructor() {
    super([dense(2)], { seed: 1 })
  }
}

const one = (layer: Layer) => new Model([layer], { seed: 1 })
const holding = (value: unknown) => one(new Holder({ value }))
const compiled = (options: object) => one(dense(1)).compile({ optimizer: 'sgd', loss: 'mse', ...options } as never)
const cyclic: unknown[] = []
cyclic.push(cyclic)
let deep: unknown = 1
for (let i = 0; i < 600; i++) deep = [deep]
const a = activations.custom('twin', (x) => x)
const b = activations.custom('twin', (x) => x.neg())
const secret = new Secret()
secret.factor = 3
const inner = dense(2)
const listed = new (class extends Layer {
  static readonly type = 'listed'
  parts = [dense(2, { name: 'same' }), dense(2, { name: 'same' })]
  protected override forward(x: Tensor) {
    return this.parts.reduce((h, part) => part.apply(h), x)
  }
})()

const refused: [string, () => Model<never>][] = [
  ['an activation that is a plain function', () => one(dense(2, { activation: (x) => x.sin(), name: 'wave' }))],
  ['a loss that is a plain function', () => compiled({ loss: (y: Tensor, p: Tensor) => p.sub(y).square() })],
  ['a learning rate that is a plain function', () => compiled({ optimizer: adam({ learningRate: () => 0.1 }) })],
  ['a function deep in options', () => holding({ list: [1, { f: () => 1 }] })],
  ['a maker that was not called', () => holding(a)],
  ['a symbol', () => holding(Symbol('s'))],
  [
    'an object with a getter',
    () =>
      holding({
        get now() {
          return 1
        },
      }),
  ],
  ['an object with a symbol as a key', () => holding({ [Symbol('s')]: 1 })],
  ['an instance of a class', () => holding(new Dataset({ x: [[1]] }))],
  ['a regular expression', () => holding(/x/)],
  ['a list with holes', () => holding(new Array(3))],
  ['a value that contains itself', () => holding(cyclic)],
  ['a value that is very deep', () => holding(deep)],
  ['a parameter', () => holding(parameter([2]))],
  ['what is computed from a parameter', () => holding(parameter([2]).mul(2))],
  ['a class without a static type', () => one(new Nameless())],
  ['a class with the static type of another', () => one(new Heir())],
  [
    'two classes of one type',
    () =>
      new Model([
        new Holder(),
        new (class extends Layer {
          static readonly type = 'holder'
          protected override forward(x: Tensor) {
            return x
          }
        })(),
      ]),
  ],
  [
    'two functions of one name',
    () =>
      one(dense(2, { activation: a() })).compile({ optimizer: 'sgd', loss: 'mse' }) &&
      (new Model([dense(2, { activation: a() }), dense(2, { activation: b() })]) as never),
  ],
  ['a function that the options do not have', () => one(new Own((x) => x.neg()))],
  ['options that grow', () => one(new Growing({ units: 2 }))],
  ['a field that the options do not have', () => one(secret)],
  ['a layer that no field leads to', () => one(new Hidden({ inner: dense(2, { activation: 'tanh' }) }))],
  ['a model with a forward of its own', () => new Net([dense(2)])],
  [
    'a layer that was renamed',
    () => {
      const model = new Model([
        new (class extends Layer {
          static readonly type = 'outer'
          parts = [dense(2)]
          protected override forward(x: Tensor) {
            return this.parts[0]!.apply(x)
          }
        })(),
      ])
      ;(model.stack[0] as never as { parts: Layer[] }).parts[0]!.name = 'first'
      return model
    },
  ],
  ['two layers of one name in a list', () => one(listed)],
  ['an optimizer made by hand', () => compiled({ optimizer: { ...sgd(), kind: 'optimizer' } })],
  [
    'slots of one name',
    () =>
      compiled({
        optimizer: optimizers.custom('twice', () => ({
          slots: ['m', 'm'],
          scalars: (r) => [r],
          update: ({ parameters, slots }) => [parameters, ...slots],
        }))(),
      }),
  ],
] as never

test.each(refused)('%s', async (_, make) => {
  const error = await errorOf(() => {
    const model = make()
    model.build([2])
    if (model.compiled) model.trainingFor('test')
    return model.toBytes()
  })
  expect(shown(error)).toMatchSnapshot()
})

describe('a copy', () => {
  const x = [
    [1, -2],
    [0.5, 3],
  ]
  test.each([
    ['an activation that is a plain function', () => one(dense(2, { activation: (x) => x.sin() }))],
    ['a loss that is a plain function', () => compiled({ loss: (y: Tensor, p: Tensor) => p.sub(y).square() })],
    [
      'a schedule that is a plain function',
      () => compiled({ optimizer: adam({ learningRate: (s) => 0.1 / (1 + s) }) }),
    ],
    ['options that a file cannot hold', () => holding({ f: () => 1, re: /x/ })],
    ['a class without a static type', () => one(new Nameless())],
  ])('carries %s', async (_, make) => {
    const model = make()
    model.build([2])
    const copy = model.clone()
    expect(copy.predictSync(x).toArray()).toEqual(model.predictSync(x).toArray())
    if (!model.compiled) return
    for (const m of [model, copy]) await m.fit({ x, y: [[1], [2]] } as never, { epochs: 2 })
    expect(copy.predictSync(x).toArray()).toEqual(model.predictSync(x).toArray())
  })

  test('has layers of its own where the original has them in its options', () => {
    const model = one(new Holder({ inner }))
    const copy = model.clone()
    expect(copy.stack[0]!.options.inner).toBeInstanceOf(Layer)
    expect(copy.stack[0]!.options.inner).not.toBe(inner)
  })

  test.each([
    ['a function that the options do not have', () => one(new Own((x) => x.neg()))],
    ['a field that the options do not have', () => one(secret)],
    ['a parameter in options', () => holding(parameter([2]))],
  ])('refuses %s', async (_, make) => {
    const model = make()
    model.build([2])
    expect(shown(await errorOf(() => model.clone()))).toMatchSnapshot()
  })
})

test('a class that only says which layers a model has is saved as that model', async () => {
  const model = new Plain()
  model.build([3])
  const loaded = await Model.load(model.toBytes())
  expect(loaded.predictSync([[1, 2, 3]]).toArray()).toEqual(model.predictSync([[1, 2, 3]]).toArray())
  expect(
    model
      .clone()
      .predictSync([[1, 2, 3]])
      .toArray(),
  ).toEqual(model.predictSync([[1, 2, 3]]).toArray())
})

describe('what a file needs', () => {
  const own = losses.custom('own', (y, p) => p.sub(y).abs().mean({ axis: -1 }))
  const mae = metrics.custom('mae', (y, p) => p.sub(y).abs().mean({ axis: -1 }))
  const steps = schedules.custom('steps', () => 0.1)
  const model = new Model([new Holder(), dense(1, { activation: a() })], { seed: 1 })
  model.compile({ optimizer: sgd({ learningRate: steps() }), loss: own, metrics: [mae] })
  model.build([2])
  const bytes = model.toBytes()
  const all = [Holder, a, own, mae, steps]

  test.each(all.map((_, i) => [i]))('is named where it is missing (%d)', async (i) => {
    const custom = all.filter((_, k) => k !== i)
    expect(shown(await errorOf(() => Model.load(bytes, { custom })))).toMatchSnapshot()
  })

  test('may be given as the maker, as what it made, and, for layers, by type', async () => {
    const expected = model.predictSync([[1, 2]]).toArray()
    for (const options of [
      { custom: all },
      { custom: [Holder, a(), own(), mae, steps()] },
      { custom: [a, own, mae, steps], layers: { holder: Holder } },
      { custom: [a, Holder], compile: false },
    ])
      expect((await Model.load(bytes, options)).predictSync([[1, 2]]).toArray()).toEqual(expected)
  })

  test.each([
    ['a plain function', { custom: [(y: Tensor) => y] }],
    ['a class without a type', { custom: [Nameless] }],
    ['a name', { custom: ['holder'] }],
    ['no list', { custom: Holder }],
    ['two of one name', { custom: [Holder, Holder, a, b] }],
    ['customs', { customs: [] }],
  ])('is refused as %s', async (_, options) => {
    expect(shown(await errorOf(() => Model.load(bytes, options as never)))).toMatchSnapshot()
  })
})

test("a metric of one's own is itself, whatever its name", async () => {
  const wrong = metrics.custom('accuracy', (y, p) => p.sub(y).abs().mean({ axis: -1 }))
  const model = new Model([dense(1)], { seed: 1 }).compile({ optimizer: 'sgd', loss: 'mse', metrics: [wrong] })
  const data = { x: [[1], [2]], y: [3, 4] }
  const before = await model.evaluate(data)
  expect(await (await Model.load(model.toBytes(), { custom: [wrong] })).evaluate(data)).toEqual(before)
  expect(String(await errorOf(() => Model.load(model.toBytes())))).toMatch(/the metric 'accuracy' is not built in/)
  expect(tensor(before.accuracy).item()).toBeGreaterThan(1)
})
