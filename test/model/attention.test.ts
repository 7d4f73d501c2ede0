// Attention beyond its golden cases: masks that travel, who sees whom, dropout, long heads; and wrong uses by name.
import { describe, expect, test } from 'vitest'
import {
  adam,
  dense,
  embedding,
  gradient,
  Layer,
  losses,
  Model,
  masking,
  matmul,
  multiHeadAttention,
  positionEmbedding,
  program,
  randomNormal,
  type Tensor,
  tensor,
  transformerDecoder,
  transformerEncoder,
  zeros,
} from '../../src/index.ts'

const x = randomNormal([2, 6, 8], { seed: 1 })
const row = (t: Tensor, sample: number, step: number) => [...t.at(sample, step).data()]
const ints = (values: number[], shape: number[]) => tensor(Int32Array.from(values), { shape })

/** x with other numbers in one step of the first sample. */
function changedAt(step: number): Tensor {
  const values = Float32Array.from(x.data())
  for (let i = 0; i < 8; i++) values[step * 8 + i]! += 5
  return tensor(values, { shape: x.shape })
}

describe('who sees whom', () => {
  test('causal: a step does not see later ones', () => {
    const layer = multiHeadAttention(2, 4, { causal: true })
    const [before, after] = [layer.apply(x), layer.apply(changedAt(4))]
    for (const step of [0, 1, 2, 3]) expect(row(after, 0, step)).toEqual(row(before, 0, step))
    for (const step of [4, 5]) expect(row(after, 0, step)).not.toEqual(row(before, 0, step))
    expect(row(after, 1, 5)).toEqual(row(before, 1, 5))
  })

  test('padding is not seen, and its values do not matter', () => {
    const layer = multiHeadAttention(2, 4)
    const mask = ints([1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1], [2, 6])
    const [before, after] = [layer.apply(x, { mask }), layer.apply(changedAt(4), { mask })]
    for (const step of [0, 1, 2, 3, 5]) expect(row(after, 0, step)).toEqual(row(before, 0, step))
    const pairs = ints(
      Array.from({ length: 72 }, (_, i) => (i % 6 === 4 ? 0 : 1)),
      [2, 6, 6],
    )
    const [first, second] = [layer.apply(x, { mask: pairs }), layer.apply(changedAt(4), { mask: pairs })]
    expect(row(second, 0, 2)).toEqual(row(first, 0, 2))
    expect(row(first, 0, 2)).toEqual(row(before, 0, 2))
  })

  test('the mask of an embedding travels into attention, and through it to the loss', async () => {
    const model = new Model([embedding(10, 8, { maskZero: true }), multiHeadAttention(2, 4), dense(1)], { seed: 1 })
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    const ids = ints([1, 2, 3, 0, 4, 0, 0, 0], [2, 4])
    const targets = (padded: number) =>
      tensor(Float32Array.of(1, 2, 3, padded, 4, padded, padded, padded), { shape: [2, 4, 1] })
    const [a, b] = [await model.evaluate({ x: ids, y: targets(0) }), await model.evaluate({ x: ids, y: targets(1e6) })]
    expect(a.loss).toBe(b.loss)
  })

  test('cross-attention: masks of the values, and of apply', () => {
    const layer = multiHeadAttention(2, 4)
    const value = randomNormal([2, 3, 5], { seed: 2 })
    const padded = value.mul(ints([1, 1, 0, 1, 1, 1], [2, 3, 1]))
    layer.apply({ query: x, value })
    const carried = layer.apply({ query: x, value: masking().apply(padded) })
    const given = layer.apply({ query: x, value: padded }, { mask: ints([1, 1, 0, 1, 1, 1], [2, 3]) })
    const short = layer.apply({ query: x, value: padded.at(':', ':2') })
    expect(given.data()).toEqual(carried.data())
    for (const [i, v] of row(short, 0, 1).entries()) expect(v).toBeCloseTo(row(given, 0, 1)[i]!, 5)
  })
})

describe('cross-attention with masks on both sides', () => {
  const layer = multiHeadAttention(2, 4)
  const query = x
  const queries = ints([1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0], [2, 6, 1])
  const masked = masking().apply(query.mul(queries))

  test.each([3, 6])('of %i keys: each says what it is about', (keys) => {
    const value = randomNormal([2, keys, 5], { seed: 2 })
    const counts = ints(
      Array.from({ length: 2 * keys }, (_, i) => (i % keys < 2 ? 1 : 0)),
      [2, keys, 1],
    )
    const padded = masking().apply(value.mul(counts))
    layer.apply({ query, value })
    const alone = layer.apply({ query, value: value.at(':', ':2') })
    for (const given of [padded, padded.add(counts.sub(1).mul(9))]) {
      const both = layer.apply(
        { query: masked, value: given },
        given === padded ? {} : { mask: counts.reshape([2, keys]) },
      )
      for (const step of [0, 1, 3, 4])
        for (const [i, v] of row(both, 0, step).entries()) expect(v).toBeCloseTo(row(alone, 0, step)[i]!, 5)
    }
  })
})

