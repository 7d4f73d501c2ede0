/** Models of all that can be configured, and what of one's own they need when they are loaded. */
import {
  activation,
  activations,
  adagrad,
  adam,
  adamw,
  type Context,
  type Custom,
  concat,
  dense,
  dropout,
  flatten,
  type InitializerName,
  initializers,
  input,
  Layer,
  type LayerClass,
  l1,
  l1l2,
  l2,
  losses,
  Model,
  metrics,
  optimizers,
  type Parameter,
  parameter,
  rmsprop,
  type Shape,
  type State,
  schedules,
  sgd,
  state,
  type Tensor,
  tensor,
} from '../../src/index.ts'

// ---- of one's own

export const asymmetric = losses.custom(
  'asymmetric',
  (y, p, { under }) => p.sub(y).maximum(p.sub(y).mul(-under)).mean({ axis: -1 }),
  { under: 3 },
)
export const off = metrics.custom('off', (y, p) => p.sub(y).abs().mean({ axis: -1 }))
export const accuracy = metrics.custom('accuracy', (y, p) => p.sub(y).square().mean({ axis: -1 }))
export const steps = schedules.custom('steps', (step, { every }) => 0.1 * 0.5 ** Math.floor(step / every), { every: 4 })
export const wave = activations.custom('wave', (x, { height }) => x.sin().mul(height), { height: 2 })
export const ramp = initializers.custom(
  'ramp',
  (shape, seed, { from }) => {
    const n = shape.reduce((a, b) => a * b, 1)
    return tensor(
      Float32Array.from({ length: n }, (_, i) => from + ((seed + i) % 7) / 10),
      { shape },
    )
  },
  { from: -0.3 },
)
export const heavyBall = optimizers.custom(
  'heavyBall',
  ({ keep }) => ({
    slots: ['speed'],
    scalars: (rate) => [rate],
    update: ({ parameters, gradients, slots: [speed], scalars }) => {
      const next = speed!.mul(keep).sub(gradients.mul(scalars.at(0)))
      return [parameters.add(next), next]
    },
  }),
  { keep: 0.5, learningRate: 0.05 },
)

/** Parameters, a state, a child of its own and one that was given, numbers of all kinds in its options. */
export class Mixed extends Layer {
  static readonly type = 'mixed'
  readonly inner
  readonly given: Layer
  scale!: Parameter
  mean!: State

  constructor(options: { units: number; given: Layer; numbers: Record<string, unknown>; name?: string }) {
    super(options)
    this.inner = dense(options.units, { kernelRegularizer: l2(1e-3) })
    this.given = options.given
  }

  protected override build(shape: Shape) {
    this.scale = parameter([shape.at(-1)!], 'ones')
    this.mean = state([shape.at(-1)!])
  }

  protected override forward(x: Tensor, context: Context) {
    const { shift, list } = this.options.numbers as { shift: Tensor; list: Float64Array }
    context.update(this.mean, this.mean.mul(0.9).add(x.mean({ axis: 0 }).mul(0.1)))
    context.addLoss(this.scale.square().mean().mul(list[0]!))
    return this.inner.apply(this.given.apply(x.sub(this.mean).mul(this.scale)).add(shift))
  }
}

export class Double extends Layer {
  static readonly type = 'double'
  readonly part: Layer
  constructor(options: { part: Layer }) {
    super(options)
    this.part = options.part
  }
  protected override forward(x: Tensor) {
    return this.part.apply(this.part.apply(x))
  }
}

/** Several outputs by name, and as a list. */
export class Halves extends Layer<Tensor, { left: Tensor; right: Tensor }> {
  static readonly type = 'halves'
  protected override forward(x: Tensor) {
    return { left: x.at(':', ':1'), right: x.at(':', '1:') }
  }
}
export class Sum extends Layer<readonly Tensor[], Tensor> {
  static readonly type = 'sum'
  protected override forward(parts: readonly Tensor[]) {
    return parts.reduce((a, b) => a.add(b))
  }
}

// ---- models

export interface Case {
  make: () => Model
  custom?: readonly Custom[]
  y?: number[][] | number[]
}

