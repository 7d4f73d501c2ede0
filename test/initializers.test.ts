// First values of parameters: limits, means and deviations by the formulas of their papers, from 200,000 draws each.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dense, type InitializerName, initializers, Model, RandomState } from '../src/index.ts'
import { bits } from './support/book.ts'

const shape = [250, 800]
const n = 250 * 800

function moments(values: ArrayLike<number>) {
  const list = Array.from(values)
  const mean = list.reduce((a, b) => a + b, 0) / list.length
  const variance = list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length
  return { mean, std: Math.sqrt(variance), largest: list.reduce((m, x) => Math.max(m, Math.abs(x)), 0) }
}

// Of a uniform in ±limit the deviation is limit/√3; a normal that is cut at two deviations keeps its deviation.
const cut = 2 / 0.8796256610342398
const cases: [InitializerName, std: number, largest: number][] = [
  ['glorotUniform', Math.sqrt(2 / 1050), Math.sqrt(3)],
  ['glorotNormal', Math.sqrt(2 / 1050), cut],
  ['heUniform', Math.sqrt(2 / 250), Math.sqrt(3)],
  ['heNormal', Math.sqrt(2 / 250), cut],
  ['normal', 0.05, Number.POSITIVE_INFINITY],
  ['uniform', 0.05 / Math.sqrt(3), Math.sqrt(3)],
]

describe.each(cases)('%s', (name, std, largest) => {
  const values = initializers[name as 'normal']().values(shape, 7).data()

  test('has its mean, its deviation and its limit', () => {
    const found = moments(values)
    expect(Math.abs(found.mean)).toBeLessThan((5 * std) / Math.sqrt(n))
    expect(Math.abs(found.std / std - 1)).toBeLessThan(0.01)
    expect(found.largest).toBeLessThanOrEqual(std * largest * 1.000001)
    // The draws come near the limit; of an uncut normal some lie beyond three deviations.
    expect(found.largest).toBeGreaterThan(std * Math.min(largest * 0.99, 3))
  })

  test('gives the same for a seed, and other values for another', () => {
    const again = (seed: number) => initializers[name as 'normal']().values(shape, seed).data()
    expect(again(7)).toEqual(values)
    expect(again(8)).not.toEqual(values)
  })
})

test('leading axes of a kernel count for inputs and outputs', () => {
  // 3·5 places of 10 inputs each.
  const { std } = moments(initializers.heUniform().values([3, 5, 10, 1000], 1).data())
  expect(Math.abs(std / Math.sqrt(2 / 150) - 1)).toBeLessThan(0.01)
  const both = moments(initializers.glorotUniform().values([3, 5, 10, 1000], 1).data())
  expect(Math.abs(both.std / Math.sqrt(2 / (150 + 15_000)) - 1)).toBeLessThan(0.01)
})

interface Drawn {
  cases: {
    name: InitializerName
    options: object
    drawn: { shape: number[]; mean: number; std: number; largest: number }[]
  }[]
}
const golden = JSON.parse(readFileSync(new URL('./golden/initializers/drawn.json', import.meta.url), 'utf8')) as Drawn

test.each(golden.cases.map((c) => [c.name, JSON.stringify(c.options), c] as const))(
  '%s %s has the moments and the limits of what Keras draws',
  (_, _options, { name, options, drawn }) => {
    for (const { shape, mean, std, largest } of drawn) {
      const draw = initializers[name as 'normal'](options)
      const found = moments(draw.values(shape, 7).data())
      expect(Math.abs(found.mean - mean), `mean of ${shape}`).toBeLessThan(0.015 * std)
      expect(Math.abs(found.std / std - 1), `deviation of ${shape}`).toBeLessThan(0.01)
      // Of a normal that is not cut the largest is chance.
      const isCut = largest < 4 * std
      expect(Math.abs(found.largest / largest - 1), `largest of ${shape}`).toBeLessThan(isCut ? 0.001 : 0.25)
      expect(bits(draw.values(shape, 7))).toBe(bits(draw.values(shape, 7)))
    }
  },
)

