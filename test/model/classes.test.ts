// Classes by the model's description: softmax, sigmoids, logits, regressions; losses of logits; what is no probability.
import { describe, expect, test } from 'vitest'
import {
  activation,
  argmax,
  dense,
  flatten,
  gradient,
  losses,
  Model,
  type Tensor,
  tensor,
  trainStep,
} from '../../src/index.ts'

const x = [[1, 2], [-3, 1], [0.5, -2], [4, 4]] // biome-ignore format: a matrix
const y = [0, 1, 1, 0]
type Last = Parameters<typeof dense>[1]
const modelOf = (units: number, last: Last = {}, more: ReturnType<typeof activation>[] = []) =>
  new Model([dense(5, { activation: 'tanh' }), dense(units, last), ...more], { seed: 3 })
const bits = async (model: Model) => (await model.predict(x)).greater(0.5).toArray()
const best = async (model: Model) => argmax(await model.predict(x), { axis: -1 }).toArray()
const compiled = (model: Model, loss: Parameters<Model['compile']>[0]['loss']) =>
  model.compile({ optimizer: 'sgd', loss }) as unknown as Model

describe('predictClasses', () => {
  test.each([1, 3])('%i sigmoids: 0 or 1 each', async (units) => {
    const model = modelOf(units, { activation: 'sigmoid' })
    const classes = await model.predictClasses(x)
    expect([classes.dtype, classes.shape]).toEqual(['int32', [4, units]])
    expect(classes.toArray()).toEqual(await bits(model))
  })
  test('a softmax, as an activation, a layer, a function, in a model within: the argmax', async () => {
    for (const model of [
      modelOf(3, { activation: 'softmax' }),
      modelOf(3, {}, [activation('softmax')]),
      modelOf(3, { activation: (t: Tensor) => t.softmax() }),
      modelOf(3, { activation: (t: Tensor) => t.logSoftmax() }),
      new Model([modelOf(3, { activation: 'softmax' }), flatten()], { seed: 1 }),
    ])
      expect((await model.predictClasses(x)).toArray()).toEqual(await best(model))
  })
  test('logits by the loss', async () => {
    const several = compiled(modelOf(3), losses.categoricalCrossentropy({ fromLogits: true }))
    expect((await several.predictClasses(x)).toArray()).toEqual(await best(several))
    const one = compiled(modelOf(1), losses.binaryCrossentropy({ fromLogits: true }))
    expect((await one.predictClasses(x)).toArray()).toEqual((await one.predict(x)).greater(0).toArray())
  })
  test('a regression has none, and the advice works', async () => {
    for (const model of [
      modelOf(2),
      compiled(modelOf(1), 'meanSquaredError'),
      compiled(modelOf(3), (a, p) => p.sub(a).abs()),
    ])
      await expect(model.predictClasses(x)).rejects.toMatchObject({ code: 'ERR_OPTION' })
    const scores = modelOf(2)
    await expect(scores.predictClasses(x)).rejects.toThrow('(await model.predict(x)).argmax({ axis: -1 })')
    expect((await scores.predict(x)).argmax({ axis: -1 }).shape).toEqual([4])
  })
  test('a softmax over one output is always 1', async () => {
    await expect(modelOf(1, { activation: 'softmax' }).predictClasses(x)).rejects.toThrow("Take activation 'sigmoid'")
  })
})

describe('fromLogits', () => {
  test('is exact where probabilities are clipped: value and p − y', () => {
    const loss = losses.categoricalCrossentropy({ fromLogits: true })
    const z = tensor([[100, 0, -50], [-20, 20, 0]]) // biome-ignore format: a matrix
    const value = loss(Int32Array.of(1, 0), z)
    const g = gradient(value.sum(), z)
    expect(value.toArray()).toEqual([100, 40])
    expect((g.toArray() as number[][]).flat().map((v) => Math.round(v * 1e6) / 1e6 + 0)).toEqual([1, -1, 0, -1, 1, 0])
    expect(loss([[0, 1, 0], [1, 0, 0]], z).toArray()).toEqual([100, 40]) // biome-ignore format: a matrix
    expect(loss(Int32Array.of(0), [[1, -Infinity]]).item()).toBeCloseTo(0)
  })
  test.each([
    ['categorical', 2, losses.categoricalCrossentropy({ fromLogits: true })],
    ['binary', 1, losses.binaryCrossentropy({ fromLogits: true })],
  ] as const)('%s: accuracy knows it, and it is saved', async (_, units, loss) => {
    const model = modelOf(units)
    model.compile({ optimizer: 'adam', loss, metrics: ['accuracy'] })
    await model.fit({ x, y }, { epochs: 3, progress: false })
    const scores = (await model.evaluate({ x, y })) as { loss: number; accuracy: number }
    const classes = (await model.predictClasses(x)).data()
    expect(scores.accuracy).toBeCloseTo([...classes].filter((c, i) => c === y[i]).length / 4, 6)
    const same = await Model.load(model.toBytes())
    expect(await same.evaluate({ x, y })).toEqual(scores)
    expect(await same.predictClasses(x).then((t) => t.toArray())).toEqual((await model.predictClasses(x)).toArray())
  })
})

describe('rows that are no probabilities are refused by what they are, and the advice works', () => {
  const train = (model: Model, loss: Parameters<Model['compile']>[0]['loss']) =>
    compiled(model, loss).fit({ x, y }, { progress: false })
  test('a last layer without an activation', async () => {
    await expect(train(modelOf(2), 'categoricalCrossentropy')).rejects.toThrow(
      "Give the last layer { activation: 'softmax' }, or take losses.categoricalCrossentropy({ fromLogits: true })",
    )
    await train(modelOf(2), losses.categoricalCrossentropy({ fromLogits: true }))
    await train(modelOf(2, { activation: 'softmax' }), 'categoricalCrossentropy')
  })
  test('relu, tanh, sigmoids, logarithms', async () => {
    for (const last of ['relu', 'tanh', 'sigmoid'] as const)
      await expect(train(modelOf(2, { activation: last }), 'categoricalCrossentropy')).rejects.toMatchObject({
        code: 'ERR_DATA',
      })
    await expect(
      train(modelOf(2, { activation: (t: Tensor) => t.logSoftmax() }), 'categoricalCrossentropy'),
    ).rejects.toThrow('are logarithms')
  })
  test('in a train step too', async () => {
    const layer = dense(2)
    layer.apply(tensor(x))
    const step = trainStep({
      parameters: layer,
      optimizer: 'sgd',
      loss: (a: Tensor) => losses.categoricalCrossentropy(Int32Array.from(y), layer.apply(a)),
    })
    await expect(step(x)).rejects.toMatchObject({ code: 'ERR_DATA' })
  })
})
