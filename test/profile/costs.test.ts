// What a profile counts: compared with numbers worked out by hand.
import { describe, expect, test } from 'vitest'
import {
  Dataset,
  dense,
  dropout,
  flatten,
  Layer,
  l2,
  Model,
  type Parameter,
  parameter,
  type Tensor,
} from '../../src/index.ts'

const batch = 8
const data = {
  x: Array.from({ length: 16 }, (_, i) => [i, 1 - i, 2, 0.5].map((v) => v / 16)),
  y: Array.from({ length: 16 }, (_, i) => i % 3),
}
const options = { batchSize: batch, steps: 2 }

function classifier(...hidden: Layer[]) {
  const model = new Model([...hidden, dense(3, { activation: 'softmax' })], { seed: 1 })
  return model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
}

const flopsByLayer = (layers: readonly { layer: string; flops: number }[]) =>
  Object.fromEntries(layers.map(({ layer, flops }) => [layer, flops]))

describe('floating-point operations', () => {
  test('of a training step, by layer', async () => {
    const { layers, total } = await classifier(dense(5, { activation: 'relu' })).profile(data, options)
    const first = {
      forward: 2 * batch * 4 * 5 + batch * 5 + batch * 5, // product, bias, relu
      backward: 2 * 4 * batch * 5 + batch * 5, // weights, bias; nobody wants the gradient of x
    }
    const second = {
      forward: 2 * batch * 5 * 3 + batch * 3 + 5 * batch * 3, // softmax: maximum, −, exp, sum, division
      // Weights, bias, input and on through the relu before it, which is one instruction; (p − y)·dl.
      backward: 2 * 5 * batch * 3 + batch * 3 + 2 * batch * 5 * 3 + batch * 5 + 2 * batch * 3,
    }
    const flops = flopsByLayer(layers)
    expect(flops.dense).toBe(first.forward + first.backward)
    expect(flops.dense1).toBe(second.forward + second.backward)
    expect(flops['(data)']).toBe(0)
    // Clip (two), logarithm and sign of one probability per sample; the mean; the loss is looked at.
    expect(flops['(loss)']).toBe(4 * batch + batch + 1)
    expect(total.flops).toBe(Object.values(flops).reduce((a, b) => a + b))
  })

  test('of a prediction', async () => {
    const model = new Model([dense(5, { activation: 'tanh' }), dense(2, { useBias: false })], { seed: 1 })
    const { layers } = await model.profile({ x: data.x }, options)
    expect(flopsByLayer(layers)).toEqual({
      dense: 2 * batch * 4 * 5 + batch * 5 + batch * 5,
      dense1: 2 * batch * 5 * 2,
    })
  })

  test('of Adam, which counts as the operations that it stands for', async () => {
    const model = new Model([dense(4, { useBias: false })], { seed: 1 })
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
    const { layers } = await model.profile({ x: data.x, y: data.x }, options)
    const parameters = 4 * 4
    // Mean 3, mean of squares 4, step 6, decay and difference 3 per parameter; two 1 − β and one product for all.
    expect(flopsByLayer(layers)['(update)']).toBe(16 * parameters + 3)
  })

  test('of scaled bytes: a product and a sum each', async () => {
    const bytes = new Dataset({ x: { data: new Uint8Array(64), shape: [16, 4] }, y: data.y }, { scale: 1 / 255 })
    const { layers } = await classifier().profile(bytes, options)
    expect(flopsByLayer(layers)['(data)']).toBe(2 * batch * 4)
  })
})

describe('bytes', () => {
  test('of a gather are those of the samples, in the type that they are stored in', async () => {
    const bytes = new Dataset({ x: { data: new Uint8Array(64), shape: [16, 4] }, y: data.y })
    const { instructions } = await classifier().profile(bytes, options)
    const gathers = instructions.filter(({ layer }) => layer === '(data)')
    const rowNumbers = 4 * batch
    expect(gathers.map((g) => g.bytes)).toEqual([batch * 4 * (1 + 4) + rowNumbers, batch * (4 + 4) + rowNumbers])
  })

  test('of an update: parameters are read and written, gradients and scalars read', async () => {
    const model = new Model([dense(4, { useBias: false })], { seed: 1 })
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
    const { instructions } = await model.profile({ x: data.x, y: data.x }, options)
    const update = instructions.filter(({ phase }) => phase === 'update')
    const scalars = 2 * 8
    expect(update.map((u) => u.bytes)).toEqual([3 * 16 * 4 + scalars])
  })
})

describe('instructions', () => {
  class Scaled extends Layer {
    static readonly type = 'scaled'
    inner = dense(5)
    factor!: Parameter
    protected override build() {
      this.factor = parameter([5], 'ones')
    }
    protected override forward(x: Tensor) {
      return this.inner.apply(x).mul(this.factor)
    }
  }

  test('name their layer, on the way forward and back', async () => {
    const { instructions } = await classifier(new Scaled({}), flatten(), dropout(0.5)).profile(data, options)
    const of = (phase: string) => new Set(instructions.filter((i) => i.phase === phase).map((i) => i.layer))
    const layers = ['dropout', 'scaled', 'scaled.dense', 'dense'].sort()
    const parts = ['(accuracy)', '(data)', '(loss)']
    expect([...of('forward')].sort()).toEqual([...parts, ...layers])
    expect([...of('backward')].sort()).toEqual(['(gradients)', ...layers])
    expect([...of('update')]).toEqual(['(update)'])
  })

  test('come in the order in which they run, the update last', async () => {
    const { instructions } = await classifier().profile(data, options)
    expect(instructions[0]).toMatchObject({ layer: '(data)', phase: 'forward', shape: [batch, 4] })
    expect(instructions.at(-1)).toMatchObject({ phase: 'update', operation: 'sgd', kernel: 'sgd' })
    expect(instructions.map((i) => i.operation)).toContain('linear')
  })

  test('a penalty is a part of its own', async () => {
    const { layers } = await classifier(dense(5, { kernelRegularizer: l2(0.01) })).profile(data, options)
    expect(layers.map((l) => l.layer)).toContain('(penalty)')
  })
})
