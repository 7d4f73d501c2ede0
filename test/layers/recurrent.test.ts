// Recurrent layers beyond their golden cases (golden.test.ts): state from batch to batch, dropout, activations that no
// kernel knows, second derivatives, long sequences, and what is refused.
import { expect, test } from 'vitest'
import {
  activation,
  activations,
  dense,
  gradient,
  gru,
  info,
  Layer,
  lstm,
  Model,
  ones,
  program,
  randomUniform,
  setThreads,
  simpleRnn,
  type Tensor,
  tensor,
} from '../../src/index.ts'

type Lstm = ReturnType<typeof lstm<false>>

const draw = (shape: number[], seed = 1) => randomUniform(shape, { seed, low: -1, high: 1 })
const values = (t: Tensor) => Array.from(t.data())
const near = (a: Tensor, b: Tensor, tolerance = 1e-5) => {
  expect(a.shape).toEqual(b.shape)
  const [x, y] = [values(a), values(b)]
  const scale = Math.max(...y.map(Math.abs), 1e-30)
  expect(Math.max(...x.map((v, i) => Math.abs(v - y[i]!)))).toBeLessThanOrEqual(tolerance * scale)
}

test.each([
  ['simpleRnn', simpleRnn, ['0']],
  ['gru', gru, ['0']],
  ['lstm', lstm, ['0', '1']],
] as const)('a stateful %s goes on where the batch before ended', (_, make, parts) => {
  const layer = make(5, { stateful: true, returnSequences: true })
  const x = draw([3, 8, 4])
  const first = layer.apply(x.at(':', ':4'))
  const second = layer.apply(x.at(':', '4:'))
  const whole = make(5, { returnSequences: true })
  whole.apply(x)
  for (const [path, p] of layer.parameters()) whole.parameters().get(path)!.set(p)
  const expected = whole.apply(x)
  near(first, expected.at(':', ':4'))
  near(second, expected.at(':', '4:'))
  expect([...layer.states().keys()]).toEqual(parts.map((part) => `memory.${part}`))
  layer.resetStates()
  near(layer.apply(x.at(':', ':4')), expected.at(':', ':4'))
})

test('a stateful model keeps its state through fit, predict, copies and files', async () => {
  const model = new Model([lstm(4, { stateful: true }), dense(1)], { seed: 1 })
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
  const x = draw([6, 5, 2])
  await model.fit({ x, y: draw([6, 1]) }, { batchSize: 3, epochs: 2, shuffle: false })
  const part = x.at(':3')
  const same = await Model.load(model.toBytes())
  const copy = model.clone()
  const once = values(model.predictSync(part) as Tensor)
  const twice = values(model.predictSync(part) as Tensor)
  expect(twice).not.toEqual(once)
  for (const other of [same, copy]) {
    expect(values(other.predictSync(part) as Tensor)).toEqual(once)
    expect(values(other.predictSync(part) as Tensor)).toEqual(twice)
  }
})

test('dropout draws the same features for all steps, in training only', () => {
  const layer = simpleRnn(3, { dropout: 0.5, returnSequences: true, activation: 'linear', useBias: false })
  const x = ones([2, 6, 40])
  const run = program((t: Tensor) => layer.apply(t, { mode: 'train' }), { seed: 3 })
  layer.apply(x)
  layer.recurrentKernel.set(tensor(new Float32Array(9), { shape: [3, 3] }))
  const y = run.sync(x) as Tensor
  // Without the state each step is the product of the same dropped inputs.
  for (let t = 1; t < 6; t++) expect(values(y.at(':', t))).toEqual(values(y.at(':', 0)))
  expect(values(y.at(0, 0))).not.toEqual(values(y.at(1, 0)))
  expect(values(layer.apply(x))).toEqual(values(layer.apply(x)))
})

test.each([
  ['simpleRnn', simpleRnn],
  ['lstm', lstm],
  ['gru', gru],
] as const)('%s: a recurrent dropout hides units of the state, others in each step', (_, make) => {
  const rate = 0.5
  const layer = make(8, { recurrentDropout: rate, returnSequences: true })
  const x = draw([4, 5, 3])
  layer.apply(x)
  const run = program((t: Tensor) => {
    const y = layer.apply(t, { mode: 'train' })
    return [y, ...gradient(y.sum(), [t, layer.recurrentKernel])]
  })
  const [y, dx] = run.sync(x) as Tensor[]
  // The first step has no state that could be dropped; later ones have another.
  near(y!.at(':', 0), layer.apply(x).at(':', 0))
  expect(values(y!)).not.toEqual(values(layer.apply(x)))
  expect(values(run.sync(x)[0] as Tensor)).not.toEqual(values(y!))
  expect(values(dx!).every(Number.isFinite)).toBe(true)
})

const own = activations.custom('ownTanh', (x: Tensor) => x.tanh())()
const ownSigmoid = (x: Tensor) => x.sigmoid()

