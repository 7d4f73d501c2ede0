/** `trainStep`: a loss as a function, with the update added. For training loops of one's own. */
import { ChainruleError } from '../errors.ts'
import type { Tree } from '../gradient.ts'
import { inMode } from '../layers/context.ts'
import { type AnyLayer, frozenLayers, type Layer, trainableParameters } from '../layers/layer.ts'
import { wholeOrNothing } from '../layers/whole.ts'
import { checkFinite } from '../ops/check.ts'
import { add } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import { type OptimizerName, optimizerOf } from '../optimizers/index.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { checkOptions, functionOption, nonNegativeInteger, optional } from '../options.ts'
import { Parameter } from '../parameters/parameter.ts'
import { LruCache } from '../program/cache.ts'
import { takeLosses } from '../program/effects.ts'
import { isOutdated } from '../program/encode.ts'
import { read } from '../program/evaluate.ts'
import { printProgram } from '../program/print.ts'
import { type CallOptions, type FeedSpec, Traced } from '../program/traced.ts'
import { checkedRate } from '../schedules.ts'
import { type TensorLike, tensor } from '../tensor/create.ts'
import { Tensor } from '../tensor/graph.ts'
import { formatShape } from '../tensor/shape.ts'
import { notFinite } from './faults.ts'
import { OptimizerState } from './state.ts'

/** A loss, or named results with one called `loss`. */
export type StepResult = Tensor | ({ loss: Tensor } & { readonly [name: string]: Tensor })
/** The loss as a number, other results as tensors. */
export type Stepped<R> = R extends Tensor ? { loss: number } : { [K in keyof R]: K extends 'loss' ? number : Tensor }

export interface TrainStepOptions<A extends Tensor[], R extends StepResult> {
  /** What is trained: layers that have been built, models, or parameters. */
  parameters: AnyLayer | Parameter | readonly (AnyLayer | Parameter)[]
  optimizer: OptimizerName | Optimizer
  /**
   * Describes the loss of a batch: a scalar, or [batch], which is averaged. Layers are in the mode 'train'. Inputs may hold
   * NaN, where a mask says so; a loss that is none is refused.
   */
  loss: (...inputs: A) => R
  /** Of random operations. Default 0. */
  seed?: number
}

export interface TrainStep<A extends readonly Tensor[], R> {
  /** One step in the background. Calls run one after the other. */
  (...inputs: { [K in keyof A]: TensorLike }): Promise<Stepped<R>>
  /** One step on this thread. */
  sync(...inputs: { [K in keyof A]: TensorLike }): Stepped<R>
  /** The instructions for these inputs as text. */
  print(...inputs: { [K in keyof A]: TensorLike }): string
  /** Updates done. */
  readonly step: number
  /** Of the next step. Setting it overrides the optimizer's, before decay. */
  learningRate: number
}

const remembered = 16

/**
 * A training step: forward, gradients, update, as one native program per input shape. It belongs to its own optimizer
 * state, so two steps may share layers (as in a GAN).
 * @throws ERR_NOT_FINITE when the loss or a gradient is no finite number, ERR_BUSY while a model with these parameters is
 *   being trained; nothing is updated then
 */
export function trainStep<A extends Tensor[], R extends StepResult>(options: TrainStepOptions<A, R>): TrainStep<A, R> {
  const stepper = new Stepper<A, R>(options)
  const step = (...inputs: readonly TensorLike[]) => stepper.start(inputs)
  Object.defineProperties(step, {
    step: { get: () => stepper.step },
    learningRate: { get: () => stepper.learningRate, set: (rate: number) => void (stepper.learningRate = rate) },
    [Symbol.for('nodejs.util.inspect.custom')]: {
      value: () => `TrainStep (step ${stepper.step}, learning rate ${stepper.learningRate})`,
    },
  })
  return Object.assign(step, {
    sync: (...inputs: readonly TensorLike[]) => stepper.sync(inputs),
    print: (...inputs: readonly TensorLike[]) => stepper.print(inputs),
  }) as unknown as TrainStep<A, R>
}

