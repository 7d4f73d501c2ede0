// Files of 0.1.0 load: they predict what they predicted, and go on training where they stopped, in mid-epoch.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { dense, Layer, Model, metrics, type Parameter, parameter, type Shape, type Tensor } from '../../src/index.ts'
import { errorOf } from '../support/errors.ts'

class Scaled extends Layer {
  static readonly type = 'scaled'
  readonly inner
  scale!: Parameter
  constructor(options: { units: number }) {
    super(options)
    this.inner = dense(options.units, { activation: 'tanh' })
  }
  protected override build(shape: Shape) {
    this.scale = parameter([shape.at(-1)!], 'ones')
  }
  protected override forward(x: Tensor) {
    return this.inner.apply(x.mul(this.scale))
  }
}
const off = metrics.custom('off', (y, p) => p.sub(y).abs().mean({ axis: 1 }))

const folder = new URL('../golden/saved-0.1.0/', import.meta.url)
const path = (name: string) => fileURLToPath(new URL(`${name}.safetensors`, folder))
interface Expected {
  data: { x: number[][]; y: number[] | number[][] }
  before: string
  after: string
  epochs: Record<string, number>[]
}
const expected: Record<string, Expected> = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'))
const numbers = (bits: string) => [...new Float32Array(Uint8Array.from(Buffer.from(bits, 'base64')).buffer)]

// The last digits depend on the instruction set.
function expectClose(found: Iterable<number>, wanted: readonly number[]) {
  const values = [...found]
  expect(values.length).toBe(wanted.length)
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(wanted[i]!, 5)
}

test.each(Object.entries(expected))('%s', async (name, { data, before, after, epochs }) => {
  const model = await Model.load(path(name), { custom: [Scaled, off] })
  expectClose(model.predictSync(data.x).data() as Float32Array, numbers(before))
  // A loss that was a function was left out: the model is to be compiled again.
  if (name === 'ownLoss') return expect(model.compiled).toBeNull()
  const history = await model.fit(data, { batchSize: 2, epochs: 2, resume: true })
  for (const [i, logs] of history.epochs.entries())
    for (const [key, value] of Object.entries(epochs[i]!)) expect((logs as never)[key], key).toBeCloseTo(value, 5)
  expectClose(model.predictSync(data.x).data() as Float32Array, numbers(after))
})

test('saved again, they are files of now', async () => {
  const model = await Model.load(path('own'), { layers: { scaled: Scaled } })
  const again = await Model.load(model.toBytes(), { custom: [Scaled] })
  const { data } = expected.own!
  for (const m of [model, again]) await m.fit(data, { batchSize: 2, epochs: 2, resume: true })
  expect(again.predictSync(data.x).toArray()).toEqual(model.predictSync(data.x).toArray())
})

test('what is missing is named', async () => {
  expect(String(await errorOf(() => Model.load(path('own'))))).toMatch(
    /the layer 'scaled' is not built in.*custom: \[Scaled\]/,
  )
  expect(String(await errorOf(() => Model.load(path('ownMetric'))))).toMatch(/'off'/)
  expect((await Model.load(path('ownMetric'), { compile: false })).compiled).toBeNull()
})
