/** Numbers that are computed, and must be indices or probabilities: whole and fitting, or an error that says which is not. */
import { describe, expect, test } from 'vitest'
import {
  dense,
  gather,
  gradient,
  losses,
  oneHot,
  program,
  sgd,
  softmax,
  type Tensor,
  tensor,
  trainStep,
} from '../../src/index.ts'

const { categoricalCrossentropy } = losses
const debug = process.env.CHAINRULE_DEBUG === '1' // which finds NaN and infinity before they get here
const allowed = (x: number) => !debug || Number.isFinite(x)
const list = (t: Tensor) => Array.from(t.data())
const floats = (...values: number[]) => tensor(Float32Array.from(values))
const data = (text: RegExp) =>
  expect.objectContaining({ code: 'ERR_DATA', message: expect.stringMatching(text) as string })

const table = tensor([10, 20, 30])
const thirds = () => tensor([0, 1, 2].map(() => [0.2, 0.3, 0.5]))
const uses: Record<string, [string, (indices: Tensor) => Tensor, number[]]> = {
  gather: ['row index', (i) => gather(table, i), [20, 30, 10]],
  'gradient of gather': ['row index', (i) => gradient(gather(table, i).square(), table, [1, 1, 1]), [20, 40, 60]],
  oneHot: ['label', (i) => oneHot(i, 3).at(0), [0, 1, 0]],
  'cross-entropy': ['class number', (i) => categoricalCrossentropy(i, thirds()).neg().exp().mul(10).round(), [3, 5, 2]],
  'cross-entropy after a softmax': [
    'class number',
    (i) => categoricalCrossentropy(i, softmax(thirds().log())).neg().exp().mul(10).round(),
    [3, 5, 2],
  ],
  'cross-entropy of logits': [
    'class number',
    (i) => categoricalCrossentropy({ fromLogits: true })(i, thirds().log()).neg().exp().mul(10).round(),
    [3, 5, 2],
  ],
}

describe.each(Object.entries(uses))('computed indices: %s', (_, [what, use, right]) => {
  test('whole numbers in float32 work, computed and fed', () => {
    expect(list(use(floats(0.5, 1, 0).mul(2)))).toEqual(right)
    expect(list(program((i: Tensor) => use(i)).sync(floats(1, 2, 0)))).toEqual(right)
  })

  const others = [0.7, -0.5, Number.NaN, 1e10, -1e10, 2 ** 31, Number.POSITIVE_INFINITY]
  test.each(others.filter(allowed))('%f is none', (bad) => {
    const value = String(Math.fround(bad)).replace('+', '\\+')
    const message = data(new RegExp(`${what} ${value} at position 1 is no integer.*Round it first`))
    expect(() => list(use(floats(1, bad, bad).mul(1)))).toThrow(message)
    expect(() => program((i: Tensor) => use(i)).sync(floats(1, bad, 0))).toThrow(message)
  })
})

test('the lowest position of many is named', () => {
  const many = Float32Array.from({ length: 200_000 }, (_, i) => (i === 70_001 || i === 150_000 ? 0.5 : i % 3))
  expect(() => gather(table, tensor(many).mul(1)).data()).toThrow(/row index 0.5 at position 70001 is no integer/)
})

test('the largest and the least int32 that float32 has are indices outside, not cut ones', () => {
  expect(() => gather(table, floats(-(2 ** 31)).mul(1)).data()).toThrow(/-2147483648 at position 0 is outside/)
  expect(() => gather(table, floats(2 ** 31 - 128).mul(1)).data()).toThrow(/2147483520 at position 0 is outside/)
})

const wrong: Record<string, [number[], RegExp]> = {
  'scores that add up to more': [[1, 0.5, 0.3], /row 1 adds up to 1\.8\./],
  'shares of less than all': [[0.2, 0.3, 0.4], /row 1 adds up to 0\.9\./],
  'a negative one': [[-0.2, 0.7, 0.5], /row 1 has -0\.2\./],
  nothing: [[0, 0, 0], /row 1 adds up to 0\./],
  'an infinite one': [[Number.POSITIVE_INFINITY, 0, 0], /row 1 adds up to Infinity\./],
}

