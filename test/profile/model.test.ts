// model.profile() as a call: times that add up, a model that stays as it was, errors.
import { describe, expect, test } from 'vitest'
import { adam, dense, dropout, info, Model, setThreads } from '../../src/index.ts'
import { classifier, errorOf, isUsable, samples } from '../support/errors.ts'

const data = samples()
const quiet = { progress: false, batchSize: 5 } as const
const few = { batchSize: 4, steps: 12 }

/** Dropout, shuffling and Adam: whatever a profile used up would show. */
function drawing() {
  const model = new Model([dense(6, { activation: 'relu' }), dropout(0.3), dense(3, { activation: 'softmax' })], {
    seed: 7,
  })
  return model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
}

describe('times', () => {
  test('add up, and rates follow from them', async () => {
    const { instructions, layers, total, between, peak, steps } = await classifier().profile(data, few)
    const sum = (parts: readonly { time: number }[]) => parts.reduce((all, { time }) => all + time, 0)
    expect(steps).toBe(12)
    expect(between).toBeGreaterThanOrEqual(0)
    expect(instructions.every(({ time }) => time >= 0)).toBe(true)
    expect(sum(instructions)).toBeGreaterThan(0)
    expect(sum(instructions) + between).toBeCloseTo(total.time, 6)
    expect(sum(layers)).toBeCloseTo(sum(instructions), 6)
    for (const part of [total, ...layers, ...instructions]) {
      expect(part.gflops * part.time * 1000).toBeCloseTo(part.time > 0 ? part.flops : 0, 3)
      expect(part.gbps * part.time * 1000).toBeCloseTo(part.time > 0 ? part.bytes : 0, 3)
      expect(part.ofPeak).toBeCloseTo(part.gflops / peak.gflops, 9)
    }
  })

  test('without a number of steps there are at least nine', async () => {
    expect((await classifier().profile(data)).steps).toBeGreaterThanOrEqual(9)
  })

  test('the peak is that of the threads in use', async () => {
    const before = info().threads
    try {
      setThreads(1)
      const { peak } = await classifier().profile(data, few)
      expect(peak).toMatchObject({ threads: 1 })
      expect(Math.min(peak.gflops, peak.gbps)).toBeGreaterThan(0)
    } finally {
      setThreads(before)
    }
  })
})

describe('the model', () => {
  test('stays as it is, and goes on with the same bits', async () => {
    const [profiled, other] = [drawing(), drawing()]
    await profiled.profile(data, few) // before the first step, when it makes the weights
    for (const model of [profiled, other]) await model.fit(data, quiet)
    const saved = profiled.toBytes()
    expect(saved).toEqual(other.toBytes())
    for (const mode of ['train', 'evaluate', 'predict'] as const) await profiled.profile(data, { ...few, mode })
    expect(profiled.toBytes()).toEqual(saved)
    const histories = [await profiled.fit(data, quiet), await other.fit(data, quiet)]
    expect(histories[0]).toEqual(histories[1])
    expect(profiled.toBytes()).toEqual(other.toBytes())
  })

  test('keeps nothing of the targets: the tolerance of an accuracy comes from the data that it is trained on', async () => {
    const make = () =>
      new Model([dense(1)], { seed: 1 }).compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['accuracy'] })
    const x = data.x
    const near = { x, y: x.map(([a]) => a!) }
    const far = { x, y: x.map(([a]) => 1000 * a!) }
    const [profiled, other] = [make(), make()]
    await profiled.profile(far, few)
    expect(await profiled.fit(near, quiet)).toEqual(await other.fit(near, quiet))
    expect(profiled.toBytes()).toEqual(other.toBytes())
  })

  test('may have a learning rate that would lead nowhere', async () => {
    const model = new Model([dense(4), dense(1)], { seed: 1 })
    model.compile({ optimizer: adam({ learningRate: 1e30 }), loss: 'meanSquaredError' })
    const { total } = await model.profile({ x: data.x, y: data.y }, { batchSize: 4, steps: 50 })
    expect(total.time).toBeGreaterThan(0)
  })

  test('may be frozen in part', async () => {
    const model = classifier()
    model.stack[0]!.trainable = false
    const { instructions } = await model.profile(data, few)
    expect(instructions.filter((i) => i.phase === 'backward').map((i) => i.layer)).not.toContain('dense')
    expect(instructions.filter((i) => i.phase === 'update')).toHaveLength(1)
  })
})