describe('orthogonal', () => {
  const product = (a: Float32Array, rows: number, columns: number, i: number, j: number, byRow: boolean) => {
    let sum = 0
    if (byRow) for (let k = 0; k < columns; k++) sum += a[i * columns + k]! * a[j * columns + k]!
    else for (let k = 0; k < rows; k++) sum += a[k * columns + i]! * a[k * columns + j]!
    return sum
  }

  test.each([
    [[40, 40], 1],
    [[17, 60], 1],
    [[60, 17], 0.5],
    [[3, 3, 4, 20], 2],
    [[1, 5], 1],
    [[1, 1], 1],
  ])('%j with gain %d', (shape, gain) => {
    const values = initializers.orthogonal({ gain }).values(shape, 3).data() as Float32Array
    const columns = shape.at(-1)!
    const rows = values.length / columns
    const byRow = rows < columns
    for (let i = 0; i < Math.min(rows, columns); i++)
      for (let j = 0; j <= i; j++)
        expect(Math.abs(product(values, rows, columns, i, j, byRow) - (i === j ? gain ** 2 : 0))).toBeLessThan(1e-6)
    expect(initializers.orthogonal({ gain }).values(shape, 3).data()).toEqual(values)
    if (values.length > 1) expect(initializers.orthogonal({ gain }).values(shape, 4).data()).not.toEqual(values)
  })

  test('is drawn uniformly: every element has mean 0 and variance 1/n', () => {
    const draws = Array.from({ length: 400 }, (_, seed) => initializers.orthogonal().values([6, 6], seed).data())
    for (let at = 0; at < 36; at++) {
      const { mean, std } = moments(draws.map((d) => d[at]!))
      expect(Math.abs(mean)).toBeLessThan(0.09)
      expect(Math.abs(std - Math.sqrt(1 / 6))).toBeLessThan(0.06)
    }
  })
})

test('identity is a matrix, square or not', () => {
  expect(initializers.identity().values([2, 3]).toArray()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ])
  expect(initializers.identity({ gain: 0.5 }).values([2, 2]).toArray()).toEqual([
    [0.5, 0],
    [0, 0.5],
  ])
  expect(() => initializers.identity().values([2])).toThrow(/identity: expected a matrix/)
  expect(() => initializers.orthogonal().values([2])).toThrow(/orthogonal: expected a matrix/)
})

test('zeros, ones and constants', () => {
  expect(initializers.zeros().values([2, 2]).toArray()).toEqual([
    [0, 0],
    [0, 0],
  ])
  expect(initializers.ones().values([2]).toArray()).toEqual([1, 1])
  expect(initializers.constant(0.5).values([2]).toArray()).toEqual([0.5, 0.5])
})

test("a generator's next numbers, times the deviation, plus the mean", () => {
  const own = initializers
    .normal({ std: 2, mean: 1, generator: new RandomState(0) })
    .values([3])
    .data()
  const drawn = new RandomState(0).randn(3).data()
  expect(own).toEqual(Float32Array.from(drawn, (x) => Math.fround(x * 2) + 1))
  const uniform = initializers.uniform({ low: 2, high: 4, generator: new RandomState(0) }).values([3])
  expect(uniform.data()).toEqual(new RandomState(0).uniform(2, 4, [3]).data())
})

test('layers draw kernels by Glorot and biases of zeros; two layers of one model draw different numbers', () => {
  const [first, second] = [dense(800), dense(250)]
  new Model([first, second], { seed: 1 }).build([250])
  const { std, largest } = moments(first.kernel.data())
  expect(Math.abs(std / Math.sqrt(2 / 1050) - 1)).toBeLessThan(0.01)
  expect(largest).toBeLessThanOrEqual(Math.sqrt(6 / 1050) * 1.000001)
  expect(first.bias!.data()).toEqual(new Float32Array(800))
  expect(second.kernel.data().slice(0, 5)).not.toEqual(first.kernel.data().slice(0, 5))
})