test('the mask of the query is passed on', () => {
  class Seen extends Layer {
    mask: unknown = null
    protected override forward(t: Tensor, context: { mask: Tensor | undefined }) {
      this.mask = context.mask?.toArray()
      return t.add(0)
    }
  }
  const seen = new Seen()
  const masked = masking().apply(x.mul(ints([1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0], [2, 6, 1])))
  seen.apply(multiHeadAttention(2, 4).apply(masked))
  expect(seen.mask).toEqual([
    [1, 1, 0, 1, 1, 1],
    [1, 1, 1, 1, 1, 0],
  ])
  seen.apply(positionEmbedding(9).apply(masked))
  expect(seen.mask).toEqual([
    [1, 1, 0, 1, 1, 1],
    [1, 1, 1, 1, 1, 0],
  ])
})

test('dropout draws in training only, anew in each step, and the weights stay a mean', async () => {
  const layer = multiHeadAttention(2, 4, { dropout: 0.5 })
  layer.apply(x)
  expect(layer.apply(x).data()).toEqual(layer.apply(x).data())
  const train = program((t: Tensor) => layer.apply(t, { mode: 'train' }))
  const predicted = layer.apply(x).data()
  const drawn = (await train(x)).data()
  expect(drawn).not.toEqual(predicted)
  let mean = drawn.map((v) => v / 300)
  for (let i = 1; i < 300; i++) {
    const other = train.sync(x).data()
    mean = mean.map((v, k) => v + other[k]! / 300)
  }
  for (const [i, v] of mean.entries()) expect(Math.abs(v - predicted[i]!)).toBeLessThan(0.12)
})

test('heads that are longer than the kernel takes, by products', () => {
  const layer = multiHeadAttention(1, 130, { causal: true })
  const y = layer.apply(x)
  const [dx] = gradient(layer.apply(x).sum(), [x])
  expect(y.shape).toEqual([2, 6, 8])
  expect(dx!.data().every(Number.isFinite)).toBe(true)
  // The first step sees itself alone: its weights are 1.
  const value = layer.value.apply(x).at(':', ':1')
  expect(Math.abs(layer.attentionOutput!.apply(value).at(0, 0, 3).item() - y.at(0, 0, 3).item())).toBeLessThan(1e-5)
})

test('no samples, no error', () => {
  expect(multiHeadAttention(2, 4).apply(zeros([0, 3, 8])).shape).toEqual([0, 3, 8])
})

describe('transformer blocks', () => {
  test('are trained, saved and loaded, with dropout in training only', async () => {
    const block = () => transformerEncoder(2, 16, { dropout: 0.3, causal: true, normalizeFirst: true })
    const model = new Model([embedding(20, 8), positionEmbedding(6), block(), block(), dense(20)], { seed: 1 })
    model.compile({
      optimizer: adam({ learningRate: 0.01 }),
      loss: losses.categoricalCrossentropy({ fromLogits: true }),
    })
    const ids = ints(
      Array.from({ length: 60 }, (_, i) => (i * 7) % 20),
      [10, 6],
    )
    const { epochs } = await model.fit({ x: ids, y: ids }, { epochs: 60, batchSize: 5 })
    expect(epochs.at(-1)!.loss).toBeLessThan(0.5 * epochs[0]!.loss)
    const again = await Model.load(model.toBytes())
    expect((again.predictSync(ids) as Tensor).data()).toEqual(model.predictSync(ids).data())
  })

  test('a tied head: the table of an embedding is the last product, too', async () => {
    class Tied extends Layer {
      readonly words = embedding(20, 8)
      readonly block = transformerEncoder(2, 16, { causal: true, useBias: false, normalizeFirst: true })
      protected override forward(ids: Tensor) {
        return matmul(this.block.apply(this.words.apply(ids)), this.words.embeddings.T)
      }
    }
    const model = new Model([new Tied()], { seed: 1 })
    model.compile({ optimizer: 'adam', loss: losses.categoricalCrossentropy({ fromLogits: true }) })
    const ids = ints([1, 2, 3, 4, 5, 6], [2, 3])
    const { epochs } = await model.fit({ x: ids, y: ids }, { epochs: 30 })
    expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss)
    expect(Object.keys(model.getParameters())).toEqual([
      'Tied.words.embeddings',
      ...['query', 'key', 'value', 'attentionOutput'].map((part) => `Tied.block.selfAttention.${part}.kernel`),
      'Tied.block.selfAttentionNorm.gamma',
      'Tied.block.feedforwardIntermediate.kernel',
      'Tied.block.feedforwardOutput.kernel',
      'Tied.block.feedforwardNorm.gamma',
    ])
  })

  test('a decoder sees what its encoder padded as little as its own future', () => {
    const layer = transformerDecoder(2, 16)
    const source = randomNormal([2, 3, 8], { seed: 3 })
    const keep = ints([1, 1, 0, 1, 1, 1], [2, 3, 1])
    layer.apply({ decoder: x, encoder: source })
    const encoder = masking().apply(source.mul(keep))
    const [before, after] = [layer.apply({ decoder: x, encoder }), layer.apply({ decoder: changedAt(4), encoder })]
    for (const step of [0, 1, 2, 3]) expect(row(after, 0, step)).toEqual(row(before, 0, step))
    const short = layer.apply({ decoder: x, encoder: source.at(':', ':2') })
    for (const [i, v] of row(short, 0, 2).entries()) expect(v).toBeCloseTo(row(before, 0, 2)[i]!, 5)
  })
})

