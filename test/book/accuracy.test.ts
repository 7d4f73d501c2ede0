// The three accuracies against NumPy, through a model that hands its inputs on.
import { expect, test } from 'vitest'
import { activation, type LossName, Model } from '../../src/index.ts'
import { golden, type Matrix } from '../support/book.ts'

interface Case {
  p: Matrix
  y: number[] | Matrix
  value: number
}

const { categorical, binary, regression } = golden<{ accuracies: Record<string, Case> }>('parts').accuracies as {
  [name: string]: Case
} & { categorical: Case; binary: Case; regression: Case }

const identity = (loss: LossName) =>
  new Model([activation('linear')]).compile({ optimizer: 'sgd', loss, metrics: ['accuracy'] })

async function accuracy(loss: LossName, p: Matrix, y: number[] | Matrix): Promise<number> {
  return (await identity(loss).evaluate({ x: p, y: y as Matrix }, { batchSize: 7 })).accuracy
}

test('categorical, for class numbers and one-hot labels; the first of two equal outputs wins', async () => {
  const classes = categorical.y as number[]
  const oneHot = classes.map((c) => [0, 1, 2].map((k) => (k === c ? 1 : 0)))
  expect(await accuracy('categoricalCrossentropy', categorical.p, classes)).toBeCloseTo(categorical.value, 6)
  expect(await accuracy('categoricalCrossentropy', categorical.p, oneHot)).toBeCloseTo(categorical.value, 6)
})

test('binary, averaged over all outputs; 0.5 itself is a no', async () => {
  expect(await accuracy('binaryCrossentropy', binary.p, binary.y)).toBeCloseTo(binary.value, 6)
})

test.each(['meanSquaredError', 'meanAbsoluteError'] as const)('regression, %s', async (loss) => {
  expect(await accuracy(loss, regression.p, regression.y)).toBeCloseTo(regression.value, 6)
})

test("regression's precision comes from the training targets, once", async () => {
  const model = identity('meanSquaredError')
  const x = [[-100], [100]]
  await model.fit({ x, y: x }, { epochs: 1 }) // deviation 100, so anything within 0.4 is right
  expect((await model.evaluate({ x: [[0.3], [0.5]], y: [[0], [0]] })).accuracy).toBe(0.5)
  await model.fit({ x: [[0.5]], y: [[0.5]] }, { epochs: 1 })
  expect((await model.evaluate({ x: [[0.3], [0.5]], y: [[0], [0]] })).accuracy).toBe(0.5)
})
