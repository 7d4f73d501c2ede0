// Masks: who makes them, who passes them on, who ends them, and what counts in losses and scores.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  activation,
  ChainruleError,
  type Context,
  conv1d,
  dense,
  dropout,
  embedding,
  flatten,
  globalAveragePool1d,
  gradient,
  input,
  Layer,
  layerNormalization,
  losses,
  lstm,
  Model,
  masking,
  metrics,
  multiHeadAttention,
  ones,
  prelu,
  program,
  sgd,
  type Tensor,
  tensor,
  trainStep,
} from '../../src/index.ts'

const golden = JSON.parse(readFileSync(new URL('../golden/masks/masks.json', import.meta.url), 'utf8'))

/** Keeps the mask that it sees. */
class Seen extends Layer {
  mask: number[][] | null = null
  protected override forward(x: Tensor, { mask }: Context) {
    this.mask = mask ? mask.toArray(2) : null
    return x.add(0)
  }
}

const x = tensor([
  [
    [1, 2],
    [0, 0],
    [3, 0],
  ],
  [
    [0, 5],
    [0, 0],
    [0, 0],
  ],
])
const mask = [
  [1, 0, 1],
  [1, 0, 0],
]
const given = tensor(Int32Array.from(mask.flat()), { shape: [2, 3] })

describe('a mask travels', () => {
  test('through layers that work step by step, in a row and in own layers', () => {
    const seen = new Seen()
    class Block extends Layer {
      readonly inner = new Model([dense(3), dropout(0.5), activation('relu'), seen])
      protected override forward(t: Tensor) {
        return this.inner.apply(masking().apply(t))
      }
    }
    new Block().apply(x)
    expect(seen.mask).toEqual(mask)
    seen.mask = null
    new Block().apply(x, { mode: 'train' })
    expect(seen.mask).toEqual(mask)
  })

  test('as apply gives it, to child layers too, and the input stays without', () => {
    const seen = new Seen()
    class Block extends Layer {
      protected override forward(t: Tensor) {
        return seen.apply(t)
      }
    }
    new Block().apply(x, { mask: given })
    expect(seen.mask).toEqual(mask)
    seen.apply(x)
    expect(seen.mask).toBe(null)
    seen.apply(x, { mask: given.mul(7) })
    expect(seen.mask).toEqual(mask)
  })

  test('what apply gives stands above what the input carries', () => {
    const seen = new Seen()
    const masked = masking().apply(x)
    const other = tensor(Int32Array.of(0, 1, 1, 1, 1, 1), { shape: [2, 3] })
    seen.apply(masked, { mask: other })
    expect(seen.mask).toEqual([
      [0, 1, 1],
      [1, 1, 1],
    ])
    seen.apply(masked)
    expect(seen.mask).toEqual(mask)
  })

  test('in a program, where it is computed anew', async () => {
    const row = new Model([masking(), dense(2, { useBias: false }), new Counting()])
    row.apply(x)
    const count = program((t: Tensor) => row.apply(t))
    expect((await count(x)).toArray()).toEqual([2, 1])
    expect((await count(x.mul(0))).toArray()).toEqual([0, 0])
  })

  test('and ends where a layer neither uses it nor passes it on', () => {
    const seen = new Seen()
    seen.apply(new Seen().apply(masking().apply(x)))
    expect(seen.mask).toBe(null)
    seen.apply(flatten().apply(masking().apply(x)))
    expect(seen.mask).toBe(null)
    // Of rows without steps it is none: dense mixes them.
    class Rows extends Layer {
      protected override forward(t: Tensor) {
        return t.sum({ axis: 2 })
      }
      protected override computeMask(_: Tensor, m: Tensor | undefined) {
        return m
      }
    }
    seen.apply(dense(3).apply(new Rows().apply(masking().apply(x))))
    expect(seen.mask).toBe(null)
  })
})

/** How many steps count, per sample. */
class Counting extends Layer {
  protected override forward(_: Tensor, context: Context) {
    return context.mask!.cast('float32').sum({ axis: 1 })
  }
}

