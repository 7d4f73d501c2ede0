// Layers that vary pictures by chance (test/golden/layers/augmentation.py has what they do with a given draw): a draw of its
// own for each picture, in training only, runs that can be repeated, and what is refused.
import { describe, expect, test } from 'vitest'
import {
  conv2d,
  dense,
  flatten,
  gradient,
  type Layer,
  Model,
  program,
  randomContrast,
  randomCrop,
  randomFlip,
  randomNormal,
  randomRotation,
  randomTranslation,
  randomUniform,
  randomZoom,
  rescaling,
  resizing,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts'
import { bits } from '../support/book.ts'

const drawing: [string, (options?: { seed?: number }) => Layer][] = [
  ['randomFlip', (o) => randomFlip(o)],
  ['randomCrop', (o) => randomCrop(5, 6, o)],
  ['randomRotation', (o) => randomRotation(0.2, o)],
  ['randomTranslation', (o) => randomTranslation(0.2, 0.3, o)],
  ['randomZoom', (o) => randomZoom(0.3, o)],
  ['randomContrast', (o) => randomContrast(0.5, { ...o, valueRange: [-9, 9] })],
]

const picture = () => randomUniform([1, 9, 8, 2], { seed: 1 })
/** The same picture many times. */
const pictures = (n: number) => picture().broadcastTo([n, 9, 8, 2])
const inTraining = (layer: Layer) => program((t: Tensor) => layer.apply(t, { mode: 'train' }))
const each = (y: Tensor) => Array.from({ length: y.shape[0]! }, (_, i) => bits(y.at(`${i}:${i + 1}`)))

describe.each(drawing)('%s', (type, make) => {
  test('each picture has a draw of its own, and each step another', () => {
    const run = inTraining(make())
    const first = run.sync(pictures(40))
    // Of flips there are four.
    expect(new Set(each(first)).size).toBeGreaterThanOrEqual(type === 'randomFlip' ? 4 : 9)
    expect(bits(run.sync(pictures(40)))).not.toBe(bits(first))
    const fixed = inTraining(make({ seed: 3 }))
    expect(bits(fixed.sync(pictures(40)))).toBe(bits(fixed.sync(pictures(40))))
  })

  test('does nothing in predictions, but for the size', () => {
    const y = make().apply(pictures(2))
    if (type === 'randomCrop') expect(y.shape).toEqual([2, 5, 6, 2])
    else expect(bits(y)).toBe(bits(pictures(2)))
  })

  test('a model with it is trained alike twice, and goes on alike as a copy', async () => {
    const data = { x: randomUniform([24, 9, 8, 2], { seed: 2 }), y: zeros([24, 1]) }
    const fresh = () =>
      new Model([make(), conv2d(3, 3, { activation: 'gelu' }), flatten(), dense(1)], { seed: 4 }).compile({
        optimizer: 'adam',
        loss: 'meanSquaredError',
      })
    const models = [fresh(), fresh()]
    for (const model of models) await model.fit(data, { batchSize: 7, epochs: 2 })
    const weights = (model: { getParameters(): Record<string, Tensor> }) =>
      Object.values(model.getParameters()).map(bits)
    expect(weights(models[1]!)).toEqual(weights(models[0]!))
    const copy = await Model.load(models[0]!.toBytes())
    for (const model of [models[0]!, copy]) await model.fit(data, { batchSize: 7 })
    expect(weights(copy)).toEqual(weights(models[0]!))
  })

  test('has the derivative of what it did', () => {
    const layer = make({ seed: 11 })
    const weights = randomNormal(layer.apply(pictures(3), { mode: 'train' }).shape, { seed: 8 })
    const loss = (x: Tensor) => layer.apply(x, { mode: 'train' }).mul(weights).sum()
    const direction = randomNormal([3, 9, 8, 2], { seed: 9 })
    const exact = program((x: Tensor) => gradient(loss(x), x).mul(direction).sum())
      .sync(pictures(3))
      .item()
    const at = program((x: Tensor, by: Tensor) => loss(x.add(direction.mul(by))))
    const numeric = (at.sync(pictures(3), 0.01).item() - at.sync(pictures(3), -0.01).item()) / 0.02
    expect(Math.abs(numeric - exact)).toBeLessThan(2e-3 * Math.max(1, Math.abs(exact)))
  })

  test('refuses what is no picture', () => {
    expect(() => make().apply(zeros([2, 9, 8]))).toThrow(
      `${type}: expected pictures [batch, height, width, channels], got [2, 9, 8]`,
    )
  })
})

const rows = [[1, 2, 3], [4, 5, 6]] // biome-ignore format: a picture
const small = tensor(rows).reshape([1, 2, 3, 1])
const shown = (y: Tensor) => y.reshape([y.shape[1]!, y.shape[2]!]).toArray(2)

test('flips are those of their mode, about half of each', () => {
  const counts = (mode: 'horizontal' | 'vertical' | 'both') => {
    const y = inTraining(randomFlip({ mode, seed: 1 })).sync(small.broadcastTo([400, 2, 3, 1]))
    const found = new Map<string, number>()
    for (let i = 0; i < 400; i++) {
      const one = JSON.stringify(shown(y.at(`${i}:${i + 1}`)))
      found.set(one, (found.get(one) ?? 0) + 1)
    }
    return found
  }
  const turned = rows.map((row) => row.toReversed())
  const [as, across, down, both] = [rows, turned, rows.toReversed(), turned.toReversed()].map((p) => JSON.stringify(p))
  expect([...counts('horizontal').keys()].sort()).toEqual([as, across].sort())
  expect([...counts('vertical').keys()].sort()).toEqual([as, down].sort())
  const all = counts('both')
  expect([...all.keys()].sort()).toEqual([as, across, down, both].sort())
  for (const count of all.values()) expect(Math.abs(count - 100)).toBeLessThan(45)
})

test('crops are parts of the picture, at every place', () => {
  const y = inTraining(randomCrop(1, 2)).sync(small.broadcastTo([300, 2, 3, 1]))
  const found = new Set(Array.from({ length: 300 }, (_, i) => JSON.stringify(shown(y.at(`${i}:${i + 1}`)))))
  expect([...found].sort()).toEqual(['[[1,2]]', '[[2,3]]', '[[4,5]]', '[[5,6]]'])
  expect(shown(randomCrop(1, 2).apply(small)).flat()).toHaveLength(2)
})

test('a quarter of a turn, counter-clockwise, is one', () => {
  const square = tensor([[1, 2], [3, 4]]).reshape([1, 2, 2, 1]) // biome-ignore format: a picture
  const y = inTraining(randomRotation([0.25, 0.25])).sync(square)
  expect(shown(y).map((row) => row.map(Math.round))).toEqual([[2, 4], [1, 3]]) // biome-ignore format: a picture
})

test('bytes are taken, and sizes stay when nothing is to be resized', () => {
  const bytes = tensor(Int32Array.of(0, 255, 51, 102), { shape: [1, 2, 2, 1] })
  expect(
    shown(rescaling(1 / 255).apply(bytes))
      .flat()
      .map((v) => v.toFixed(1)),
  ).toEqual(['0.0', '1.0', '0.2', '0.4'])
  expect(shown(resizing(2, 2).apply(bytes))).toEqual([[0, 255], [51, 102]]) // biome-ignore format: a picture
})

test('wrong options are refused', () => {
  expect(() => randomRotation(1.5)).toThrow(/factor.*at most 1/)
  expect(() => randomRotation([0.3, 0.1])).toThrow(/a lowest and a highest one/)
  expect(() => randomZoom(-1)).toThrow(/heightFactor/)
  expect(() => randomContrast(0.1, { valueRange: [1, 0] })).toThrow(/valueRange/)
  expect(() => randomTranslation(0.1, undefined as never)).toThrow(/widthFactor/)
  expect(() => randomRotation(0.1, { fillMode: 'mirror' as never })).toThrow(/fillMode/)
  expect(() => resizing(0, 4)).toThrow(/height/)
  expect(() => randomCrop(2, 2.5)).toThrow(/width/)
})