const wrongHere = Object.entries(wrong).filter(([, [row]]) => row.every(allowed))

describe.each(wrongHere)('predictions that are no probabilities: %s', (_, [row, text]) => {
  const given = [[0.7, 0.1, 0.2], row, [9, 9, 9]]
  const soft = given.map(() => [0.9, 0.05, 0.05])
  test.each<[string, number[] | number[][]]>([
    ['class numbers', [0, 0, 0]],
    ['soft labels', soft],
  ])('with %s', (_, labels) => {
    expect(() => categoricalCrossentropy(labels, given).data()).toThrow(data(text))
    expect(() => categoricalCrossentropy(labels, tensor(given).mul(1)).data()).toThrow(/End with a softmax.*fromLogits/)
    const p = tensor(given)
    expect(() => gradient(categoricalCrossentropy(labels, p).sum(), p).data()).toThrow(data(text))
    expect(() => program((p: Tensor) => categoricalCrossentropy(labels, p)).sync(given)).toThrow(data(text))
  })
})

test('rows that are rounded, or computed in float32 by a formula of one’s own, are probabilities', () => {
  const rounded = [0.333, 0.333, 0.333]
  expect(categoricalCrossentropy([1], [rounded]).item()).toBeCloseTo(-Math.log(0.333), 5)
  expect(categoricalCrossentropy([1], [[1 + 1e-6, -1e-7, 0]]).item()).toBeCloseTo(-Math.log(1e-7), 3)
  const scores = tensor(Float32Array.from({ length: 300_000 }, (_, i) => 1 + (i % 7))).reshape([3, 100_000])
  const own = scores.div(scores.sum({ axis: 1, keepdims: true }))
  expect(list(categoricalCrossentropy([0, 1, 2], own)).every((x) => x > 10 && x < 14)).toBe(true)
})

test('the derivative goes through the check, and a softmax needs none', () => {
  const p = tensor([[0.7, 0.1, 0.2]])
  const [found] = gradient(categoricalCrossentropy([0], p).sum(), p).toArray(2)
  expect(found![0]).toBeCloseTo(-1 / 0.7, 5)
  expect(found!.slice(1).map(Math.abs)).toEqual([0, 0])
  expect(program((z: Tensor) => categoricalCrossentropy([0], softmax(z))).print(p)).not.toContain('toProbabilities')
  expect(program((z: Tensor) => categoricalCrossentropy([0], z)).print(p)).toContain('toProbabilities')
})

test('a train step takes whole labels in float32, and refuses others before it moves anything', () => {
  const x = [[1, 2], [3, 4]] // biome-ignore format: a matrix
  const layer = dense(3)
  layer.apply(tensor(x))
  const step = trainStep({
    parameters: layer,
    optimizer: sgd({ learningRate: 1 }),
    loss: (x: Tensor, y: Tensor) => categoricalCrossentropy(y, softmax(layer.apply(x))).mean(),
  })
  step.sync(x, floats(2, 0))
  const before = layer.kernel!.toArray()
  expect(() => step.sync(x, floats(2, 0.5))).toThrow(data(/class number 0.5 at position 1 is no integer/))
  expect(layer.kernel!.toArray()).toEqual(before)
  step.sync(x, floats(2, 0))
  expect(layer.kernel!.toArray()).not.toEqual(before)
})

test('rows of a softmax that were made other rows are no distributions any more', () => {
  const z = tensor([
    [1, 2],
    [3, 4],
  ])
  const loss = () => categoricalCrossentropy(Int32Array.of(1), softmax(z).reshape([1, 4])).item()
  expect(loss).toThrow(/add up to 1|adds up to 2|sum/)
  const labels = Int32Array.of(1, 0)
  const kept = (p: Tensor) => gradient(categoricalCrossentropy(labels, p).sum(), z).toArray()
  expect(kept(softmax(z).reshape([2, 1, 2]).reshape([2, 2]))).toEqual(kept(softmax(z)))
})