describe('what is profiled', () => {
  const phases = (instructions: readonly { phase: string }[]) => [...new Set(instructions.map((i) => i.phase))]

  test('training where there are labels and the model is compiled', async () => {
    const { mode, batchSize, instructions } = await classifier().profile(data, few)
    expect({ mode, batchSize, phases: phases(instructions) }).toEqual({
      mode: 'train',
      batchSize: 4,
      phases: expect.arrayContaining(['forward', 'backward', 'update']),
    })
  })

  test('else a prediction', async () => {
    const uncompiled = new Model([dense(2)], { seed: 1 })
    for (const made of [classifier().profile({ x: data.x }, few), uncompiled.profile(data, few)]) {
      const { mode, instructions } = await made
      expect({ mode, phases: phases(instructions) }).toEqual({ mode: 'predict', phases: ['forward'] })
    }
  })

  test('without data of so many random samples', async () => {
    const model = classifier()
    model.build([4])
    const { batchSize, instructions } = await model.profile(undefined, { batchSize: 7, steps: 3 })
    expect(batchSize).toBe(7)
    expect(instructions.at(-1)!.shape).toEqual([7, 3])
  })

  test('an evaluation when asked for: loss and metrics, no way back', async () => {
    const { layers, instructions } = await classifier().profile(data, { ...few, mode: 'evaluate' })
    expect(layers.map((l) => l.layer)).toEqual(expect.arrayContaining(['dense', 'dense1', '(loss)', '(accuracy)']))
    expect(phases(instructions)).toEqual(['forward'])
  })

  test('a batch is no larger than the data', async () => {
    expect((await classifier().profile(data, { batchSize: 500, steps: 2 })).batchSize).toBe(12)
  })
})

describe('errors', () => {
  test.each([
    [
      'a misspelled option',
      () => classifier().profile(data, { batchsize: 4 } as never),
      'ERR_OPTION',
      /Did you mean 'batchSize'/,
    ],
    ['no steps', () => classifier().profile(data, { steps: 0 }), 'ERR_OPTION', /'steps' must be a positive integer/],
    [
      'an unknown mode',
      () => classifier().profile(data, { mode: 'fit' as never }),
      'ERR_OPTION',
      /'mode' must be one of/,
    ],
    ['training without data', () => classifier().profile(undefined, { mode: 'train' }), 'ERR_DATA', /needs data/],
    ['training without labels', () => classifier().profile({ x: data.x }, { mode: 'train' }), 'ERR_DATA', /no labels/],
    [
      'training before compile',
      () => new Model([dense(2)]).profile(data, { mode: 'train' }),
      'ERR_OPTION',
      /profile: the model is not compiled/,
    ],
    ['no data and no shape', () => classifier().profile(), 'ERR_DATA', /call build\(inputShape\)/],
  ])('%s', async (_, call, code, message) => {
    expect(await errorOf(call)).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test.each([
    ['labels outside the classes', { x: data.x, y: data.y.map((y) => y + 1) }, /expected an integer from 0 to 2/],
    ['samples of another shape', { x: data.y.map(() => [1, 2]), y: data.y }, /takes samples of shape/],
  ])('%s leave the model as it was', async (_, bad, message) => {
    const model = classifier()
    await model.fit(data, quiet)
    const before = model.toBytes()
    expect(await errorOf(() => model.profile(bad, few))).toMatchObject({ message: expect.stringMatching(message) })
    expect(model.toBytes()).toEqual(before)
    expect(await isUsable(model)).toBe(true)
  })

  test('weights that are not finite are found', async () => {
    const model = classifier()
    model.build([4])
    model.setParameters({ 'dense.bias': Array.from({ length: 8 }, () => Number.POSITIVE_INFINITY) })
    expect(await errorOf(() => model.profile(data, few))).toMatchObject({ code: 'ERR_NOT_FINITE' })
  })

  test('not while it is being trained, and no training meanwhile', async () => {
    const model = classifier()
    const training = model.fit(data, { ...quiet, epochs: 50 })
    expect(await errorOf(() => model.profile(data, few))).toMatchObject({ code: 'ERR_BUSY' })
    await training
    const profile = model.profile(data, { batchSize: 4, steps: 2000 })
    expect(await errorOf(() => model.fit(data, quiet))).toMatchObject({
      code: 'ERR_BUSY',
      message: 'fit: the model is being profiled; await it first',
    })
    expect((await model.predict(data.x)).shape).toEqual([12, 3])
    await profile
    expect(await isUsable(model)).toBe(true)
  })

  test('a signal ends it, with its reason', async () => {
    const model = classifier()
    const reason = new Error('enough')
    expect(await errorOf(() => model.profile(data, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    const controller = new AbortController()
    const profile = model.profile(data, { steps: 1e8, signal: controller.signal })
    setTimeout(() => controller.abort(reason), 1000)
    expect(await errorOf(() => profile)).toBe(reason)
    expect(await isUsable(model)).toBe(true)
  })
})