class Stepper<A extends Tensor[], R extends StepResult> {
  readonly #options
  readonly #owners: readonly unknown[]
  readonly #known = new LruCache<Built>(remembered, ({ traced }) => isOutdated(traced.compiled))
  #state: OptimizerState | null = null
  // Set before the first step.
  #rate: number | null = null
  // Steps run one after the other: each starts from what the one before made.
  #last: Promise<unknown> = Promise.resolve()
  #pending = 0

  constructor(options: TrainStepOptions<A, R>) {
    this.#options = checkOptions('trainStep', options, {
      parameters: (value: unknown) => value as TrainStepOptions<A, R>['parameters'],
      optimizer: (value: unknown) => optimizerOf(value, 'trainStep'),
      loss: functionOption,
      seed: optional(nonNegativeInteger, 0),
    })
    const { parameters } = this.#options
    this.#owners = Array.isArray(parameters) ? parameters : [parameters]
  }

  get step(): number {
    return this.#state?.step ?? 0
  }

  get learningRate(): number {
    return this.#state?.learningRate ?? this.#rate ?? this.#options.optimizer.learningRate(0)
  }

  set learningRate(rate: number) {
    this.#rate = checkedRate(rate)
    if (this.#state) this.#state.rate = this.#rate
  }

  async start(given: readonly TensorLike[]): Promise<Stepped<R>> {
    const inputs = given.map((x) => tensor(x)) // now: the caller may change what it gave
    this.#pending++
    const next = this.#last.then(async () => {
      const call = this.#prepare(inputs)
      try {
        return this.#pack(call, await call.built.traced.call(call.values, call.options))
      } catch (error) {
        throw this.#traced(call, error)
      }
    })
    this.#last = next.catch(() => {}).finally(() => this.#pending--)
    return next
  }

  sync(given: readonly TensorLike[]): Stepped<R> {
    if (this.#pending > 0)
      throw new ChainruleError('ERR_BUSY', 'trainStep: a call of this step is under way; await it first')
    const call = this.#prepare(given.map((x) => tensor(x)))
    try {
      return this.#pack(call, call.built.traced.callSync(call.values, call.options))
    } catch (error) {
      throw this.#traced(call, error)
    }
  }

  print(given: readonly TensorLike[]): string {
    return printProgram(this.#builtFor(given.map((x) => tensor(x))).traced.compiled)
  }

  #builtFor(inputs: readonly Tensor[]): Built {
    const shapes = inputs.map((t) => `${t.dtype}[${t.shape}]`).join()
    const key = () => `${this.#state ? trainedOf(this.#owners) : ''} ${shapes}`
    let built = this.#known.get(key())
    if (!built) {
      built = this.#build(inputs)
      this.#known.set(key(), built) // there is a state now
    }
    return built
  }

  #build(inputs: readonly Tensor[], debug?: boolean): Built {
    const { optimizer, loss: describeLoss } = this.#options
    let names: readonly string[] | null = null
    const specs: FeedSpec[] = inputs.map(({ shape, dtype }) => ({ shape, dtype }))
    specs.push({ shape: [optimizer.scalars(0, 0).length], dtype: 'float64', name: 'scalars' })
    const describe = (feeds: readonly Tensor[]) => {
      const result = wholeOrNothing(() => inMode('train', () => describeLoss(...feeds.slice(0, -1)) as StepResult))
      const { loss, named } = resultOf(result)
      if (!(result instanceof Tensor)) names = Object.keys(named)
      // Only now: layers may have been built by the loss.
      const { all, trainable } = parametersOf(this.#owners)
      this.#state ??= new OptimizerState(optimizer, all, this.#rate)
      const outputs = Object.entries(named).map(([name, t]) => (name === 'loss' ? loss : t))
      return { outputs, checks: [checkFinite(loss, 'loss')], ...this.#state.describe(loss, trainable, feeds.at(-1)!) }
    }
    return { traced: new Traced(specs, describe, debug), names }
  }

  #prepare(inputs: readonly Tensor[]): Call {
    const built = this.#builtFor(inputs)
    const { step } = this.#state!
    const values = [...inputs.map(read), this.#state!.scalars(1)]
    const options = {
      seed: this.#options.seed,
      firstStep: step,
      call: 'trainStep',
      what: `a train step is at step ${step}`,
    }
    return { built, inputs, values, options }
  }

  #pack({ built: { names } }: Call, results: readonly Tensor[]): Stepped<R> {
    this.#state!.step++
    if (!names) return { loss: results[0]!.item() } as Stepped<R>
    return Object.fromEntries(names.map((n, i) => [n, n === 'loss' ? results[i]!.item() : results[i]])) as Stepped<R>
  }

  /** For a loss or gradients that are not finite: the step again, with every value checked, to say where it began. */
  #traced({ built, inputs, values, options }: Call, error: unknown): unknown {
    if (!(error instanceof ChainruleError) || error.code !== 'ERR_NOT_FINITE') return error
    const step = `step ${options.firstStep}`
    if (built.traced.compiled.debug) return notFinite('A number is not finite', error, step)
    try {
      this.#build(inputs, true).traced.callSync(values, options)
      return error
    } catch (origin) {
      return origin instanceof ChainruleError ? notFinite(error.message, origin, step) : error
    }
  }
}

