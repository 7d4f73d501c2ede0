// Whole trainings, epoch by epoch, up to where a starting weight's last bit begins to show.
import { describe, expect, test } from 'vitest'
import { sine, spiral } from '../../src/datasets.ts'
import {
  adagrad,
  adam,
  dense,
  gather,
  type LossName,
  l2,
  losses,
  Model,
  mean,
  type Optimizer,
  penalty,
  RandomState,
  rmsprop,
  sgd,
  type Tensor,
  trainStep,
} from '../../src/index.ts'
import { classifier, drawn, golden, type OptimizerOptions, optimizerOf, type Penalties } from '../support/book.ts'

/** Epoch, accuracy, data loss, regularization loss, learning rate. */
type Row = [number, number, number, number, number]

interface Trajectory {
  name: string
  rows: Row[]
}

interface Chapters {
  optimizers: (Trajectory & { optimizer: OptimizerOptions })[]
  penalties: (Trajectory & Penalties & { optimizer: OptimizerOptions })[]
  dropout: Trajectory
  binary: Trajectory
  regression: Trajectory
  absolute: Trajectory
  batches: { epochs: [number, number, number, number, number][]; evaluated: [number, number] }
}

const chapters = golden<Chapters>('chapters')
const whole = { batchSize: 1000, shuffle: false }

type Logs = { loss: number; accuracy: number; dataLoss?: number; regularizationLoss?: number; learningRate: number }

function check(rows: readonly Row[], logs: readonly Logs[], samples: number): void {
  for (const [epoch, accuracy, data, penalties, rate] of rows) {
    const found = logs[epoch]!
    const label = `epoch ${epoch}`
    expect(Math.abs((found.dataLoss ?? found.loss) - data), `${label}: data loss`).toBeLessThan(5e-4)
    // The signs that L1 takes make roundings grow: from 1e-9 at first to 1e-4 after 75 epochs, on every instruction set.
    const drift = epoch < 20 ? 2e-5 : 2e-4
    expect(Math.abs((found.regularizationLoss ?? 0) - penalties), `${label}: regularization`).toBeLessThan(drift)
    expect(found.loss, label).toBeCloseTo((found.dataLoss ?? found.loss) + (found.regularizationLoss ?? 0), 5)
    // A sample or two may stand on the edge.
    expect(Math.abs(found.accuracy - accuracy), `${label}: accuracy`).toBeLessThan(3.5 / samples)
    expect(found.learningRate, label).toBe(rate)
  }
  const [first] = rows
  expect(logs[0]!.dataLoss ?? logs[0]!.loss).toBeCloseTo(first![2], 6)
}

const epochsOf = ({ rows }: Trajectory) => rows.at(-1)![0] + 1

test.each(chapters.optimizers)('chapter 10: $optimizer', async (expected) => {
  const generator = new RandomState(0)
  const data = spiral(100, 3, { generator })
  const model = classifier(generator, optimizerOf(expected.optimizer))
  const { epochs } = await model.fit(data, { ...whole, epochs: epochsOf(expected) })
  check(expected.rows, epochs, 300)
})

const listed: [string, Optimizer, Record<number, number>][] = [
  ['SGD', sgd({ learningRate: 1 }), { 1: 1.0985744, 10: 1.0984524, 50: 1.0970589, 100: 1.0869206 }],
  [
    'SGD with momentum',
    sgd({ learningRate: 1, decay: 1e-3, momentum: 0.9 }),
    { 1: 1.0985744, 10: 1.0979965, 50: 1.076185, 100: 1.0534672 },
  ],
  ['Adam', adam({ learningRate: 0.05, decay: 5e-7 }), { 1: 1.0962065, 10: 1.0687319 }],
  ['AdaGrad', adagrad({ learningRate: 1, decay: 1e-4 }), {}],
  ['RMSProp', rmsprop({ learningRate: 0.02, decay: 1e-5, rho: 0.999 }), {}],
]

test.each(listed)('chapter 10, the listed values: %s', async (_, optimizer, expected) => {
  const generator = new RandomState(0)
  const data = spiral(100, 3, { generator })
  const { epochs } = await classifier(generator, optimizer).fit(data, { ...whole, epochs: 101 })
  expect(epochs[0]!.accuracy).toBeCloseTo(0.36, 6)
  expect(epochs[0]!.loss).toBeCloseTo(1.0985943, 6)
  for (const [epoch, loss] of Object.entries(expected))
    expect(Math.abs(epochs[Number(epoch)]!.loss - loss), `epoch ${epoch}`).toBeLessThan(5e-4)
})