test.each([
  [
    'too few steps',
    tensor(Int32Array.of(1, 1), { shape: [2, 1] }),
    /first: mask: expected a mask \[2, 3\].*got \[2, 1\]/,
  ],
  ['another batch', tensor(Int32Array.of(1, 1, 1), { shape: [1, 3] }), /first: mask: expected a mask \[2, 3\]/],
  ['three axes', given.reshape([2, 3, 1]), /first: mask: expected a mask \[2, 3\].*got \[2, 3, 1\]/],
  [
    'float32',
    given.cast('float32'),
    /first: mask: expected an int32 tensor.*float32 \[2, 3\]. Write mask.notEqual\(0\)/,
  ],
  ['an array', mask, /first: mask: expected an int32 tensor.*got/],
])('a mask of %s is refused by the name of the layer', (_, wrong, text) => {
  expect(() => dense(2, { name: 'first' }).apply(x, { mask: wrong as Tensor })).toThrow(text)
})

test('a mask for several inputs is refused, and one that an own layer makes in another shape', () => {
  class Two extends Layer<{ a: Tensor; b: Tensor }, Tensor> {
    protected override forward({ a, b }: { a: Tensor; b: Tensor }) {
      return a.add(b)
    }
  }
  expect(() => new Two().apply({ a: x, b: x }, { mask: given })).toThrow(/Two: mask: the layer takes several tensors/)
  class Wrong extends Layer {
    protected override forward(t: Tensor) {
      return t.add(1)
    }
    protected override computeMask() {
      return given.reshape([3, 2])
    }
  }
  expect(() => new Wrong().apply(x)).toThrow(/Wrong: mask: expected a mask \[2, 3\].*got \[3, 2\]/)
})

describe('what counts, as Keras has it', () => {
  const { x: flat, labels, targets, kernel, weights } = golden
  const samples = tensor(Float32Array.from(flat), { shape: [5, 4, 3] })
  const cases = [
    {
      kind: 'classes',
      loss: losses.categoricalCrossentropy(),
      metric: metrics.categoricalAccuracy(),
      activation: 'softmax' as const,
      y: tensor(Int32Array.from(labels), { shape: [5, 4] }),
    },
    {
      kind: 'quantities',
      loss: losses.meanSquaredError(),
      metric: metrics.custom('squares', (y, p) => p.sub(y).square().mean({ axis: 1 })),
      activation: 'linear' as const,
      y: tensor(Float32Array.from(targets), { shape: [5, 4, 3] }),
    },
  ]

  const made = ({ loss, metric, activation }: (typeof cases)[number]) => {
    const model = new Model([masking(), dense(3, { activation, useBias: false })], { seed: 1 })
    model.build([4, 3])
    model.setParameters({ 'dense.kernel': tensor(Float32Array.from(kernel), { shape: [3, 3] }) })
    return model.compile({ optimizer: sgd({ learningRate: 0.5 }), loss, metrics: [metric] })
  }
  const near = (actual: ArrayLike<number>, expected: ArrayLike<number>) => {
    expect(actual.length).toBe(expected.length)
    for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i]!, 5)
  }
  const order = { batchSize: 2, shuffle: false }

  test.each(cases)('$kind: evaluate, and a fit with batches that count differently', async (of) => {
    const expected = golden[of.kind]
    const model = made(of)
    const scores = (await model.evaluate({ x: samples, y: of.y }, { batchSize: 2 })) as Record<string, number>
    near([scores.loss!, scores[of.metric.name]!], expected.scores)
    const { epochs } = await model.fit({ x: samples, y: of.y }, order)
    const last = epochs[0] as unknown as Record<string, number>
    near([last.loss!, last[of.metric.name]!], [expected.loss, expected.metric])
    near(model.getParameters()['dense.kernel']!.data(), expected.trained)
  })

  test.each(cases)('$kind: with weights of the samples', async (of) => {
    const model = made(of)
    await model.fit({ x: samples, y: of.y, sampleWeight: Float32Array.from(weights) }, order)
    near(model.getParameters()['dense.kernel']!.data(), golden[of.kind].weighted)
  })

  test('cross-entropies meet softmax and sigmoid in one derivative, p − y', () => {
    for (const [activation, loss] of [
      ['softmax', 'categoricalCrossentropy'],
      ['sigmoid', 'binaryCrossentropy'],
    ] as const) {
      const model = new Model([masking(), dense(3, { activation, useBias: false })], { seed: 1 })
      model.compile({ optimizer: 'sgd', loss })
      const y = tensor(
        Float32Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
        { shape: [5, 4, 3] },
      )
      expect(model.printProgram({ x: samples, y })).toMatch(
        activation === 'softmax' ? /softmaxCrossEntropyGradient/ : /sigmoidCrossEntropyGradient/,
      )
    }
  })

  test('a batch of padding alone costs nothing and changes nothing', async () => {
    const model = made(cases[0]!)
    const y = tensor(
      Int32Array.from({ length: 8 }, () => 1),
      { shape: [2, 4] },
    )
    const before = model.getParameters()['dense.kernel']!.data()
    const { epochs } = await model.fit({ x: samples.mul(0).at(':2'), y }, order)
    expect(epochs[0]).toMatchObject({ loss: 0, categoricalAccuracy: 0 })
    expect(model.getParameters()['dense.kernel']!.data()).toEqual(before)
  })

  test('labels without an axis of steps, and a loss that averages by itself, are refused', async () => {
    const model = made(cases[0]!)
    const y = tensor(Int32Array.of(0, 1, 2, 1, 0))
    await expect(model.fit({ x: samples, y })).rejects.toThrow(
      /output \[5, 4, 3\] has a mask \[5, 4\], and needs labels/,
    )
    const own = made({ ...cases[1]!, loss: ((t: Tensor, p: Tensor) => p.sub(t).square().mean()) as never })
    await expect(own.fit({ x: samples, y: cases[1]!.y })).rejects.toThrow(/with a mask one per step is needed/)
  })
})

