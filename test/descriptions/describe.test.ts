// What a user configures is a frozen description: kind, type, options; where it means a function, it can be called.
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  activation,
  activations,
  adam,
  type Described,
  dense,
  initializers,
  l2,
  losses,
  Model,
  metrics,
  optimizers,
  schedules,
  sgd,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { errorOf, shown } from '../support/errors.ts'

const asymmetric = losses.custom(
  'asymmetric',
  (y, p, { under }) => {
    const d = p.sub(y)
    return d.maximum(d.mul(-under)).mean({ axis: -1 })
  },
  { under: 3 },
)
const steps = schedules.custom('steps', (step, { every }) => 0.5 ** Math.floor(step / every), { every: 10 })
const wave = activations.custom('wave', (x, { height }) => x.sin().mul(height), { height: 2 })
const ramp = initializers.custom(
  'ramp',
  (shape, _, { from }) => tensor(new Float32Array(shape[0]! * shape[1]!).fill(from), { shape }),
  { from: 1 },
) // prettier-ignore
const signSgd = optimizers.custom(
  'signSgd',
  ({ scale }) => ({
    slots: [],
    scalars: (rate) => [rate * scale],
    update: ({ parameters, gradients, scalars }) => [parameters.sub(gradients.sign().mul(scalars.at(0)))],
  }),
  { scale: 2 },
)

const all: [Described, string, string, object, string][] = [
  [losses.meanSquaredError, 'loss', 'meanSquaredError', {}, 'meanSquaredError()'],
  [
    losses.binaryCrossentropy({ fromLogits: true }),
    'loss',
    'binaryCrossentropy',
    { fromLogits: true },
    'binaryCrossentropy({ fromLogits: true })',
  ],
  [asymmetric, 'loss', 'asymmetric', { under: 3 }, 'asymmetric({ under: 3 })'],
  [asymmetric({ under: 5 }), 'loss', 'asymmetric', { under: 5 }, 'asymmetric({ under: 5 })'],
  [metrics.accuracy(), 'metric', 'accuracy', {}, 'accuracy()'],
  [
    metrics.binaryAccuracy({ threshold: 0.3 }),
    'metric',
    'binaryAccuracy',
    { threshold: 0.3 },
    'binaryAccuracy({ threshold: 0.3 })',
  ],
  [metrics.custom('off', (y, p) => p.sub(y)), 'metric', 'off', {}, 'off()'],
  [steps(), 'schedule', 'steps', { every: 10 }, 'steps({ every: 10 })'],
  [wave({ height: 3 }), 'activation', 'wave', { height: 3 }, 'wave({ height: 3 })'],
  [ramp(), 'initializer', 'ramp', { from: 1 }, 'ramp({ from: 1 })'],
  [initializers.constant(2), 'initializer', 'constant', { value: 2 }, 'constant({ value: 2 })'],
  [l2(0.5), 'regularizer', 'l1l2', { l1: 0, l2: 0.5 }, 'l1l2({ l1: 0, l2: 0.5 })'],
  [
    sgd({ momentum: 0.5 }),
    'optimizer',
    'sgd',
    { learningRate: 0.01, decay: 0, momentum: 0.5, nesterov: false, weightDecay: 0 },
    '',
  ],
  [
    signSgd(),
    'optimizer',
    'signSgd',
    { scale: 2, learningRate: 0.001, decay: 0 },
    'signSgd({ scale: 2, learningRate: 0.001, decay: 0 })',
  ],
]

test.each(all)('%j is frozen and says what it is', (description, kind, type, options, printed) => {
  expect([description.kind, description.type, description.options]).toEqual([kind, type, options])
  expect(Object.isFrozen(description) && Object.isFrozen(description.options)).toBe(true)
  expect(JSON.parse(JSON.stringify(description))).toEqual({ kind, type, options })
  if (printed) expect(inspect(description)).toBe(printed)
})

describe('a loss', () => {
  const [y, p] = [tensor([[1], [2]]), tensor([[3], [1]])]

  test('computes with two arguments and takes options with one', () => {
    expect(losses.meanSquaredError(y, p).toArray()).toEqual([4, 1])
    expect(losses.meanSquaredError()(y, p).toArray()).toEqual([4, 1])
    expect(asymmetric(y, p).toArray()).toEqual([2, 3])
    expect(asymmetric({ under: 5 })(y, p).toArray()).toEqual([2, 5])
  })

  test('of logits: as an option, and (deprecated) as a third argument', () => {
    const [label, logit] = [
      [[0], [1]],
      [[2], [-1]],
    ]
    const expected = [Math.log1p(Math.exp(2)), Math.log1p(Math.exp(1))]
    for (const found of [
      losses.binaryCrossentropy({ fromLogits: true })(label, logit),
      losses.binaryCrossentropy(label, logit, { fromLogits: true }),
    ])
      for (const [i, value] of (found.toArray(1) as number[]).entries()) expect(value).toBeCloseTo(expected[i]!, 6)
  })

  test('is compiled by name, short name, description and function: the same bits', async () => {
    const run = async (loss: never) => {
      const model = new Model([dense(1)], { seed: 1 }).compile({ optimizer: 'sgd', loss })
      const { epochs } = await model.fit({ x: [[1], [2]], y: [2, 3] }, { epochs: 3 })
      return epochs.map((e) => e.loss)
    }
    const expected = await run('meanSquaredError' as never)
    const own = (a: Tensor, b: Tensor) => losses.meanSquaredError(a, b)
    for (const loss of ['mse', losses.meanSquaredError, losses.meanSquaredError(), own])
      expect(await run(loss as never)).toEqual(expected)
  })
})

