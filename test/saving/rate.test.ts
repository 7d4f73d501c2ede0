// A learning rate that was set stands above the optimizer's, from the next step on, until compile.
import { expect, test } from 'vitest'
import { adam, dense, Model, schedules, sgd, tensor, trainStep } from '../../src/index.ts'
import { errorOf, shown } from '../support/errors.ts'

const data = { x: [[1], [2]], y: [[3], [5]] }
const fresh = (optimizer = sgd({ learningRate: 0.1 })) =>
  new Model([dense(1)], { seed: 1 }).compile({ optimizer, loss: 'mse' })
const rates = async (model: Model<never>, epochs: number) =>
  (await model.fit(data, { epochs })).epochs.map((e) => (e as { learningRate: number }).learningRate)

test('by the model: before there are weights, and between two fits', async () => {
  const model = fresh()
  expect(model.learningRate).toBe(0.1)
  model.learningRate = 0.05
  expect(model.learningRate).toBe(0.05)
  expect(await rates(model as never, 2)).toEqual([0.05, 0.05])
  model.learningRate = 0.025
  const copies = [model.clone(), await Model.load(model.toBytes())]
  for (const m of [model, ...copies]) {
    expect(m.learningRate).toBe(0.025)
    expect(await rates(m as never, 1)).toEqual([0.025])
  }
  model.compile({ optimizer: sgd({ learningRate: 0.3 }), loss: 'mse' })
  expect(model.learningRate).toBe(0.3)
})

test('by a callback: it survives the end of fit, overrides a schedule, and is saved', async () => {
  const decay = schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.5 })
  const model = fresh(adam({ learningRate: decay }))
  const { epochs } = await model.fit(data, {
    epochs: 3,
    callbacks: [{ onEpochEnd: (logs, run) => void (logs.epoch === 1 && (run.learningRate = 0.7)) }],
  })
  expect(epochs.map((e) => e.learningRate)).toEqual([0.1, 0.05, 0.7])
  const loaded = await Model.load(model.toBytes())
  for (const m of [model, loaded]) expect(await rates(m as never, 2)).toEqual([0.7, 0.7])
  expect(loaded.predictSync([[1]]).toArray()).toEqual(model.predictSync([[1]]).toArray())
})

test('decay goes on dividing it', async () => {
  const model = fresh(sgd({ learningRate: 0.1, decay: 1 }))
  await model.fit(data)
  model.learningRate = 0.4
  expect(await rates(model as never, 2)).toEqual([0.2, 0.4 / 3])
})

test('of a train step', () => {
  const layer = dense(1, { kernelInitializer: 'zeros' })
  layer.apply(tensor([[1]]))
  const step = trainStep({ parameters: layer, optimizer: sgd({ learningRate: 0.5 }), loss: () => layer.kernel.sum() })
  expect(step.learningRate).toBe(0.5)
  step.learningRate = 0.25
  step.sync()
  expect([layer.kernel.item(), step.learningRate]).toEqual([-0.25, 0.25])
  step.learningRate = 2
  step.sync()
  expect([layer.kernel.item(), step.learningRate, step.step]).toEqual([-2.25, 2, 2])
  expect(() => (step.learningRate = -1)).toThrow(/expected a finite number ≥ 0, got -1/)
})

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '0.1'])('%s is refused', async (rate) => {
  const model = fresh()
  expect(await errorOf(() => (model.learningRate = rate as number))).toMatchObject({ code: 'ERR_OPTION' })
  expect(model.learningRate).toBe(0.1)
})

test('without compile there is none', async () => {
  expect(shown(await errorOf(() => new Model([dense(1)]).learningRate))).toMatch(
    /learningRate: the model is not compiled/,
  )
})
