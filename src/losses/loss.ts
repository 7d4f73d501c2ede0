/** What a loss is: a description with options, and a function of labels and predictions. */
import { customOptions } from '../descriptions/custom.ts'
import { type Described, describe, isDescribed, type Maker } from '../descriptions/description.ts'
import { register } from '../descriptions/registry.ts'
import { ChainruleError } from '../errors.ts'
import { type Checked, type CheckTable, checkOptions, describeValue } from '../options.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { Tensor } from '../tensor/graph.ts'
import type { DType, Shape } from '../tensor/shape.ts'

/** One number per sample, [batch], from labels and predictions. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor

/** A loss with its options: what is compiled and saved, and a function. */
export interface Loss extends Described<'loss'> {
  (yTrue: TensorLike, yPred: TensorLike): Tensor
}

/** A loss by its defaults: a `Loss` too. One argument gives options, two compute. */
export interface LossFactory<O extends object = Record<never, never>> extends Described<'loss'> {
  (options?: O): Loss
  (yTrue: TensorLike, yPred: TensorLike): Tensor
}

/** What others must know of a loss. Shapes are those of one sample. */
export interface LossTraits {
  /** How it takes labels: class numbers, or quantities. */
  readonly targets: (labels: Shape, outputs: Shape) => DType
  /** Whether labels of this shape are probabilities, from 0 to 1. */
  readonly probabilities: (labels: Shape, outputs: Shape) => boolean
  /** Whether predictions are what goes into a softmax or sigmoid. */
  readonly logits: boolean
  /** Which accuracy fits; null: several outputs are scores of classes, one is a probability. */
  readonly accuracy: 'categorical' | 'binary' | 'regression' | null
}

const plain: LossTraits = { targets: () => 'float32', probabilities: () => false, logits: false, accuracy: null }

const traits = new WeakMap<object, LossTraits>()

/** What others must know of a loss, or of a function that is used as one. */
export function traitsOf(loss: LossFunction | Loss): LossTraits {
  return traits.get(loss) ?? plain
}

type Compute<O> = (yTrue: Tensor, yPred: Tensor, options: O) => Tensor

interface Definition<O extends object> {
  readonly type: string
  readonly check: (options?: object) => O
  readonly compute: Compute<O>
  readonly traits: (options: O) => LossTraits
}

/** A built-in loss: all of its options have defaults. */
export function defineLoss<T extends CheckTable>(
  type: string,
  table: T,
  compute: Compute<Checked<T>>,
  own: Partial<LossTraits> | ((options: Checked<T>) => Partial<LossTraits>) = {},
) {
  const traits = (options: Checked<T>) => ({ ...plain, ...(typeof own === 'function' ? own(options) : own) })
  const check = (options?: object) => checkOptions(`losses.${type}`, options, table)
  const [factory, maker] = factoryOf<Checked<T>>({ type, check, compute, traits })
  register(maker)
  return factory as unknown as LossFactory<{ -readonly [K in keyof T]?: Checked<T>[K] }>
}

/**
 * A loss of one's own, in all a built-in one: options, saved by name, a function.
 * @param name under which it is saved; give the loss to `Model.load(path, { custom: [loss] })`
 * @param f one number per sample, [batch], from labels, predictions and options
 * @param defaults of its options
 */
export function customLoss<O extends object = Record<never, never>>(
  name: string,
  f: (yTrue: Tensor, yPred: Tensor, options: O) => Tensor,
  defaults?: O,
): LossFactory<Partial<O>> {
  const check = customOptions('losses.custom', name, f, defaults)
  return factoryOf<O>({ type: name, check, compute: f, traits: () => plain })[0] as unknown as LossFactory<Partial<O>>
}

function factoryOf<O extends object>(definition: Definition<O>): [LossFactory, Maker] {
  const { type, check, compute } = definition
  const maker: Maker = { kind: 'loss', type, make: (options) => make(options) }
  const finish = (options: O, call: (...given: never[]) => unknown) => {
    traits.set(call, definition.traits(options))
    return describe<Loss>(maker, options, {}, call)
  }
  const make = (given?: object) => {
    const options = check(given)
    return finish(options, (...args: [TensorLike, TensorLike]) => {
      if (args.length < 2) throw twoTensors(type)
      return compute(toTensor(args[0]), toTensor(args[1]), options)
    })
  }
  const defaults = check()
  const call = (...args: [object | undefined] | [TensorLike, TensorLike, O?]) => {
    if (args.length < 2 || args[1] === undefined) {
      if (args[0] instanceof Tensor) throw twoTensors(type)
      return make(args[0] as object | undefined)
    }
    const options = args[2] === undefined ? defaults : check(args[2])
    return compute(toTensor(args[0] as TensorLike), toTensor(args[1]), options)
  }
  return [finish(defaults, call) as LossFactory, maker]
}

function twoTensors(type: string): ChainruleError {
  return new ChainruleError('ERR_OPTION', `losses.${type}: a loss needs two tensors, labels and predictions: (y, p)`)
}

/** A description of another kind, given for a loss: it could be called, and would give something else. */
export function refuseOtherKinds(given: unknown): void {
  if (isDescribed(given) && given.kind !== 'loss')
    throw new ChainruleError('ERR_OPTION', `compile: option 'loss' must be a loss, got ${describeValue(given)}`)
}