test.each([
  [
    'simpleRnn',
    () => [simpleRnn(5, { returnSequences: true }), simpleRnn(5, { returnSequences: true, activation: own })],
  ],
  [
    'lstm',
    () => [
      lstm(5, { returnSequences: true }),
      lstm(5, { returnSequences: true, activation: own, recurrentActivation: ownSigmoid }),
    ],
  ],
  [
    'gru',
    () => [
      gru(5, { returnSequences: true, goBackwards: true }),
      gru(5, { returnSequences: true, goBackwards: true, recurrentActivation: ownSigmoid }),
    ],
  ],
] as [string, () => unknown[]][])('%s takes any activation: the same numbers, step by step', (_, layers) => {
  const [known, other] = layers() as [Lstm, Lstm]
  const x = draw([3, 4, 2])
  const mask = tensor(Int32Array.of(1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 0), { shape: [3, 4] })
  known.apply(x)
  other.apply(x)
  for (const [path, p] of known.parameters()) other.parameters().get(path)!.set(p)
  const results = [known, other].map((layer) => {
    const y = layer.apply(x, { mask })
    return [y, ...gradient(y.square().sum(), [x, layer.kernel, layer.recurrentKernel, layer.bias!])]
  })
  for (const [i, t] of results[0]!.entries()) near(results[1]![i]!, t)
})

test.each(['relu', 'softsign', 'hardSigmoid', 'elu', 'softplus', 'selu', 'exponential'] as const)(
  'the kernels apply %s as it is described step by step',
  (name) => {
    const options = { returnSequences: true, activation: 'tanh' as const }
    const f = activations.custom(`own ${name}`, (x: Tensor) => activation(name).apply(x))()
    const [known, other] = [
      lstm(5, { ...options, recurrentActivation: name }),
      lstm(5, { ...options, recurrentActivation: f }),
    ]
    const x = draw([3, 4, 2])
    known.apply(x)
    other.apply(x)
    for (const [path, p] of known.parameters()) other.parameters().get(path)!.set(p)
    const [a, b] = [known, other].map((layer) => {
      const y = layer.apply(x)
      return [y, ...gradient(y.square().sum(), [x, layer.recurrentKernel])]
    })
    for (const [i, t] of a!.entries()) near(b![i]!, t)
  },
)

test.each([
  ['simpleRnn', simpleRnn],
  ['lstm', lstm],
  ['gru', gru],
] as const)('%s has second derivatives', (_, make) => {
  const x = draw([2, 3, 2])
  const layer = make(3, { returnSequences: true })
  layer.apply(x)
  for (const [i, p] of [...layer.parameters().values()].entries()) p.set(draw([...p.shape], 10 + i).mul(0.5))
  const slope = (at: Tensor) => {
    const inner = at.add(0)
    return gradient(layer.apply(inner).square().sum(), inner)
  }
  const weights = draw([2, 3, 2], 5)
  const start = x.add(0)
  const exact = gradient(slope(start).mul(weights).sum(), start)
  const step = 2 ** -9
  const along = draw([2, 3, 2], 6)
  const moved = (by: number) =>
    slope(x.add(along.mul(by)))
      .mul(weights)
      .sum()
      .item()
  const numeric = (moved(step) - moved(-step)) / (2 * step)
  const terms = exact.mul(along)
  expect(Math.abs(terms.sum().item() - numeric)).toBeLessThan(1e-3 * terms.abs().sum().item())
})

test('the same bits for any number of threads, tiles and rows of the batch', () => {
  const layer = lstm(33, { returnSequences: true })
  const x = draw([70, 6, 5])
  layer.apply(x)
  const run = program((t: Tensor) => {
    const y = layer.apply(t)
    return [y, ...gradient(y.square().sum(), [t, layer.kernel, layer.recurrentKernel])]
  })
  const bits = [1, 2, 5].map((threads) => {
    setThreads(threads)
    return (run.sync(x) as Tensor[]).map((t) => Buffer.from(t.data().buffer).toString('base64'))
  })
  setThreads(info().cores)
  expect(bits[1]).toEqual(bits[0])
  expect(bits[2]).toEqual(bits[0])
  // A row has the same bits alone.
  const alone = layer.apply(x.at('3:4'))
  expect(values(alone)).toEqual(values(layer.apply(x).at('3:4')))
})

test('a thousand steps are as many instructions as one', () => {
  const layer = gru(8)
  const lines = [1, 1000].map((steps) => {
    const x = draw([2, steps, 3])
    layer.apply(x)
    const run = program((t: Tensor) =>
      gradient(layer.apply(t).sum(), [layer.kernel, layer.recurrentKernel, layer.bias!]),
    )
    return run.print(x).split('\n').length
  })
  expect(lines[1]).toBe(lines[0])
})

test('a mask ends with the last output, and goes on with all of them', () => {
  class Seen extends Layer {
    mask: unknown = null
    protected override forward(t: Tensor, context: { mask: Tensor | undefined }) {
      this.mask = context.mask?.toArray()
      return t.add(0)
    }
  }
  const mask = tensor(Int32Array.of(1, 1, 0), { shape: [1, 3] })
  const behind = (options: object) => {
    const seen = new Seen()
    const y = seen.apply(gru(2, options).apply(draw([1, 3, 2]), { mask }))
    return [y.shape, seen.mask]
  }
  expect(behind({})).toEqual([[1, 2], undefined])
  expect(behind({ returnSequences: true })).toEqual([[1, 3, 2], [[1, 1, 0]]])
})
