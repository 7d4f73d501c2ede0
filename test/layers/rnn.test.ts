// Cells of users: the same numbers as the built-in layers, masks, state, files, both directions, and what is refused.
import { expect, test } from 'vitest'
import {
  bidirectional,
  Cell,
  concat,
  dense,
  dropout,
  gradient,
  type Layer,
  lstm,
  Model,
  matmul,
  type Parameter,
  parameter,
  randomUniform,
  rnn,
  simpleRnn,
  type Tensor,
  tensor,
  timeDistributed,
} from '../../src/index.ts'
import { errorOf, shown } from '../support/errors.ts'

const draw = (shape: number[], seed = 1) => randomUniform(shape, { seed, low: -1, high: 1 })
const values = (t: Tensor) => Array.from(t.data())
const near = (a: Tensor, b: Tensor) => {
  expect(a.shape).toEqual(b.shape)
  const y = values(b)
  expect(Math.max(...values(a).map((v, i) => Math.abs(v - y[i]!)))).toBeLessThanOrEqual(1e-5)
}

type Step<S extends string> = { readonly [K in S]: Tensor }

/** A simple recurrent cell. */
class Elman extends Cell<'hidden'> {
  static readonly type = 'elman'
  kernel!: Parameter
  recurrentKernel!: Parameter
  bias!: Parameter
  readonly stateShapes: { readonly hidden: readonly number[] }
  readonly #units: number

  constructor(options: { units: number }) {
    super(options)
    this.#units = options.units
    this.stateShapes = { hidden: [options.units] }
  }

