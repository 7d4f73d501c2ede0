// Constraints against Keras's values and training paths in float64 (test/golden/constraints), and what they leave alone.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  type Constraint,
  constraints,
  dense,
  losses,
  Model,
  parameter,
  sgd,
  tensor,
  trainStep,
  zeros,
} from '../src/index.ts'
import { bits } from './support/book.ts'

type Built = Exclude<keyof typeof constraints, 'custom'>
type Deep = number[] | Deep[]
interface Golden {
  values: { constraint: Built; options: object; of: Deep; is: Deep }[]
  data: { x: number[][]; y: number[][]; kernel: number[][]; bias: number[] }
  paths: { constraint: Built; options: object; path: { kernel: number[][]; bias: number[] }[] }[]
}
const file = new URL('./golden/constraints/constraints.json', import.meta.url)
const { values, data, paths } = JSON.parse(readFileSync(file, 'utf8')) as Golden
const make = (name: Built, options: object) => (constraints[name] as (o: object) => Constraint)(options)
const flat = (x: unknown): number[] => (x as number[]).flat(9)
const named = <T extends { constraint: Built; options: object }>(list: readonly T[]) =>
  list.map((c) => [c.constraint, JSON.stringify(c.options), c] as const)

function expectNear(got: ArrayLike<number>, expected: readonly number[], tolerance: number) {
  expect(got.length).toBe(expected.length)
  const worst = Math.max(...expected.map((v, i) => Math.abs(v - got[i]!)))
  expect(worst).toBeLessThanOrEqual(tolerance)
}

test.each(named(values))("%s %s has Keras's values", (_, _options, c) => {
  expectNear(make(c.constraint, c.options)(tensor(c.of)).data(), flat(c.is), 3e-7)
})

/** A dense layer with a constraint on its kernel, and biases that are not negative. */
function layerWith(constraint: Constraint) {
  const layer = dense(5, { kernelConstraint: constraint, biasConstraint: constraints.nonNeg() })
  layer.apply(zeros([1, 7]))
  layer.kernel.set(data.kernel)
  layer.bias!.set(data.bias)
  return layer
}
const optimizer = sgd({ learningRate: 0.1, momentum: 0.5 })

describe.each(named(paths))('%s %s', (_, _options, { constraint, options, path }) => {
  test("follows Keras's training in steps of one's own", () => {
    const layer = layerWith(make(constraint, options))
    const step = trainStep({ parameters: layer, optimizer, loss: (x, y) => layer.apply(x).sub(y).square().mean() })
    for (const { kernel, bias } of path) {
      step.sync(data.x, data.y)
      expectNear(layer.kernel.data(), flat(kernel), 2e-6)
      expectNear(layer.bias!.data(), bias, 2e-6)
    }
  })

  test('and in fit', async () => {
    const layer = layerWith(make(constraint, options))
    const model = new Model([layer]).compile({ optimizer, loss: 'meanSquaredError' })
    await model.fit({ x: data.x, y: data.y }, { epochs: path.length, batchSize: 6, shuffle: false })
    expectNear(layer.kernel.data(), flat(path.at(-1)!.kernel), 2e-6)
    expectNear(layer.bias!.data(), path.at(-1)!.bias, 2e-6)
  })
})

const half = constraints.custom('half', (w, { by }) => w.mul(by), { by: 0.5 })

test('one among others leaves their updates as they were, bit by bit', () => {
  const train = (constrained: boolean) => {
    const all = [3, 17, 40, 5].map((n, i) => {
      const p = parameter([n], 'ones', constrained && i === 1 ? { constraint: half() } : {})
      p.set(Array.from({ length: n }, (_, j) => Math.sin(i + j)))
      return p
    })
    const loss = () => all.map((p) => p.square().sum()).reduce((a, b) => a.add(b))
    const step = trainStep({ parameters: all, optimizer: 'adam', loss })
    for (let i = 0; i < 3; i++) step.sync()
    return all.map((p) => bits(p))
  }
  const [free, bound] = [train(false), train(true)]
  for (const i of [0, 2, 3]) expect(bound[i]).toEqual(free[i])
  expect(bound[1]).not.toEqual(free[1])
})

test('a frozen layer keeps what it has, even if its constraint does not hold', () => {
  const kept = parameter([2], 'ones', { constraint: constraints.nonNeg() })
  const moves = parameter([2], 'ones')
  kept.set([-1, 2])
  kept.trainable = false
  trainStep({ parameters: [kept, moves], optimizer: 'sgd', loss: () => kept.mul(moves).sum() }).sync()
  expect([...kept.data()]).toEqual([-1, 2])
})

test('a step that fails leaves parameters as they were', () => {
  const p = parameter([2], 'ones', { constraint: half() })
  const step = trainStep({ parameters: p, optimizer: 'sgd', loss: (x) => p.mul(x).sum() })
  expect(() => step.sync([Infinity, 1])).toThrow(/Infinity/) // of the loss, or in debug mode of the product
  expect([...p.data()]).toEqual([1, 1])
})

test('saved, loaded and copied, it goes on with the same bits', async () => {
  const options = { kernelConstraint: constraints.unitNorm({ axis: 1 }), biasConstraint: half({ by: 0.25 }) }
  const model = new Model([dense(4, { activation: 'tanh', ...options }), dense(2, { kernelConstraint: half() })], {
    seed: 3,
  })
  model.compile({ optimizer: 'adam', loss: losses.meanSquaredError() })
  const samples = { x: data.x, y: data.y.map((row) => row.slice(0, 2)) }
  await model.fit(samples, { batchSize: 4 })
  const copies = [model, await Model.load(model.toBytes(), { custom: [half] }), model.clone()]
  for (const copy of copies) await copy.fit(samples, { batchSize: 4, epochs: 2 })
  const [expected, ...others] = copies.map((m) => Object.entries(m.getParameters()).map(([path, p]) => [path, bits(p)]))
  for (const other of others) expect(other).toEqual(expected)
})
