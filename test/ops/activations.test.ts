// What activations are beside values and slopes (test/ops/table/activation.ts): second derivatives, slopes that are kept only
// where somebody needs them, and kernels that apply them to what they compute.
import { describe, expect, test } from 'vitest'
import {
  type ActivationName,
  activation,
  activations,
  dense,
  gradient,
  Model,
  program,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { activate, epilogueOf } from '../../src/ops/activation.ts'
import { activations as all } from '../support/activations.ts'

const points = [-3.7, -2.1, -0.7, -0.31, 0.11, 0.37, 0.83, 1.9, 2.6, 4.4]

test('both sides have one list, in one order', () => {
  for (const [i, a] of all.entries()) {
    const { code, numbers } = epilogueOf(a)
    expect([a.name, code]).toEqual([a.name, i + 1])
    expect(numbers).toEqual([...a.numbers, 0, 0].slice(0, 2))
  }
})

test.each(all.map((a) => [a.name, a] as const))('the second derivative of %s', (_, a) => {
  const found = program((x: Tensor) => gradient(gradient(activate(a, x).sum(), x).sum(), x)).sync(points)
  const numeric = points.map((x) => (a.slope(x + 1e-5) - a.slope(x - 1e-5)) / 2e-5)
  const worst = Math.max(...found.data().map((v, i) => Math.abs(v - numeric[i]!)))
  expect(worst).toBeLessThanOrEqual(2e-5)
})

const data = { x: [[0.5, -1, 2]], y: [[1, 0]] }
const modelWith = (name: ActivationName) =>
  new Model([dense(40, { activation: name }), dense(30, { activation: name }), dense(2)], { seed: 1 }).compile({
    optimizer: 'sgd',
    loss: 'mse',
  })
const kernelsIn = (printed: string) => printed.split('\n').flatMap((line) => /^ *\d+ +(\w+)/.exec(line)?.[1] ?? [])

describe('kernels that apply activations to what they compute', () => {
  test('keep the slope in training only', () => {
    const slopes = (mode: 'train' | 'evaluate') =>
      [
        ...modelWith('gelu')
          .printProgram(data, { mode })
          .matchAll(/matmulWithSlope +\S+ ← (\S+)/g),
      ].map(([, of]) => of)
    expect(slopes('train').map((of) => of!.includes('[1,'))).toEqual([true, true])
    expect(slopes('evaluate').map((of) => of!.includes('[0]'))).toEqual([true, true])
  })

  test.each(['relu', 'elu', 'gelu'] as const)('goes back through %s on their way', (name) => {
    const kernels = kernelsIn(modelWith(name).printProgram(data)).map((kernel) => kernel.replace('WithSlope', ''))
    expect(kernels).toEqual(kernelsIn(modelWith('linear').printProgram(data)))
  })

  test('an activation as a layer is gone back through by the product behind it, too', () => {
    const model = new Model([dense(40), activation('silu'), dense(2)], { seed: 1 })
    const kernels = kernelsIn(model.compile({ optimizer: 'sgd', loss: 'mse' }).printProgram(data))
    const plain = new Model([dense(40), dense(2)], { seed: 1 }).compile({ optimizer: 'sgd', loss: 'mse' })
    expect(kernels.filter((name) => name !== 'siluWithSlope')).toEqual(kernelsIn(plain.printProgram(data)))
  })
})

test('a slope that is read outside of a program belongs to the value that was read first', () => {
  const x = tensor(points)
  const y = activate({ name: 'silu', numbers: [] }, x)
  const dx = gradient(y.sum(), x)
  y.data()
  const oracle = all.find(({ name }) => name === 'silu')!
  for (const [i, v] of dx.data().entries()) expect(v).toBeCloseTo(oracle.slope(points[i]!), 5)
})

test('descriptions are functions of tensors', () => {
  const x = tensor(points)
  expect(activations.elu({ alpha: 1.5 })(x).toArray()).toEqual(activate({ name: 'elu', numbers: [1.5] }, x).toArray())
  expect(activations.softmax({ axis: 0 })([[1, 2], [1, 2]]).toArray(2)).toEqual([[0.5, 0.5], [0.5, 0.5]]) // biome-ignore format: matrices
})

test.each(['selu', 'elu', 'gelu', 'threshold'])('%s of parts and repetitions of a tensor', (name) => {
  const a = all.find((one) => one.name === name)!
  const run = program((x: Tensor) => {
    const parts = [x.at(':', '2:9'), x.T, x.at('::2'), x.at(0).broadcastTo([3, 11])]
    return parts.map((part) => activate(a, part))
  })
  const x = tensor(
    Float32Array.from({ length: 77 }, (_, i) => Math.sin(i) * 3),
    { shape: [7, 11] },
  )
  const parts = [x.at(':', '2:9'), x.T, x.at('::2'), x.at(0).broadcastTo([3, 11])]
  for (const [i, y] of run.sync(x).entries())
    for (const [k, v] of y.data().entries()) expect(v).toBeCloseTo(a.value(parts[i]!.data()[k]!), 5)
})
