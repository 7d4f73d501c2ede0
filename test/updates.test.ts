// Updates read the old values, whatever their results are, and what an optimizer of one's own returns is checked.
import { describe, expect, test } from 'vitest'
import {
  ChainruleError,
  type Context,
  gather,
  Layer,
  Model,
  type Optimizer,
  type Parameter,
  parameter,
  type State,
  state,
  type Tensor,
  tensor,
  trainStep,
} from '../src/index.ts'

class Values extends Layer {
  static readonly type = 'values'
  p!: Parameter
  protected override build() {
    this.p = parameter([2], 'zeros')
  }
  protected override forward() {
    return this.p.sum()
  }
}

type Update = Optimizer['update']

function own(slots: readonly string[], update: Update): Optimizer {
  const options = { learningRate: 1, decay: 0 }
  return {
    kind: 'optimizer',
    type: 'own',
    name: 'own',
    options,
    slots,
    learningRate: () => 1,
    scalars: () => [1],
    update,
  }
}

/** The first parameter after each of some steps, from 10 on; its gradient is always 1. */
function path(slots: readonly string[], update: Update, steps = 3): number[] {
  const layer = new Values({})
  layer.apply(tensor([0]))
  layer.p.set([10, 20])
  const step = trainStep({ parameters: layer, optimizer: own(slots, update), loss: () => layer.apply(tensor([0])) })
  return Array.from({ length: steps }, () => {
    step.sync()
    return layer.p.data()[0]!
  })
}

describe('an update', () => {
  // p ← p − 1 + (p − s)/2, s ← p, from p = 10, s = 0: 10 − 1 + 5 = 14; 14 − 1 + 2 = 15; 15 − 1 + 1/2 = 14.5.
  test('may keep the parameters of the step before', () => {
    expect(
      path(['previous'], ({ parameters: p, gradients: g, slots: [s] }) => [p.sub(g).add(p.sub(s!).mul(0.5)), p]),
    ).toEqual([14, 15, 14.5])
  })

  test('may return a slot as it was', () => {
    expect(path(['kept'], ({ parameters: p, gradients: g, slots: [s] }) => [p.sub(g).add(s!), s!])).toEqual([9, 8, 7])
  })

  test('may swap', () => {
    expect(path(['other'], ({ parameters: p, slots: [s] }) => [s!, p], 4)).toEqual([0, 10, 0, 10])
  })

  test('may turn three in a circle', () => {
    const turn: Update = ({ parameters: p, slots: [a, b] }) => [a!, b!, p]
    expect(path(['a', 'b'], turn, 6)).toEqual([0, 0, 10, 0, 0, 10])
  })

  test('may turn a circle and compute beside it', () => {
    // p ← a, a ← p, b ← b + p + a: the sum of the old values.
    const update: Update = ({ parameters: p, slots: [a, b] }) => [a!, p, b!.add(p).add(a!)]
    const read: Update = ({ parameters: p, slots: [a, b], gradients: g }) => [
      b!,
      ...update({ parameters: p, slots: [a!, b!], gradients: g, scalars: g }).slice(1),
    ]
    // (p, a, b): (10, 0, 0) → (0, 10, 10) → (10, 0, 20) → (20, 10, 30)
    expect(path(['a', 'b'], read)).toEqual([0, 10, 20])
  })

  test('may give the same value twice, and its gradient as a slot', () => {
    expect(
      path(['copy'], ({ parameters: p, gradients: g, slots: [s] }) => {
        const next = p.sub(g).add(s!.mul(0))
        return [next, next]
      }),
    ).toEqual([9, 8, 7])
    expect(path(['g'], ({ parameters: p, gradients: g, slots: [s] }) => [p.sub(s!), g])).toEqual([10, 9, 8])
  })

  test('may give constants and reshaped values', () => {
    expect(path([], ({ parameters: p }) => [p.mul(0).add(tensor([3, 4]))])).toEqual([3, 3, 3])
    expect(path([], ({ parameters: p }) => [p.reshape([1, 2]).reshape([2])])).toEqual([10, 10, 10])
    expect(path([], () => [tensor([7, 8])])).toEqual([7, 7, 7])
  })
})

