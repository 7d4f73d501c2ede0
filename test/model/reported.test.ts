// What a step reports may change between trainings (a layer is frozen, a mask comes and goes): each program's numbers
// are read as that program wrote them.
import { expect, test } from 'vitest'
import { type Context, dense, Layer, Model, sgd, type Tensor } from '../../src/index.ts'

const data = { x: [[1], [2], [3], [4]], y: [[1], [2], [3], [7]] }
const still = sgd({ learningRate: 1e-9 })

class Penalized extends Layer {
  protected override forward(x: Tensor, { trainable, addLoss }: Context) {
    if (trainable) addLoss(x.square().mean().mul(0.5))
    return x
  }
}

test('a penalty that is there only while its layer is trained', async () => {
  const layer = new Penalized()
  const model = new Model([dense(1), layer], { seed: 1 })
  model.compile({ optimizer: still, loss: 'meanSquaredError', metrics: ['regressionAccuracy'] })
  const { loss, regressionAccuracy } = await model.evaluate(data)
  for (const trainable of [false, true, false, true]) {
    layer.trainable = trainable
    const [logs] = (await model.fit(data)).epochs
    expect(logs!.regressionAccuracy).toBe(regressionAccuracy)
    const ofData = trainable ? logs!.dataLoss! : logs!.loss
    expect(ofData).toBeCloseTo(loss, 5)
    if (trainable) expect(logs!.loss).toBeCloseTo(ofData + logs!.regularizationLoss!, 5)
  }
})

class Sometimes extends Layer {
  protected override forward(x: Tensor, { addLoss }: Context) {
    if (x.shape[0] === 1) addLoss(x.square().mean())
    return x
  }
}

test('a penalty in some batches of a training only is refused, and the model stays usable', async () => {
  const model = new Model([dense(1), new Sometimes()], { seed: 1 })
  model.compile({ optimizer: still, loss: 'meanSquaredError' })
  const before = await model.evaluate(data)
  await expect(model.fit(data, { batchSize: 3 })).rejects.toThrow(
    'fit: a batch reports other numbers than those before it (loss, dataLoss, regularizationLoss instead of loss). A layer ' +
      'adds to the loss, or gives a mask, in some batches only: let it do so in all.',
  )
  expect(await model.evaluate(data)).toEqual(before)
  expect((await model.fit(data, { batchSize: 2 })).epochs).toHaveLength(1)
})

class MaskInTraining extends Layer {
  #mode = 'predict'
  protected override forward(x: Tensor, { mode }: Context) {
    this.#mode = mode
    return x.add(0)
  }
  protected override computeMask(x: Tensor) {
    return this.#mode === 'train' ? x.at(':', ':', 0).notEqual(0) : undefined
  }
}

test('a mask in training only changes no scores of an evaluation', async () => {
  const steps = [
    [[1], [2], [0]],
    [[3], [0], [0]],
  ]
  const masked = { x: steps, y: steps }
  const model = new Model([new MaskInTraining(), dense(1)], { seed: 2 })
  model.compile({ optimizer: still, loss: 'meanSquaredError', metrics: ['regressionAccuracy'] })
  const before = await model.evaluate(masked)
  await model.fit(masked)
  const after = await model.evaluate(masked)
  expect(after.loss).toBeCloseTo(before.loss, 5)
  expect(after.regressionAccuracy).toBe(before.regressionAccuracy)
})
