// What is trained may change between two steps: a frozen layer stays as it is, in `fit` and in a train step.
import { expect, test } from 'vitest'
import { dense, losses, Model, type Tensor, trainStep } from '../src/index.ts'

const x = [
  [1, 2],
  [3, 4],
]
const y = [[1], [0]]

function twoLayers() {
  const [first, second] = [dense(3, { activation: 'tanh' }), dense(1)]
  const model = new Model([first, second], { seed: 1 })
  model.build([2])
  return { first, second, model }
}

test('a layer that is frozen after the first train step stays, and goes on when it is thawed', () => {
  const { first, second, model } = twoLayers()
  const loss = (input: Tensor, target: Tensor) => losses.meanSquaredError(target, model.apply(input))
  const step = trainStep({ parameters: model, optimizer: 'sgd', loss })
  const started = first.kernel.data()
  step.sync(x, y)
  const [kept, moved] = [first.kernel.data(), second.kernel.data()]
  expect(kept).not.toEqual(started)
  first.trainable = false
  step.sync(x, y)
  expect(first.kernel.data()).toEqual(kept)
  expect(second.kernel.data()).not.toEqual(moved)
  first.trainable = true
  step.sync(x, y)
  expect(first.kernel.data()).not.toEqual(kept)
})

test('a layer that is frozen between two fits stays', async () => {
  const { first, second, model } = twoLayers()
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
  await model.fit({ x, y })
  const [kept, moved] = [first.kernel.data(), second.kernel.data()]
  first.trainable = false
  await model.fit({ x, y })
  expect(first.kernel.data()).toEqual(kept)
  expect(second.kernel.data()).not.toEqual(moved)
})