const bad: [string, () => unknown, RegExp][] = [
  [
    'heads that do not divide',
    () => multiHeadAttention(6, 4, { numKeyValueHeads: 4 }),
    /numKeyValueHeads.*divides the 6 heads.*4/,
  ],
  [
    'an odd head with rotary positions',
    () => multiHeadAttention(2, 3, { rotary: true }),
    /keyDim.*even with rotary positions/,
  ],
  ['no heads', () => multiHeadAttention(0, 4), /numHeads/],
  ['an unknown option', () => multiHeadAttention(2, 4, { useCausalMask: true } as never), /useCausalMask/],
  [
    'rows',
    () => multiHeadAttention(2, 4, { name: 'look' }).apply(zeros([2, 8])),
    /look: .*expected queries \[batch, t, features\], got \[2, 8\]/,
  ],
  [
    'another batch of values',
    () => multiHeadAttention(2, 4, { name: 'look' }).apply({ query: x, value: zeros([3, 4, 8]) }),
    /look: .*keys and values of one batch.*\[3, 4, 8\]/,
  ],
  [
    'as many keys as values',
    () => multiHeadAttention(2, 4).apply({ query: x, value: zeros([2, 4, 8]), key: zeros([2, 5, 8]) }),
    /as many steps, got query .* key \[2, 5, 8\], value \[2, 4, 8\]/,
  ],
  [
    'other names',
    () => multiHeadAttention(2, 4).apply({ query: x, values: x } as never),
    /\{ query, value \}.*got \{ query, values \}/,
  ],
  [
    'a mask of other pairs',
    () => multiHeadAttention(2, 4, { name: 'look' }).apply(x, { mask: ints(Array(60).fill(1), [2, 6, 5]) }),
    /look: mask: expected a mask \[2, 6, 6\].*got \[2, 6, 5\]/,
  ],
  [
    'a mask of too many steps',
    () => multiHeadAttention(2, 4, { name: 'look' }).apply(x, { mask: ints(Array(14).fill(1), [2, 7]) }),
    /look: mask: expected a mask \[2, 6\].*got \[2, 7\]/,
  ],
  [
    'too long a sequence',
    () => positionEmbedding(5, { name: 'places' }).apply(x),
    /places: .*at most 5 steps.*got \[2, 6, 8\]/,
  ],
  [
    'positions of rows',
    () => positionEmbedding(5).apply(zeros([2, 5])),
    /expected \[batch, t, features\].*got \[2, 5\]/,
  ],
  ['masking of rows', () => masking().apply(zeros([2, 5])), /expected sequences \[batch, t, features\], got \[2, 5\]/],
  [
    'an id that is no row',
    () =>
      embedding(3, 2, { name: 'words' })
        .apply(ints([0, 3], [1, 2]))
        .data(),
    /words: gather: row index 3 at position 1/,
  ],
  [
    'fractions as ids',
    () =>
      embedding(3, 2)
        .apply(tensor([[0.5]]))
        .data(),
    /whole number, got 0.5/,
  ],
  [
    'a mask of ids without steps',
    () => embedding(3, 2, { maskZero: true }).apply(ints([0, 1], [2])),
    /with maskZero expected ids \[batch, t\]/,
  ],
  [
    'features that heads do not divide',
    () => transformerEncoder(3, 4, { name: 'block' }).apply(x),
    /block: .*features that 3 heads divide, got \[2, 6, 8\]/,
  ],
  [
    'a block for rows',
    () => transformerDecoder(2, 4).apply(zeros([2, 8])),
    /expected \[batch, t, features\].*got \[2, 8\]/,
  ],
  [
    'half of a pair',
    () => transformerDecoder(2, 4).apply({ decoder: x } as never),
    /one tensor or \{ decoder, encoder \}, got \{ decoder \}|expected \[batch/,
  ],
  [
    'an encoder that comes later',
    () => {
      const layer = transformerDecoder(2, 4)
      layer.apply(x)
      layer.apply({ decoder: x, encoder: x })
    },
    /built without cross-attention: expected one tensor/,
  ],
  ['an empty table', () => embedding(0, 2), /inputDim/],
]
test.each(bad)('%s: an error that says so', (_, f, text) => {
  expect(f).toThrow(text)
})