describe('next values of states', () => {
  class Keeping extends Layer {
    static readonly type = 'keeping'
    p!: Parameter
    before!: State
    a!: State
    b!: State
    protected override build() {
      this.p = parameter([1], 'ones')
      this.before = state([1])
      this.a = state([1])
      this.b = state([1], 'ones')
    }
    protected override forward(x: Tensor, context: Context) {
      context.update(this.before, this.p)
      context.update(this.a, this.b)
      context.update(this.b, this.a)
      return this.p.mul(x).sum()
    }
    get values() {
      return [this.p, this.before, this.a, this.b].map((t) => t.item())
    }
  }

  test.each(['sgd', 'adam', 'rmsprop'] as const)('are the old parameters and states, beside %s', async (name) => {
    const layer = new Keeping({})
    const model = new Model([layer], { seed: 1 })
    model.build([1])
    const step = trainStep({ parameters: model, optimizer: name, loss: (x: Tensor) => model.apply(x) })
    let old = layer.values
    for (let i = 0; i < 4; i++) {
      if (i % 2 === 0) await step([1])
      else step.sync([1])
      const [p, before, a, b] = layer.values
      expect(p).not.toBe(old[0])
      expect([before, a, b]).toEqual([old[0], old[3], old[2]])
      old = layer.values
    }
  })
})

describe('what an update returns', () => {
  const refusal = (slots: readonly string[], update: Update) => {
    try {
      path(slots, update)
    } catch (error) {
      return error instanceof ChainruleError ? `${error.code} ${error.message}` : String(error)
    }
    return 'none'
  }

  test('is as many values as there are slots, and the parameters', () => {
    expect(refusal(['m'], ({ parameters }) => [parameters])).toBe(
      "ERR_OPTION The update of the optimizer 'own' must give a list of 2: the new parameters, then m; got 1 values.",
    )
    expect(refusal([], ({ parameters }) => [parameters, parameters])).toMatch(
      /list of 1: the new parameters; got 2 values/,
    )
    expect(refusal([], ({ parameters }) => parameters as never)).toMatch(/list of 1.*got/)
    expect(refusal([], () => undefined as never)).toMatch(/list of 1.*got undefined/)
  })

  test('has shape and dtype of the parameters', () => {
    expect(refusal([], ({ parameters }) => [parameters.sum()])).toMatch(
      /ERR_SHAPE .*shape \[2\].*the parameters are float32 of shape \[\]/,
    )
    expect(refusal(['m'], ({ parameters: p }) => [p, p.cast('int32')])).toMatch(/the slot 'm' is int32 of shape \[2\]/)
    expect(refusal([], () => [3 as never])).toMatch(/the parameters are 3/)
  })

  test('is computed by operations that cannot fail', () => {
    const rows = tensor([0, 1], { dtype: 'int32' })
    expect(refusal([], ({ parameters: p }) => [gather(p, rows)])).toMatch(
      /ERR_OPTION gather may fail.*an update cannot stop half way/,
    )
  })
})

describe('a gradient that is not finite', () => {
  test('does not reach the weights: a distance of 0', async () => {
    const { dense, sgd } = await import('../src/index.ts')
    const model = new Model([dense(1, { kernelInitializer: 'zeros' })], { seed: 1 })
    const distance = (y: Tensor, p: Tensor) => p.sub(y).square().sum({ axis: 1 }).sqrt()
    model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: distance })
    const data = { x: [[1], [2]], y: [[0], [0]] }
    const error = (await model.fit(data, { batchSize: 1, shuffle: false, epochs: 2 }).catch((e) => e)) as ChainruleError
    expect(error.code).toBe('ERR_NOT_FINITE')
    expect(error.message).toMatch(/^(Element 0 of the gradients|A gradient) is .* \(step 0\); the weights are as after/)
    expect(error.message).toMatch(/in the derivative of sqrt/)
    expect(error.operation).toBe('sqrt')
    for (const p of Object.values(model.getParameters())) expect(p.data()).toEqual(new Float32Array(p.size()))
    await model.fit({ x: [[1]], y: [[5]] }, { epochs: 1 })
  })

  test('names the layer in whose derivative it arose, by trainStep too', async () => {
    class Logarithm extends Layer {
      static readonly type = 'logarithm'
      protected override forward(x: Tensor) {
        const { where } = operations
        return where(x.greater(0), x.log(), 0)
      }
    }
    const operations = await import('../src/index.ts')
    const inner = operations.dense(2, { kernelInitializer: 'zeros', useBias: false })
    const layers = new Model([inner, new Logarithm({ name: 'steep' })], { seed: 1 })
    layers.build([2])
    const step = trainStep({ parameters: layers, optimizer: 'adam', loss: (x: Tensor) => layers.apply(x).sum() })
    const errors = [
      await step([[1, 2]]).catch((e) => e),
      ((): unknown => {
        try {
          return step.sync([[1, 2]])
        } catch (e) {
          return e
        }
      })(),
    ] as ChainruleError[]
    for (const error of errors) {
      expect(error.code).toBe('ERR_NOT_FINITE')
      expect(error.layer).toBe('steep')
      expect(error.operation).toBe('log')
      expect(error.message).toMatch(/step 0/)
    }
    expect(step.step).toBe(0)
    expect(inner.kernel.data()).toEqual(new Float32Array(4))
  })
})