describe('labels for each step, [batch, t]', () => {
  const logits = tensor([
    [
      [1, 2, 0],
      [0, 0, 3],
    ],
    [
      [0.5, 0, 0],
      [2, 1, 0],
    ],
  ])
  const y = tensor(Int32Array.of(1, 0, 2, 0), { shape: [2, 2] })
  const entropy = (row: number[], label: number) => Math.log(row.reduce((s, v) => s + Math.exp(v), 0)) - row[label]!
  const rows = logits.reshape([4, 3]).toArray(2)
  const each = rows.map((row, i) => entropy(row, [1, 0, 2, 0][i]!))

  test('cross-entropy is the mean over the steps of a sample, from logits and from probabilities', () => {
    const expected = [(each[0]! + each[1]!) / 2, (each[2]! + each[3]!) / 2]
    const fromLogits = losses.categoricalCrossentropy({ fromLogits: true })
    for (const [i, v] of fromLogits(y, logits).toArray(1).entries()) expect(v).toBeCloseTo(expected[i]!, 6)
    for (const [i, v] of losses.categoricalCrossentropy(y, logits.softmax()).toArray(1).entries())
      expect(v).toBeCloseTo(expected[i]!, 6)
    expect(metrics.categoricalAccuracy(y, logits)).toBe(0.5)
  })

  test('a train step of one epoch, and the gradient is softmax minus label', async () => {
    const fromLogits = losses.categoricalCrossentropy({ fromLogits: true })
    const [g] = gradient(fromLogits(y, logits).sum(), [logits])
    const p = logits.softmax().toArray() as number[][][]
    const first = g!.toArray(3)[0]![0]!
    expect(first[1]).toBeCloseTo((p[0]![0]![1]! - 1) / 2, 6)
    const layer = dense(3)
    const step = trainStep({
      parameters: layer,
      optimizer: 'sgd',
      loss: (a: Tensor, b: Tensor) => fromLogits(b, layer.apply(a)),
    })
    expect((await step(logits, y)).loss).toBeGreaterThan(0)
  })

  test('as many labels as steps, or an error', () => {
    expect(() => losses.categoricalCrossentropy(tensor(Int32Array.of(1, 0)).reshape([2, 1]), logits.softmax())).toThrow(
      /labels of shape \[2, 1\]|labels have shape \[2, 1\]/,
    )
  })
})

