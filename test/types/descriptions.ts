/** Programs as users write them, and lines that must not compile; `npm run typecheck` is the test. Nothing here runs. */
import {
  activation,
  activations,
  adam,
  adamw,
  type Context,
  type Described,
  dense,
  initializers,
  Layer,
  type Loss,
  losses,
  Model,
  metrics,
  optimizers,
  type Parameter,
  parameter,
  type Shape,
  type State,
  schedules,
  sgd,
  state,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts'

const data = { x: [[1]], y: [2] }
const net = new Model([dense(3)])
const one = net.compile({
  optimizer: 'adam',
  loss: 'mse',
  metrics: ['accuracy', metrics.binaryAccuracy({ threshold: 0.2, name: 'strict' })],
})

export const asymmetric = losses.custom(
  'asymmetric',
  (y, p, { under }) => p.sub(y).maximum(p.sub(y).mul(-under)).mean({ axis: -1 }),
  { under: 3 },
)
const off = metrics.custom('off', (y, p) => p.sub(y).abs().mean({ axis: -1 }))
const steps = schedules.custom('steps', (step, { every, rate }) => rate * 0.5 ** Math.floor(step / every), {
  every: 1000,
  rate: 0.01,
})
const signSgd = optimizers.custom('signSgd', () => ({
  slots: [],
  scalars: (rate) => [rate],
  update: ({ parameters, gradients, scalars }) => [parameters.sub(gradients.sign().mul(scalars.at(0)))],
}))
const wave = activations.custom('wave', (x, { height }) => x.sin().mul(height), { height: 1 })
const ramp = initializers.custom('ramp', (shape) => zeros(shape))

class Scaled extends Layer {
  static readonly type = 'scaled'
  readonly inner
  scale!: Parameter
  mean!: State
  constructor(options: { units: number; momentum?: number }) {
    super(options)
    this.inner = dense(options.units)
  }
  protected override build(shape: Shape) {
    this.scale = parameter([shape.at(-1)!], 'ones')
    this.mean = state([shape.at(-1)!], 'zeros')
  }
  protected override forward(x: Tensor, context: Context) {
    if (context.mode === 'train') context.update(this.mean, this.mean.mul(0.9).add(x.mean({ axis: 0 }).mul(0.1)))
    return this.inner.apply(x.sub(this.mean).mul(this.scale))
  }
}

export async function own() {
  const model = new Model([
    new Scaled({ units: 8 }),
    dense(1, { activation: wave({ height: 2 }), kernelInitializer: ramp() }),
  ]).compile({
    optimizer: signSgd({ learningRate: steps({ rate: 0.02 }) }),
    loss: asymmetric({ under: 5 }),
    metrics: [off, 'accuracy'],
  })
  await model.fit(data, { epochs: 2 })
  await model.save('own.safetensors')
  const again = await Model.load('own.safetensors', { custom: [Scaled, asymmetric, off, steps, signSgd, wave, ramp] })
  const scores = await model.clone().evaluate(data)
  const numbers: [number, number, number] = [scores.off, scores.accuracy, steps()(2500)]
  const described: Described[] = [
    asymmetric,
    asymmetric(),
    off,
    steps(),
    signSgd(),
    wave(),
    ramp(),
    adam(),
    losses.meanSquaredError,
  ]
  const loss: Loss = losses.binaryCrossentropy({ fromLogits: true })
  const score: number = metrics.categoricalAccuracy([0], [[1, 0]])
  again.learningRate = 1e-4
  return [numbers, described.length, asymmetric(tensor([1]), [2]).item(), loss(1, [[0.5]]), score, again.learningRate]
}

export async function before() {
  const any: Model[] = [await Model.load('a.safetensors', { layers: { scaled: Scaled } })]
  const silent = new Model([dense(3, { activation: (x) => x.sin() })])
  silent.compile({ optimizer: 'adam', loss: losses.meanSquaredError, metrics: ['accuracy'] })
  silent.compile({ optimizer: sgd({ learningRate: (step) => 1 / (1 + step) }), loss: (y, p) => p.sub(y).square() })
  const { accuracy } = await silent.evaluate(data)
  const loose: number | undefined = accuracy
  return [any.length, loose, losses.binaryCrossentropy(1, [[0.5]], { fromLogits: true }).item()]
}

export async function wrong() {
  // @ts-expect-error a misspelled loss
  net.compile({ optimizer: 'adam', loss: 'categoricalCrosentropy' })
  // @ts-expect-error a misspelled metric
  net.compile({ optimizer: 'adam', loss: 'mse', metrics: ['acuracy'] })
  // @ts-expect-error a misspelled option of compile
  net.compile({ optimizer: 'adam', loss: 'mse', metric: ['accuracy'] })
  // @ts-expect-error a misspelled option of an optimizer
  adam({ learningrate: 1 })
  // @ts-expect-error PyTorch's name
  adamw({ weight_decay: 0.1 })
  // @ts-expect-error an unknown activation
  dense(3, { activation: 'rellu' })
  // @ts-expect-error an unknown activation
  activation('gleu')
  // @ts-expect-error a misspelled option of a loss
  losses.binaryCrossentropy({ fromLogit: true })
  // @ts-expect-error an option of another type
  losses.binaryCrossentropy({ fromLogits: 'yes' })
  // @ts-expect-error a misspelled option of a loss of one's own
  asymmetric({ undr: 1 })
  // @ts-expect-error a loss needs two tensors
  losses.binaryCrossentropy(zeros([3]))
  // @ts-expect-error a loss has no third argument
  losses.meanSquaredError(zeros([3]), zeros([3]), { delta: 1 })
  // @ts-expect-error a factory of a metric is called, or named
  net.compile({ optimizer: 'adam', loss: 'mse', metrics: [metrics.binaryAccuracy] })
  // @ts-expect-error a metric without a name
  net.compile({ optimizer: 'adam', loss: 'mse', metrics: [(y: Tensor) => y] })
  // @ts-expect-error a required option of a schedule
  schedules.cosineDecay({ initialLearningRate: 1e-3 })
  // @ts-expect-error an option of an own schedule
  steps({ each: 3 })
  // @ts-expect-error a score that was not asked for
  ;(await one.evaluate(data)).acuracy
  // @ts-expect-error one that nobody knows may be missing
  const none: number = (await net.evaluate(data)).accuracy
  // @ts-expect-error a plain function has no name to be restored by
  Model.load('a.safetensors', { custom: [(y: Tensor, p: Tensor) => y.sub(p)] })
  class Later extends Layer {
    // @ts-expect-error forward only describes
    protected override async forward(x: Tensor) {
      return x
    }
  }
  // @ts-expect-error a layer without forward
  class Nothing extends Layer {}
  return [Later, Nothing, none]
}