const plain = { optimizer: 'sgd', loss: 'mse' } as const
const compiled = (layers: readonly Layer[], options: object = plain): (() => Model) => {
  return () => new Model(layers, { seed: 3 }).compile(options as never) as unknown as Model
}
/** The layers are made anew for each model. */
const fresh = (layers: () => readonly Layer[], options?: object): Case => ({
  make: () => compiled(layers(), options)(),
})
const trainedBy = (optimizer: unknown, custom?: readonly Custom[]): Case => ({
  ...fresh(() => [dense(4, { activation: 'tanh' }), dense(2)], { ...plain, optimizer }),
  ...(custom ? { custom } : {}),
})
const started = (kernelInitializer: unknown, custom?: readonly Custom[]): Case => ({
  ...fresh(() => [dense(3, { kernelInitializer } as never), dense(2, { biasInitializer: kernelInitializer } as never)]),
  ...(custom ? { custom } : {}),
})

const numbers = {
  shift: tensor([0.1, 0.2, 0.3]),
  list: Float64Array.of(0.01, Number.NaN),
  bytes: Uint16Array.of(1, 65535),
  big: 2n ** 70n,
  edge: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, -0, undefined, null],
  when: new Date(5),
  map: new Map<unknown, unknown>([[1, { $: 'tensor' }]]),
  set: new Set(['a']),
  'a.b ü\ud800': { $: 1, ['__proto__']: 2, constructor: 3 },
}
const mixed = (given: Layer) => new Mixed({ units: 2, given, numbers })

function graphCase(describe: (x: Tensor) => Tensor, custom: readonly Custom[] = []): Case {
  const make = () => {
    const x = input([2])
    return new Model({ inputs: x, outputs: describe(x) }, { seed: 3 }).compile(plain) as unknown as Model
  }
  return { make, custom }
}

function sharedLayer(): Model {
  const shared = dense(2, { name: 'shared', activation: 'tanh' })
  const encoder = new Model([dense(2), shared], { name: 'encoder', seed: 8 })
  const decoder = new Model([shared, dense(2)], { name: 'decoder' })
  return compiled([encoder, decoder, encoder])()
}

function frozen(): Model {
  const model = compiled([mixed(dense(3)), new Model([dense(2), dense(2, { trainable: false })], { name: 'deep' })])()
  model.build([2])
  const [first, deep] = model.stack as [Mixed, Model]
  first.scale.trainable = false
  first.inner.trainable = false
  deep.stack[0]!.trainable = false
  return model
}

function withRate(): Model {
  const model = compiled([dense(2)], { ...plain, optimizer: adam({ learningRate: steps(), decay: 0.1 }) })()
  model.learningRate = 0.02
  return model
}