describe('in a graph of layers', () => {
  const ids = tensor(Int32Array.of(1, 2, 0, 0, 3, 0), { shape: [2, 3] })
  const targets = (padded: number) =>
    tensor(
      Float32Array.of(1, 2, padded, padded, 3, padded).map((v, i) => (i === 3 ? padded : v)),
      { shape: [2, 3, 1] },
    )

  test('masks travel from an embedding to the loss', async () => {
    const words = input([3], { dtype: 'int32' })
    const x = embedding(5, 4, { maskZero: true }).apply(words)
    const y = dense(1).apply(multiHeadAttention(2, 2).apply({ query: x, value: x }))
    const model = new Model({ inputs: words, outputs: y }, { seed: 1 }).compile({ optimizer: 'sgd', loss: 'mse' })
    const [a, b] = [await model.evaluate({ x: ids, y: targets(0) }), await model.evaluate({ x: ids, y: targets(9) })]
    expect(a.loss).toBe(b.loss)
    await model.fit({ x: ids, y: targets(5) }, { epochs: 2 })
  })

  test('a mask of apply is an input as any other', async () => {
    const x = input([3, 4])
    const steps = input([3], { dtype: 'int32' })
    const y = dense(1).apply(multiHeadAttention(2, 2, { useBias: false }).apply(x, { mask: steps }))
    const model = new Model({ inputs: { x, steps }, outputs: y }, { seed: 1 }).compile({
      optimizer: 'sgd',
      loss: 'mse',
    })
    const values = tensor(
      Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
      { shape: [2, 3, 4] },
    )
    const one = tensor(Int32Array.of(1, 0, 0, 1, 1, 1), { shape: [2, 3] })
    const masked = model.predictSync({ x: values, steps: one })
    const all = model.predictSync({ x: values, steps: ones([2, 3], 'int32') })
    expect(masked.at(1).data()).toEqual(all.at(1).data())
    expect(masked.at(0, 0).item()).not.toBe(all.at(0, 0).item())
    const loss = async (padded: number) =>
      (await model.evaluate({ x: { x: values, steps: one }, y: targets(padded) })).loss
    expect(await loss(0)).not.toBe(await loss(9)) // other steps count in this mask
  })
})

test('a layer that gives back its input with a mask leaves that to others as it was', () => {
  class Marks extends Layer {
    protected override forward(t: Tensor) {
      return t
    }
    protected override computeMask() {
      return given
    }
  }
  const before = globalAveragePool1d().apply(x).toArray()
  expect(globalAveragePool1d().apply(new Marks().apply(x)).toArray()).not.toEqual(before)
  expect(globalAveragePool1d().apply(x).toArray()).toEqual(before)
})

test('an average over time with a mask takes sequences only, as without', () => {
  expect(() => globalAveragePool1d().apply(ones([2, 3, 2, 2]), { mask: given })).toThrow(/expected inputs of shape/)
})

test('layers of one tensor refuse several before they are built', () => {
  const layers = [dense(1), flatten(), conv1d(2, 1), layerNormalization(), globalAveragePool1d(), prelu()]
  for (const layer of layers) {
    expect(() => layer.apply([x, x] as never)).toThrow(ChainruleError)
    expect(() => layer.apply({ a: x } as never)).toThrow(/expected one tensor, got an object/)
    expect(layer.apply(x).shape[0]).toBe(2)
  }
  expect(() => new Model([lstm(3, { returnState: true }), dense(1)] as never).predictSync(x)).toThrow(/one tensor/)
})
