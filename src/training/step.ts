/** `trainStep`: a loss as a function, with the update added. For training loops of one's own. */
import { ChainruleError } from '../errors.ts'
import type { Tree } from '../gradient.ts'
import { inMode } from '../layers/context.ts'
import { type Layer, trainableParameters } from '../layers/layer.ts'
import { wholeOrNothing } from '../layers/whole.ts'
import { checkFinite } from '../ops/check.ts'
import { add } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import { type OptimizerName, optimizerOf } from '../optimizers/index.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { checkOptions, nonNegativeInteger, optional } from '../options.ts'
import { Parameter } from '../parameters/parameter.ts'
import { LruCache } from '../program/cache.ts'
import { takeLosses } from '../program/effects.ts'
import { read } from '../program/evaluate.ts'
import { printProgram } from '../program/print.ts'
import { type FeedSpec, Traced } from '../program/traced.ts'
import { type TensorLike, tensor } from '../tensor/create.ts'
import { layoutVersion, Tensor } from '../tensor/graph.ts'
import { OptimizerState } from './state.ts'

/** A loss, or named results with one called `loss`. */
export type StepResult = Tensor | ({ loss: Tensor } & { readonly [name: string]: Tensor })
/** The loss as a number, other results as tensors. */
export type Stepped<R> = R extends Tensor ? { loss: number } : { [K in keyof R]: K extends 'loss' ? number : Tensor }

// biome-ignore lint/suspicious/noExplicitAny: any layer, whatever it takes and gives
type AnyLayer = Layer<any, any>

export interface TrainStepOptions<A extends Tensor[], R extends StepResult> {
  /** What is trained: layers that have been built, models, or parameters. */
  parameters: AnyLayer | Parameter | readonly (AnyLayer | Parameter)[]
  optimizer: OptimizerName | Optimizer
  /** Describes the loss of a batch: a scalar, or [batch], which is averaged. Layers are in the mode 'train'. */
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
}

const remembered = 16

/**
 * A training step: forward, gradients, update, as one native program per input shape. It belongs to its own optimizer
 * state, so two steps may share layers (as in a GAN).
 * @throws ERR_NOT_FINITE when the loss is no finite number; nothing is updated then
 */
export function trainStep<A extends Tensor[], R extends StepResult>(options: TrainStepOptions<A, R>): TrainStep<A, R> {
  const o = checkOptions('trainStep', options, {
    parameters: (value: unknown) => value as TrainStepOptions<A, R>['parameters'],
    optimizer: (value: unknown) => optimizerOf(value, 'trainStep'),
    loss: (value: unknown) => value as (...inputs: A) => R,
    seed: optional(nonNegativeInteger, 0),
  })
  const known = new LruCache<Built>(remembered)
  const owners = Array.isArray(o.parameters) ? o.parameters : [o.parameters]
  let state: OptimizerState | null = null

  const build = (tensors: readonly Tensor[]): Built => {
    let names: readonly string[] | null = null
    const specs: FeedSpec[] = tensors.map(({ shape, dtype }) => ({ shape, dtype }))
    specs.push({ shape: [o.optimizer.scalars(0, 0).length], dtype: 'float64', name: 'scalars' })
    const traced = new Traced(specs, (feeds) => {
      const result = wholeOrNothing(() => inMode('train', () => o.loss(...(feeds.slice(0, -1) as A))))
      const { loss, named } = resultOf(result)
      if (!(result instanceof Tensor)) names = Object.keys(named)
      // Only now: layers may have been built by the loss.
      const { all, trainable } = parametersOf(owners)
      state ??= new OptimizerState(o.optimizer, all)
      const outputs = Object.entries(named).map(([name, t]) => (name === 'loss' ? loss : t))
      return { outputs, checks: [checkFinite(loss, 'loss')], ...state.describe(loss, trainable, feeds.at(-1)!) }
    })
    return { traced, names }
  }
  const prepare = (inputs: readonly TensorLike[]) => {
    const tensors = inputs.map((x) => tensor(x))
    const shapes = tensors.map((t) => `${t.dtype}[${t.shape}]`).join()
    const key = () => `${layoutVersion()} ${state ? trainedOf(owners) : ''} ${shapes}`
    let entry = known.get(key())
    if (!entry) {
      entry = build(tensors)
      known.set(key(), entry) // its own parameters may have moved while it was built
    }
    const busy = state!.blocks.map(({ block }) => block.segment.busy).find((text) => text !== null)
    if (busy) throw new ChainruleError('ERR_BUSY', `trainStep: ${busy}; await it first`)
    const values = [...tensors.map(read), state!.scalars(1)]
    return { ...entry, values, call: { seed: o.seed, firstStep: state!.step } }
  }
  const pack = (names: readonly string[] | null, results: readonly Tensor[]) => {
    state!.step++
    if (!names) return { loss: results[0]!.item() } as Stepped<R>
    return Object.fromEntries(names.map((n, i) => [n, n === 'loss' ? results[i]!.item() : results[i]])) as Stepped<R>
  }
  const sync = (...inputs: readonly TensorLike[]) => {
    const { traced, names, values, call } = prepare(inputs)
    return pack(names, traced.callSync(values, call))
  }
  // One after the other: each step starts from what the one before made.
  let last: Promise<unknown> = Promise.resolve()
  const step = (...inputs: readonly TensorLike[]) => {
    const next = last.then(async () => {
      const { traced, names, values, call } = prepare(inputs)
      return pack(names, await traced.call(values, call))
    })
    last = next.catch(() => {})
    return next
  }
  const print = (...inputs: readonly TensorLike[]) => printProgram(prepare(inputs).traced.compiled)
  Object.defineProperty(step, 'step', { get: () => state?.step ?? 0 })
  return Object.assign(step, { sync, print }) as unknown as TrainStep<A, R>
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
  const added = takeLosses()
  return { loss: [loss.rank === 0 ? loss : mean(loss), ...added].reduce((a, b) => add(a, b)), named }
}

/** Which parameters are trained, a digit each: a layer may be frozen between two steps. */
function trainedOf(owners: readonly unknown[]): string {
  const { all, trainable } = parametersOf(owners)
  return [...all.values()].map((p) => (trainable.has(p) ? 1 : 0)).join('')
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