const classes = [0, 1, 1, 0, 1]
export const cases: Record<string, Case> = {
  'all layers': fresh(() => [
    dense(6, { activation: 'relu' }),
    dropout(0.3),
    flatten(),
    activation('sigmoid'),
    dense(2),
  ]),
  'dropout with a seed': fresh(() => [dense(6), dropout(0.5, { seed: 4 }), dense(2)]),
  ...Object.fromEntries(
    (['linear', 'relu', 'sigmoid', 'tanh', 'softmax', 'step', 'gelu', 'swish', 'mish', 'logSoftmax'] as const).map(
      (name) => [`activation ${name}`, fresh(() => [dense(3, { activation: name }), activation(name), dense(2)])],
    ),
  ),
  'activations with options': fresh(() => [
    dense(4, { activation: activations.leakyRelu({ negativeSlope: 0.1 }) }),
    activation(activations.threshold({ threshold: 0.1, defaultValue: -1 })),
    dense(4, { activation: activations.gelu({ approximate: true }) }),
    activation(activations.glu({ axis: 1 })),
    dense(2, { activation: activations.softmax({ axis: -1 }) }),
  ]),
  "activation of one's own": {
    ...fresh(() => [dense(3, { activation: wave() }), activation(wave({ height: 0.5 })), dense(2)]),
    custom: [wave],
  },
  ...Object.fromEntries(
    (
      [
        'glorotUniform',
        'glorotNormal',
        'heUniform',
        'heNormal',
        'lecunUniform',
        'lecunNormal',
        'truncatedNormal',
        'varianceScaling',
        'normal',
        'uniform',
        'zeros',
        'ones',
      ] as InitializerName[]
    ).map((name) => [`initializer ${name}`, started(name)]),
  ),
  'initializer with options': started(initializers.normal({ mean: 0.1, std: 0.2 })),
  'initializer with words': started(
    initializers.varianceScaling({ mode: 'fanAvg', distribution: 'uniform', scale: 3 }),
  ),
  'initializers of matrices': fresh(() => [
    dense(3, { kernelInitializer: 'orthogonal' }),
    dense(2, { kernelInitializer: initializers.identity({ gain: 2 }) }),
  ]),
  'initializer constant': started(initializers.constant(0.3)),
  "initializer of one's own": started(ramp({ from: 0.2 }), [ramp]),
  regularizers: fresh(() => [
    dense(3, { kernelRegularizer: l1(0.01), biasRegularizer: l2(0.02) }),
    dense(2, { kernelRegularizer: l1l2({ l1: 0.01, l2: 0.03 }) }),
  ]),
  'adam by name': trainedBy('adam'),
  sgd: trainedBy(sgd({ learningRate: 0.1, weightDecay: 0.01 })),
  momentum: trainedBy(sgd({ momentum: 0.9 })),
  nesterov: trainedBy(sgd({ momentum: 0.9, nesterov: true, decay: 0.1 })),
  adagrad: trainedBy(adagrad({ learningRate: 0.1 })),
  rmsprop: trainedBy(rmsprop({ rho: 0.8 })),
  adam: trainedBy(adam({ learningRate: 0.01, beta1: 0.8 })),
  adamw: trainedBy(adamw({ weightDecay: 0.1 })),
  "optimizer of one's own": trainedBy(heavyBall({ keep: 0.7, decay: 0.1 }), [heavyBall]),
  "schedule of one's own": trainedBy(adam({ learningRate: steps({ every: 2 }) }), [steps]),
  ...Object.fromEntries(
    [
      schedules.piecewiseConstantDecay({ boundaries: [3, 6], values: [0.1, 0.05, 0.01] }),
      schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.9, staircase: true }),
      schedules.inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.9 }),
      schedules.polynomialDecay({ initialLearningRate: 0.1, decaySteps: 8, power: 2, cycle: true }),
      schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 9, warmupTarget: 0.2, warmupSteps: 3 }),
      schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 4 }),
      schedules.warmup({
        steps: 3,
        // biome-ignore lint/suspicious/noThenProperty: the name of the option
        then: schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5 }),
      }),
    ].map((learningRate) => [`schedule ${learningRate.type}`, trainedBy(sgd({ learningRate }))]),
  ),
  'classes, with accuracy': {
    ...fresh(() => [dense(2, { activation: 'softmax' })], {
      optimizer: 'adam',
      loss: losses.categoricalCrossentropy,
      metrics: ['accuracy', metrics.categoricalAccuracy({ name: 'again' })],
    }),
    y: classes,
  },
  'one class, of logits': {
    ...fresh(() => [dense(1)], {
      optimizer: 'adam',
      loss: losses.binaryCrossentropy({ fromLogits: true }),
      metrics: [metrics.binaryAccuracy({ threshold: 0 })],
    }),
    y: classes,
  },
  'a constant of a metric': fresh(() => [dense(2)], {
    ...plain,
    loss: 'mae',
    metrics: ['accuracy', 'regressionAccuracy'],
  }),
  "loss and metrics of one's own": {
    ...fresh(() => [dense(2)], { ...plain, loss: asymmetric({ under: 2 }), metrics: [off, accuracy] }),
    custom: [asymmetric, off, accuracy],
  },
  "a layer of one's own": { make: () => compiled([mixed(dense(3)), dense(2)])(), custom: [Mixed] },
  'a layer that is given twice': {
    make: () => {
      const part = dense(2, { activation: 'tanh' })
      return compiled([new Double({ part }), new Double({ part: new Double({ part }) })])()
    },
    custom: [Double],
  },
  'a layer used twice': {
    make: () => {
      const twice = dense(2, { activation: 'tanh' })
      return compiled([twice, dropout(0.2), twice])()
    },
  },
  'a model in a model': fresh(() => [
    new Model([dense(1, { activation: 'tanh' })], { seed: 1 }),
    new Model([dense(2)]),
  ]),
  'layers shared by two models': { make: sharedLayer },
  'a graph with operations, a residual, constants and a shared layer': graphCase((x) => {
    const shared = dense(2, { activation: 'tanh', name: 'shared' })
    const twice = shared.apply(shared.apply(x))
    const joined = concat([x.mul(2), twice, x.at(':', '::-1')], -1).reshape([-1, 3, 2])
    const mixed = joined
      .sum({ axis: 1 })
      .sub(tensor([0.1, 0.2]))
      .clip(-1e9, 1e9)
    const spread = mixed.reshape([-1, 1, 2]).broadcastTo([mixed.shape[0]!, 3, 2]).max({ axis: 1 })
    return dropout(0.2).apply(mixed).add(x).maximum(spread.transpose().T)
  }),
  'a graph along the batch': graphCase((x) => {
    const h = dense(2).apply(x)
    return h
      .sub(h.mean({ axis: 0, keepdims: true }))
      .add(h.at('::-1').reshape(h.shape))
      .add(tensor(0.5).broadcastTo(h.shape))
  }),
  'a graph that uses the weights of a layer': graphCase((x) => {
    const encoder = dense(3, { activation: 'tanh', useBias: false })
    return dense(2).apply(encoder.apply(x).matmul(encoder.kernel.T).add(encoder.kernel.square().mean()))
  }),
  'a graph with layers of several inputs and outputs': graphCase(
    (x) => {
      const { left, right } = new Halves({}).apply(x)
      return dense(2).apply(new Sum({ name: 'sum' }).apply([left, right, dropout(0.5).apply(left, { mode: 'train' })]))
    },
    [Halves, Sum],
  ),
  "a graph with a layer of one's own that has states, losses and layers": graphCase(
    (x) => dense(2).apply(mixed(dense(3)).apply(x).add(1)),
    [Mixed],
  ),
  'a graph with models for layers': graphCase((x) => {
    const row = new Model([dense(3, { activation: 'tanh' }), dense(2)], { seed: 8 })
    const a = input([2])
    const b = input([2], { name: 'second' })
    const inner = new Model(
      { inputs: { a, b }, outputs: { sum: dense(2).apply(a.add(b)), a: a.mul(2) } },
      { name: 'inner' },
    )
    const { sum, a: same } = inner.apply({ a: x, b: row.apply(x) })
    return row.apply(sum).add(same)
  }),
  'a model of graphs in a row': {
    make: () => {
      const x = input([2])
      const skip = new Model({ inputs: x, outputs: dense(2, { activation: 'tanh' }).apply(x).add(x) })
      return compiled([skip, dense(2), skip])()
    },
  },
  'frozen layers and parameters': { make: frozen, custom: [Mixed] },
  'a learning rate that was set': { make: withRate, custom: [steps] },
  'names that tensors of the optimizer have': {
    make: () => {
      const inner = new Model([dense(2, { name: 'dense' })], { name: 'mean' })
      return compiled([new Model([inner], { name: 'optimizer' }), dense(2, { name: 'dense' })], {
        ...plain,
        optimizer: 'adam',
      })()
    },
  },
  "layers in another model's block": {
    make: () => {
      const [a, b] = [dense(2, { name: 'a' }), dense(2, { name: 'b' })]
      new Model([a, b], { seed: 1 }).build([2])
      return compiled([b, a], { ...plain, optimizer: adam({ learningRate: 0.1 }) })()
    },
  },
}

export const layerClasses: readonly LayerClass[] = [Mixed, Double, Halves, Sum]