describe('a metric', () => {
  test('computes with two arguments, over whole arrays', () => {
    expect(
      metrics.categoricalAccuracy(
        [0, 1],
        [
          [0.9, 0.1],
          [0.8, 0.2],
        ],
      ),
    ).toBe(0.5)
    expect(
      metrics.accuracy(
        [0, 1],
        [
          [0.9, 0.1],
          [0.8, 0.2],
        ],
      ),
    ).toBe(0.5)
    expect(metrics.binaryAccuracy({ threshold: 0.9 })([[1]], [[0.8]])).toBe(0)
    expect(metrics.custom('off', (y, p) => p.sub(y).abs())([[1], [2]], [[2], [4]])).toBe(1.5)
    // Deviation 1: the tolerance is 1/250.
    expect(metrics.regressionAccuracy([[0], [2]], [[0.003], [2.005]])).toBe(0.5)
  })

  test('is reported under its name', async () => {
    const model = new Model([dense(1)], { seed: 1 }).compile({
      optimizer: 'sgd',
      loss: 'mse',
      metrics: [metrics.binaryAccuracy({ threshold: 0.1, name: 'strict' }), 'accuracy'],
    })
    const scores = await model.evaluate({ x: [[1]], y: [2] })
    expect(Object.keys(scores)).toEqual(['loss', 'strict', 'accuracy'])
  })
})

test('own parts train', async () => {
  const model = new Model([dense(3, { activation: wave(), kernelInitializer: ramp({ from: 0.1 }) }), dense(1)], {
    seed: 1,
  })
  model.build([1])
  expect(model.getParameters()['dense.kernel']!.toArray()).toEqual([[0.1, 0.1, 0.1].map(Math.fround)])
  model.compile({
    optimizer: signSgd({ learningRate: steps({ every: 1 }), scale: 0.01 }),
    loss: asymmetric({ under: 2 }),
  })
  const before = model.getParameters()['dense1.bias']!.item()
  const { epochs } = await model.fit({ x: [[1], [2]], y: [[5], [6]] }, { epochs: 2, batchSize: 2 })
  expect(epochs.map((e) => e.learningRate)).toEqual([1, 0.5])
  expect(model.getParameters()['dense1.bias']!.item() - before).toBeCloseTo(0.015, 6)
})

const mse = { optimizer: 'sgd', loss: 'mse' } as const
const compile = (options: object) => new Model([dense(1)]).compile({ ...mse, ...options } as never)
const wrong: [string, () => unknown][] = [
  ["activation 'crelu'", () => activation('crelu' as never)],
  ["activation 'rellu'", () => activation('rellu' as never)],
  ["loss 'msee'", () => compile({ loss: 'msee' })],
  ["loss 'rmse'", () => compile({ loss: 'rmse' })],
  ["optimizer 'nadam'", () => compile({ optimizer: 'nadam' })],
  ['a metric for a loss', () => compile({ loss: metrics.accuracy() })],
  ['a loss for a metric', () => compile({ metrics: [losses.meanSquaredError] })],
  ['a factory of a metric', () => compile({ metrics: [metrics.binaryAccuracy] })],
  ['a metric made by hand', () => compile({ metrics: [{ kind: 'metric', name: 'off', compute: () => 0 }] })],
  ['two metrics of one name', () => compile({ metrics: ['accuracy', metrics.custom('accuracy', (y) => y)] })],
  ['a metric named loss', () => metrics.custom('loss', (y) => y)],
  ['a metric named valLoss', () => metrics.binaryAccuracy({ name: 'valLoss' })],
  ['a schedule for an activation', () => activation(steps() as never)],
  ['an optimizer that was not called', () => compile({ optimizer: adam })],
  ['an option that the loss does not have', () => asymmetric({ undr: 2 } as never)],
  ['an option of another type', () => losses.binaryCrossentropy({ fromLogits: 1 } as never)],
  ['one tensor', () => losses.meanSquaredError(tensor([1]) as never)],
  ['a loss without a name', () => losses.custom((() => {}) as never, undefined as never)],
  ['defaults that are none', () => losses.custom('own', (y) => y, 3 as never)],
  ['an option of an own optimizer', () => signSgd({ lr: 2 } as never)],
  [
    'an initializer of another shape',
    () => new Model([dense(2, { kernelInitializer: initializers.custom('bad', () => [1])() })]).build([3]),
  ],
  ['boundaries that fall', () => schedules.piecewiseConstantDecay({ boundaries: [5, 3], values: [1, 2, 3] })],
  ['too few values', () => schedules.piecewiseConstantDecay({ boundaries: [5], values: [1] })],
  ['a required option of a schedule', () => schedules.cosineDecay({ initialLearningRate: 1 } as never)],
]

test.each(wrong)('%s is refused', async (_, call) => expect(shown(await errorOf(call))).toMatchSnapshot())