interface Call {
  readonly built: Built
  readonly inputs: readonly Tensor[]
  readonly values: readonly NodeJS.TypedArray[]
  readonly options: CallOptions
}

interface Built {
  traced: Traced
  /** Of the results; null when the loss is all there is. */
  names: readonly string[] | null
}

function resultOf(result: StepResult): { loss: Tensor; named: { [name: string]: Tensor } } {
  const named = result instanceof Tensor ? { loss: result } : (result as { [name: string]: Tensor })
  const { loss } = named
  if (!(loss instanceof Tensor))
    throw new ChainruleError('ERR_OPTION', 'trainStep: loss must return a tensor, or an object of tensors with `loss`')
  // More axes come from labels [batch] that met predictions [batch, 1], and their mean would be of all pairs.
  const isColumn = loss.rank === 2 && loss.shape[1] === 1
  if (loss.rank > 1 && !isColumn)
    throw new ChainruleError(
      'ERR_SHAPE',
      `trainStep: loss must give a scalar or one number per sample, [batch], got ${formatShape(loss.shape)}. Bring labels ` +
        'into the shape of the predictions, y.reshape(p.shape), and take the mean.',
    )
  const added = takeLosses()
  return { loss: [loss.rank === 0 ? loss : mean(loss), ...added].reduce((a, b) => add(a, b)), named }
}

/** Which parameters are trained, and which layers are frozen: that may change between two steps. */
function trainedOf(owners: readonly unknown[]): string {
  const { all, trainable } = parametersOf(owners)
  const layers = owners.map((owner) => (owner instanceof Parameter ? '' : frozenLayers(owner as Layer<Tree, Tree>)))
  return `${[...all.values()].map((p) => (trainable.has(p) ? 1 : 0)).join('')} ${layers.join(' ')}`
}

function parametersOf(owners: readonly unknown[]): { all: Map<string, Parameter>; trainable: Set<Parameter> } {
  const all = new Map<string, Parameter>()
  const trainable = new Set<Parameter>()
  for (const [i, owner] of owners.entries()) {
    if (owner instanceof Parameter) {
      all.set(`${i}`, owner)
      if (owner.trainable) trainable.add(owner)
      continue
    }
    for (const [path, p] of (owner as Layer<Tree, Tree>).parameters()) all.set(`${i}.${path}`, p)
    for (const p of trainableParameters(owner as Layer<Tree, Tree>)) trainable.add(p)
  }
  if (all.size === 0)
    throw new ChainruleError('ERR_OPTION', 'trainStep: the layers have no parameters. Are they used by the loss?')
  return { all, trainable }
}
