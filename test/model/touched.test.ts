// Tables of which a batch touches a few rows: the numbers are those of a whole gradient, the cost is that of the batch.
import { describe, expect, test } from 'vitest'
import {
  adagrad,
  adam,
  adamw,
  dense,
  embedding,
  flatten,
  Layer,
  Model,
  matmul,
  type Optimizer,
  oneHot,
  type Parameter,
  parameter,
  rmsprop,
  sgd,
  type Tensor,
  tensor,
  trainStep,
} from '../../src/index.ts'

const count = 200
const width = 5

/** The same layer by a product with one-hot rows, whose gradient is a whole table. */
class Whole extends Layer {
  embeddings!: Parameter
  protected override build() {
    this.embeddings = parameter([count, width], 'uniform')
  }
  protected override forward(ids: Tensor) {
    return matmul(oneHot(ids, count), this.embeddings)
  }
}

const optimizers: Record<string, () => Optimizer> = {
  sgd: () => sgd({ learningRate: 0.1 }),
  'sgd with decay': () => sgd({ learningRate: 0.1, weightDecay: 0.01 }),
  momentum: () => sgd({ learningRate: 0.1, momentum: 0.9 }),
  adagrad: () => adagrad({ learningRate: 0.1 }),
  adam: () => adam({ learningRate: 0.01 }),
  adamw: () => adamw({ learningRate: 0.01, weightDecay: 0.1 }),
  rmsprop: () => rmsprop({ learningRate: 0.01 }),
}

// Seven samples in batches of three: whole and partial ones, ids that repeat in a batch and across batches.
const ids = tensor(
  Int32Array.from({ length: 28 }, (_, i) => [3, 199, 0, 3, 77, 12, 199, 5][(i * 5) % 8]! + (i % 3 === 0 ? 1 : 0)).map(
    (v) => v % count,
  ),
  { shape: [7, 4] },
)
const y = tensor(Float32Array.from({ length: 7 }, (_, i) => Math.sin(i)))

function trained(first: Layer, optimizer: Optimizer) {
  const model = new Model([first, flatten(), dense(1)], { seed: 4 })
  model.compile({ optimizer, loss: 'mse' })
  return model
}

const weights = (model: Model) =>
  Object.fromEntries(Object.entries(model.getParameters()).map(([name, t]) => [name.replace(/^\w+\./, ''), t.data()]))

describe.each(Object.entries(optimizers))('%s', (_, make) => {
  test('trains to the numbers of a whole gradient', async () => {
    const [few, whole] = [trained(embedding(count, width), make()), trained(new Whole(), make())]
    for (const model of [few, whole]) await model.fit({ x: ids, y }, { epochs: 6, batchSize: 3 })
    const [a, b] = [weights(few as unknown as Model), weights(whole as unknown as Model)]
    for (const name of ['embeddings', 'kernel', 'bias'])
      for (const [i, v] of a[name]!.entries()) expect(Math.abs(v - b[name]![i]!)).toBeLessThan(2e-6)
  })

  test('a batch that touches most rows, and one that touches few, take turns', async () => {
    const layer = embedding(24, 3)
    const model = trained(layer, make())
    const other = trained(embedding(24, 3), make())
    const many = tensor(
      Int32Array.from({ length: 12 }, (_, i) => i * 2),
      { shape: [3, 4] },
    )
    const rare = tensor(Int32Array.of(5, 5, 7, 1), { shape: [1, 4] })
    const targets = [tensor(Float32Array.of(1, 2, 3)), tensor(Float32Array.of(4))]
    for (let i = 0; i < 3; i++) {
      await model.fit({ x: many, y: targets[0]! }, { shuffle: false })
      await model.fit({ x: rare, y: targets[1]! })
      // The same by batches that are one sample short of being few.
      await other.fit({ x: many, y: targets[0]! }, { shuffle: false })
      await other.fit({
        x: tensor(Int32Array.of(5, 5, 7, 1, 5, 5, 7, 1), { shape: [2, 4] }),
        y: tensor(Float32Array.of(4, 4)),
      })
    }
    const [a, b] = [weights(model as unknown as Model), weights(other as unknown as Model)]
    for (const [i, v] of a.embeddings!.entries()) expect(Math.abs(v - b.embeddings![i]!)).toBeLessThan(2e-6)
  })

  test('a step that fails changes nothing, and leaves nothing behind', async () => {
    const layers = [embedding(count, width), embedding(count, width)]
    const [a, b] = layers.map((layer) => {
      const head = dense(1)
      head.apply(layer.apply(tensor(Int32Array.of(0))))
      head.kernel.set(
        tensor(
          Float32Array.from({ length: width }, (_, i) => i / 3),
          { shape: [width, 1] },
        ),
      )
      layer.embeddings.set(
        tensor(
          Float32Array.from({ length: count * width }, (_, i) => Math.sin(i)),
          { shape: [count, width] },
        ),
      )
      return trainStep({
        parameters: [layer, head],
        optimizer: make(),
        loss: (x: Tensor, scale: Tensor) => head.apply(layer.apply(x)).square().mean().mul(scale),
      })
    })
    const batch = (i: number) => tensor(Int32Array.of(i, 9, 9))
    for (const step of [a!, b!]) await step(batch(1), 1)
    await expect(a!(batch(100), Number.POSITIVE_INFINITY)).rejects.toThrow()
    for (const step of [a!, b!]) await step(batch(2), 1)
    expect(layers[0]!.embeddings.data()).toEqual(layers[1]!.embeddings.data())
  })
})

test('what a step reads and writes does not grow with the table', async () => {
  const bytes = async (rows: number, optimizer: Optimizer) => {
    const model = new Model([embedding(rows, 16), flatten(), dense(1)], { seed: 1 })
    model.compile({ optimizer, loss: 'mse' })
    const profile = await model.profile({ x: ids, y }, { batchSize: 7 })
    return profile.instructions.reduce((sum, { bytes: own }) => sum + own, 0)
  }
  for (const make of [optimizers.sgd!, optimizers.adagrad!])
    expect(await bytes(100_000, make())).toBe(await bytes(1000, make()))
  // Adam reads and writes parameters and two slots, and reads the gradient: seven tables, and no more.
  const table = 99_000 * 16 * 4
  expect((await bytes(100_000, adam())) - (await bytes(1000, adam()))).toBe(7 * table)
})

test('ids outside of the table are refused by layer, id and position', async () => {
  const model = trained(embedding(count, width, { name: 'words' }), adam())
  const wrong = tensor(Int32Array.of(1, 2, 3, 4, 5, 200, 7, 8), { shape: [2, 4] })
  await expect(model.fit({ x: wrong, y: [1, 2] })).rejects.toThrow(
    /words: gather: row index 200 at position 5 is outside the table, which has 200 rows/,
  )
  await expect(model.predict(wrong.neg())).rejects.toThrow(/words: gather: row index -1 at position 0/)
  await expect(model.predict([[0.5, 1, 2, 3]])).rejects.toThrow(/whole|integer/)
})
