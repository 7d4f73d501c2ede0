// A graph with several inputs and outputs, a shared layer and a residual, against Keras: test/golden/graphs/make.py.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { concat, dense, input, Model, sgd, type Tensor, tensor } from '../../src/index.ts'
import { bits } from '../support/book.ts'
import { expectNear, type Golden, tensorOf } from '../support/layer-cases.ts'

type Named<T> = Readonly<Record<string, T>>
interface Case {
  readonly x: { readonly photo: Golden; readonly facts: Golden }
  readonly y: { readonly price: Golden; readonly kind: Golden }
  readonly lossWeights: { readonly price: number; readonly kind: number }
  readonly weights: Named<Golden>
  readonly outputs: { readonly price: Golden; readonly kind: Golden }
  readonly losses: { readonly loss: number; readonly price: number; readonly kind: number }
  readonly gradients: Named<Golden>
}
const golden: Case = JSON.parse(readFileSync(new URL('../golden/graphs/house.json', import.meta.url), 'utf8'))
const x = { photo: tensorOf(golden.x.photo), facts: tensorOf(golden.x.facts) }
const y = { price: tensorOf(golden.y.price), kind: tensorOf(golden.y.kind) }

function house() {
  const [photo, facts] = [input([4], { name: 'photo' }), input([3], { name: 'facts' })]
  const shared = dense(4, { activation: 'tanh', name: 'shared' })
  const seen = shared.apply(shared.apply(photo)).add(photo)
  const both = concat([seen, dense(3, { activation: 'relu', name: 'known' }).apply(facts)], -1)
  const hidden = dense(5, { activation: 'sigmoid', name: 'hidden' }).apply(both)
  const mixed = hidden.mul(both.mean({ axis: -1, keepdims: true }))
  const price = dense(1, { name: 'price' }).apply(mixed)
  const skip = dense(5, { name: 'skip' }).apply(both).add(mixed).relu()
  const kind = dense(3, { activation: 'softmax', name: 'kind' }).apply(skip)
  const model = new Model({ inputs: { photo, facts }, outputs: { price, kind } }, { seed: 1 })
  model.setParameters(Object.fromEntries(Object.entries(golden.weights).map(([path, w]) => [path, tensorOf(w)])))
  return model.compile({
    optimizer: sgd({ learningRate: 1 }),
    loss: { price: 'meanSquaredError', kind: 'categoricalCrossentropy' },
    lossWeights: golden.lossWeights,
  })
}

test('outputs and losses are those of Keras', async () => {
  const model = house()
  const out = await model.predict(x)
  expectNear(out.price, golden.outputs.price, 1e-6, 'price')
  expectNear(out.kind, golden.outputs.kind, 1e-6, 'kind')
  const scores = await model.evaluate({ x, y })
  expect([scores.loss, scores.priceLoss, scores.kindLoss]).toEqual(
    [golden.losses.loss, golden.losses.price, golden.losses.kind].map((v) => expect.closeTo(v, 5)),
  )
})

test('a step at a learning rate of 1 subtracts the gradients of Keras; saved, loaded and copied alike', async () => {
  const model = house()
  const copies = [await Model.load<typeof model>(model.toBytes()), model.clone()]
  const before = model.getParameters()
  expect(Object.keys(before).sort()).toEqual(Object.keys(golden.gradients).sort())
  const { epochs } = await model.fit({ x, y }, { batchSize: 7, shuffle: false })
  const after = model.getParameters()
  for (const [path, expected] of Object.entries(golden.gradients)) {
    const step = tensor(before[path]!.sub(after[path]!).data(), { shape: expected.shape })
    expectNear(step, expected, 1e-5, `gradient of ${path}`)
  }
  const all = (values: Named<Tensor>) => Object.entries(values).map(([path, t]) => [path, bits(t)])
  for (const copy of copies) {
    const again = await copy.fit({ x, y }, { batchSize: 7, shuffle: false })
    expect([again.epochs, all(copy.getParameters())]).toEqual([epochs, all(after)])
  }
})