describe('penalties', () => {
  test.each(chapters.penalties)('$name', async (expected) => {
    const generator = new RandomState(0)
    const data = spiral(100, 3, { generator })
    const model = classifier(generator, optimizerOf(expected.optimizer), expected)
    const { epochs } = await model.fit(data, { ...whole, epochs: epochsOf(expected) })
    check(expected.rows, epochs, 300)
    // Left out of what evaluation reports.
    const { loss } = await model.evaluate(data)
    const { loss: next, dataLoss } = (await model.fit(data, whole)).epochs[0]!
    expect(loss).toBeCloseTo(dataLoss!, 5)
    expect(next).toBeGreaterThan(loss)
  })
})

test('chapter 15: dropout by hand, with masks of the generator', () => {
  const generator = new RandomState(0)
  const { x, y } = spiral(100, 3, { generator })
  const regularizer = l2(5e-4)
  const first = dense(64, { activation: 'relu', ...drawn(generator) })
  const second = dense(3, { activation: 'softmax', ...drawn(generator) })
  second.apply(first.apply(x))
  const step = trainStep({
    parameters: [first, second],
    optimizer: adam({ learningRate: 0.05, decay: 5e-5 }),
    loss: (mask: Tensor) => {
      const output = second.apply(first.apply(x).mul(mask))
      const dataLoss = mean(losses.categoricalCrossentropy(y, output))
      const regularization = penalty(first.kernel, regularizer).add(penalty(first.bias!, regularizer))
      return { loss: dataLoss.add(regularization), dataLoss, regularization }
    },
  })
  for (let epoch = 0; epoch < epochsOf(chapters.dropout); epoch++) {
    const found = step.sync(generator.binomial(1, 0.9, [300, 64]).cast('float32').div(0.9))
    const row = chapters.dropout.rows.find(([e]) => e === epoch)
    if (!row) continue
    expect(Math.abs(found.dataLoss.item() - row[2]), `epoch ${epoch}`).toBeLessThan(5e-4)
    expect(Math.abs(found.regularization.item() - row[3]), `epoch ${epoch}`).toBeLessThan(1e-4)
  }
})

test('chapter 16: binary classification', async () => {
  const generator = new RandomState(0)
  const { x, y } = spiral(100, 2, { generator })
  const regularizers = { kernelRegularizer: l2(5e-4), biasRegularizer: l2(5e-4) }
  const model = new Model([
    dense(64, { activation: 'relu', ...drawn(generator), ...regularizers }),
    dense(1, { activation: 'sigmoid', ...drawn(generator) }),
  ]).compile({ optimizer: adam({ decay: 5e-7 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] })
  const { epochs } = await model.fit({ x, y }, { ...whole, epochs: epochsOf(chapters.binary) })
  check(chapters.binary.rows, epochs, 200)
})

test.each([
  ['meanSquaredError', chapters.regression],
  ['meanAbsoluteError', chapters.absolute],
] as [LossName, Trajectory][])('chapter 17: regression with the %s', async (loss, expected) => {
  const generator = new RandomState(0)
  const hidden = () => dense(64, { activation: 'relu', ...drawn(generator, 0.1) })
  const model = new Model([hidden(), hidden(), dense(1, drawn(generator, 0.1))]).compile({
    optimizer: adam({ learningRate: 0.005, decay: 1e-3 }),
    loss,
    metrics: ['accuracy'],
  })
  const { epochs } = await model.fit(sine(1000), { ...whole, epochs: epochsOf(expected) })
  check(expected.rows, epochs, 1000)
})

test('batches with a partial last one, and validation: figures weighted by samples', async () => {
  const generator = new RandomState(0)
  const { x, y } = spiral(100, 3, { generator })
  const validation = spiral(100, 3, { generator })
  const order = generator.permutation(300)
  const model = classifier(generator, adam({ learningRate: 0.02, decay: 1e-3 }), undefined, 32)
  const data = { x: gather(x, order), y: gather(y, order) }
  const { epochs } = await model.fit(data, { epochs: 6, batchSize: 128, shuffle: false, validation })
  for (const [i, [accuracy, loss, rate, valAccuracy, valLoss]] of chapters.batches.epochs.entries()) {
    const found = epochs[i]!
    expect(Math.abs(found.loss - loss), `epoch ${i}`).toBeLessThan(5e-4)
    expect(Math.abs(found.valLoss! - valLoss), `epoch ${i}`).toBeLessThan(5e-4)
    expect(Math.abs(found.accuracy - accuracy), `epoch ${i}`).toBeLessThan(3.5 / 300)
    expect(Math.abs(found.valAccuracy! - valAccuracy), `epoch ${i}`).toBeLessThan(3.5 / 300)
    expect(found.learningRate).toBe(rate)
  }
  const [accuracy, loss] = chapters.batches.evaluated
  const evaluated = await model.evaluate(data)
  expect(Math.abs(evaluated.loss - loss)).toBeLessThan(5e-4)
  expect(Math.abs(evaluated.accuracy - accuracy)).toBeLessThan(3.5 / 300)
})