  protected override build({ input }: { readonly input: readonly number[]; readonly hidden: readonly number[] }) {
    this.kernel = parameter([input[1]!, this.#units])
    this.recurrentKernel = parameter([this.#units, this.#units])
    this.bias = parameter([this.#units], 'zeros')
  }

  protected forward({ input, hidden }: Step<'input' | 'hidden'>): Step<'output' | 'hidden'> {
    const next = matmul(input, this.kernel).add(matmul(hidden, this.recurrentKernel)).add(this.bias).tanh()
    return { output: next, hidden: next }
  }
}

/** Pictures with a state of their own shape, whose output is another than the state. */
class Sums extends Cell<'total' | 'count'> {
  readonly stateShapes = { total: [2, 3], count: [1] }
  protected forward({ input, total, count }: Step<'input' | 'total' | 'count'>) {
    const [sum, n] = [total.add(input), count.add(1)]
    return { output: sum.div(n.reshape([-1, 1, 1])), total: sum, count: n }
  }
}

const mask = tensor(Int32Array.of(0, 1, 1, 1, 1, 0, 0, 0, 0), { shape: [3, 3] })
const copyWeights = (from: Layer<never, never>, to: Layer<never, never>) => {
  for (const [path, p] of from.parameters()) to.parameters().get(path.replace('cell.', ''))!.set(p)
}

test.each([
  ['the last output', {}],
  ['all outputs', { returnSequences: true }],
  ['backwards', { returnSequences: true, goBackwards: true }],
])('a cell of one’s own is the built-in layer: %s', (_, options) => {
  const x = draw([3, 3, 2])
  const [own, known] = [rnn(new Elman({ units: 4 }), options), simpleRnn(4, options)]
  own.apply(x)
  known.apply(x)
  expect([...own.parameters().keys()]).toEqual(['cell.kernel', 'cell.recurrentKernel', 'cell.bias'])
  copyWeights(own as never, known as never)
  for (const given of [{}, { mask }]) {
    const [a, b] = [own.apply(x, given), known.apply(x, given)]
    const [da, db] = [gradient(a.square().sum(), x), gradient(b.square().sum(), x)]
    near(a, b)
    near(da, db)
  }
  const start = { input: x, hidden: draw([3, 4], 7) }
  near(own.apply(start, { mask }), known.apply(start, { mask }))
})

test('states of any shape, by their names', () => {
  const layer = rnn(new Sums(), { returnState: true, returnSequences: true })
  const x = draw([2, 4, 2, 3])
  const { output, total, count } = layer.apply(x)
  near(total, x.sum({ axis: 1 }))
  expect(values(count)).toEqual([4, 4])
  near(output.at(':', 3), x.mean({ axis: 1 }))
  const again = layer.apply({ input: x, total, count })
  expect(values(again.count)).toEqual([8, 8])
})

test('a stateful cell goes on, and a model with it is trained, saved and loaded', async () => {
  const model = new Model([rnn(new Elman({ units: 5 }), { stateful: true }), dense(1)], { seed: 1 })
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
  const x = draw([4, 3, 2])
  const { epochs } = await model.fit({ x, y: draw([4, 1]) }, { epochs: 30, batchSize: 4 })
  expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss)
  const same = await Model.load(model.toBytes(), { custom: [Elman] })
  const [a, b] = [model, same].map((m) => [m.predictSync(x), m.predictSync(x)].map((t) => values(t as Tensor)))
  expect(a).toEqual(b)
  expect(a![0]).not.toEqual(a![1])
})

test('both directions of a cell of one’s own have weights of their own', async () => {
  const layer = bidirectional(rnn(new Elman({ units: 3 }), { returnSequences: true }), { mergeMode: 'sum' })
  const x = draw([2, 4, 2])
  const y = layer.apply(x)
  expect(y.shape).toEqual([2, 4, 3])
  expect([...layer.parameters().keys()].filter((path) => path.endsWith('.kernel'))).toEqual([
    'forwardLayer.cell.kernel',
    'backwardLayer.cell.kernel',
  ])
  const { forwardLayer, backwardLayer } = layer
  near(y, (forwardLayer.apply(x) as Tensor).add(backwardLayer.apply(x) as Tensor))
  const model = new Model([layer], { seed: 1 })
  const expected = values(model.predictSync(x) as Tensor)
  const same = await Model.load(model.toBytes(), { custom: [Elman] })
  expect(values(same.predictSync(x) as Tensor)).toEqual(expected)
})

test('timeDistributed passes modes and masks on', () => {
  const x = draw([2, 3, 4])
  const layer = timeDistributed(dropout(0.5))
  expect(values(layer.apply(x))).toEqual(values(x))
  const dropped = values(layer.apply(x, { mode: 'train' }))
  expect(dropped.filter((v) => v === 0).length).toBeGreaterThan(0)
  const steps = tensor(Int32Array.of(1, 1, 0, 1, 0, 0), { shape: [2, 3] })
  const after = simpleRnn(2)
  const [masked, alone] = [after.apply(layer.apply(x, { mask: steps })), after.apply(x, { mask: steps })]
  near(masked, alone)
})

class Forgets extends Cell<'hidden'> {
  readonly stateShapes = { hidden: [2] }
  protected forward({ input }: Step<'input' | 'hidden'>) {
    return { output: input } as never
  }
}
class Grows extends Cell<'hidden'> {
  readonly stateShapes = { hidden: [2] }
  protected forward({ input, hidden }: Step<'input' | 'hidden'>) {
    return { output: input, hidden: concat([hidden, hidden], 1) }
  }
}
const applied = lstm(2)
applied.apply(draw([1, 2, 3]))

test.each([
  ['no cell', () => rnn(dense(3) as never)],
  ['a cell that forgets its state', () => rnn(new Forgets()).apply(draw([1, 2, 2]))],
  ['a state that grows', () => rnn(new Grows()).apply(draw([1, 2, 2]))],
  ['bidirectional: no recurrent layer', () => bidirectional(dense(3))],
  ['bidirectional: with its state', () => bidirectional(lstm(3, { returnState: true }))],
  ['bidirectional: backwards', () => bidirectional(lstm(3, { goBackwards: true }))],
  ['bidirectional: with weights', () => bidirectional(applied)],
  ['bidirectional: mergeMode', () => bidirectional(lstm(3), { mergeMode: 'average' as never })],
  ['timeDistributed: no layer', () => timeDistributed(3 as never)],
  ['timeDistributed: no steps', () => timeDistributed(dense(3)).apply(draw([2, 3]))],
] as [string, () => unknown][])('%s', async (_, f) => {
  expect(shown(await errorOf(f))).toMatchSnapshot()
})
