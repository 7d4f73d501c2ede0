/** First values of parameters. */
import { customOptions } from './descriptions/custom.ts'
import { type Described, describe, isDescribed, type Maker, madeBy } from './descriptions/description.ts'
import { register } from './descriptions/registry.ts'
import { ChainruleError } from './errors.ts'
import { add, mul } from './ops/elementwise.ts'
import { randomNormal, randomUniform } from './ops/random.ts'
import { checkOptions, number, oneOf, optional, optionError, type Subject } from './options.ts'
import { RandomState } from './random/random-state.ts'
import { full, type TensorLike, toTensor } from './tensor/create.ts'
import type { Tensor } from './tensor/graph.ts'
import { formatShape, type Shape, sameShape, sizeOf } from './tensor/shape.ts'

export interface Initializer extends Described<'initializer'> {
  readonly name: string
  /** Values for a shape. Kernels have inputs on the second-last axis and outputs on the last. */
  values(shape: Shape, seed?: number): Tensor
}

type Draw = (shape: Shape, seed: number | undefined) => Tensor

function made(maker: Maker, options: object, draw: Draw): Initializer {
  const values = (shape: Shape, seed?: number) => draw(shape, seed)
  return describe<Initializer>(maker, options, { name: maker.type, values })
}

/** A built-in initializer: what checks its options, and how it draws. */
function define<A extends unknown[], O extends object>(
  type: string,
  check: (...given: A) => O,
  draw: (options: O) => Draw,
  saved: (options: O) => object = (options) => options,
): (...given: A) => Initializer {
  const make = (...given: A) => {
    const options = check(...given)
    return made(maker, saved(options), draw(options))
  }
  const maker = register({ kind: 'initializer', type, make: (options) => make(...([options] as unknown[] as A)) })
  return make
}

/** Inputs and outputs of one element of a kernel; leading axes (of a convolution) multiply both. */
function fans(shape: Shape): { fanIn: number; fanOut: number } {
  const [n = 1] = shape.slice(-1)
  if (shape.length < 2) return { fanIn: n, fanOut: n }
  const field = sizeOf(shape.slice(0, -2))
  return { fanIn: shape.at(-2)! * field, fanOut: n * field }
}

const seeded = (seed: number | undefined) => (seed === undefined ? {} : { seed })

// A normal cut at two deviations has this deviation, relative to the uncut one.
const truncatedStd = 0.8796256610342398

function scaled(name: string, fan: (shape: Shape) => number, gain: number, normal: boolean): () => Initializer {
  return define(
    name,
    () => ({}),
    () => (shape, seed) => {
      const variance = gain / Math.max(1, fan(shape))
      if (normal) {
        const std = Math.sqrt(variance) / truncatedStd
        return randomNormal(shape, { std, truncated: true, ...seeded(seed) })
      }
      const limit = Math.sqrt(3 * variance)
      return randomUniform(shape, { low: -limit, high: limit, ...seeded(seed) })
    },
  )
}

const filled = (name: string, value: number) =>
  define(
    name,
    () => ({}),
    () => (shape) => full(shape, value),
  )

const generatorOption = (value: unknown, subject: Subject): RandomState => {
  if (value instanceof RandomState) return value
  throw optionError(subject, 'a RandomState', value, 'Give new RandomState(0).')
}

const mean = (shape: Shape) => (fans(shape).fanIn + fans(shape).fanOut) / 2
const inputs = (shape: Shape) => fans(shape).fanIn

const normalTable = {
  mean: optional(number({}), 0),
  std: optional(number({ min: 0 }), 0.05),
  generator: optional(generatorOption),
}

const uniformTable = {
  low: optional(number({}), -0.05),
  high: optional(number({}), 0.05),
  generator: optional(generatorOption),
}

const constantTable = { value: number() }

export const initializers = {
  /** Uniform in ±√(6 / (in + out)) (Glorot and Bengio, 2010). */
  glorotUniform: scaled('glorotUniform', mean, 1, false),
  /** Normal with deviation √(2 / (in + out)), cut at two deviations. */
  glorotNormal: scaled('glorotNormal', mean, 1, true),
  /** Uniform in ±√(6 / in) (He et al., 2015). */
  heUniform: scaled('heUniform', inputs, 2, false),
  /** Normal with deviation √(2 / in), cut at two deviations. */
  heNormal: scaled('heNormal', inputs, 2, true),
  /**
   * Normal; by default with mean 0 and deviation 0.05. With a `generator` the values are its next `randn` times `std`
   * plus `mean`, drawn when the weights are made; it is not saved, as they are.
   */
  normal: define(
    'normal',
    (options: { mean?: number; std?: number; generator?: RandomState } = {}) =>
      checkOptions('normal', options, normalTable),
    ({ mean: m, std, generator }) =>
      (shape, seed) => {
        if (!generator) return randomNormal(shape, { mean: m, std, ...seeded(seed) })
        const scaled = mul(generator.randn(...shape), std)
        return m === 0 ? scaled : add(scaled, m)
      },
    ({ mean, std }) => ({ mean, std }),
  ),
  /** Uniform; by default in [−0.05, 0.05). With a `generator` the values are its next ones; it is not saved. */
  uniform: define(
    'uniform',
    (options: { low?: number; high?: number; generator?: RandomState } = {}) =>
      checkOptions('uniform', options, uniformTable),
    ({ low, high, generator }) =>
      (shape, seed) =>
        generator ? generator.uniform(low, high, shape) : randomUniform(shape, { low, high, ...seeded(seed) }),
    ({ low, high }) => ({ low, high }),
  ),
  zeros: filled('zeros', 0),
  ones: filled('ones', 1),
  /** The same value everywhere. */
  constant: define(
    'constant',
    (given: number | { value?: unknown }) =>
      checkOptions('constant', typeof given === 'object' ? given : { value: given }, constantTable),
    ({ value }) =>
      (shape) =>
        full(shape, value),
  ) as (value: number) => Initializer,
  /**
   * An initializer of one's own, which can be saved.
   * @param name under which it is saved; give it to `Model.load(path, { custom: [initializer] })`
   * @param f values of a shape, for a seed
   */
  custom<O extends object = Record<never, never>>(
    name: string,
    f: (shape: Shape, seed: number, options: O) => TensorLike,
    defaults?: O,
  ): (options?: Partial<O>) => Initializer {
    const check = customOptions('initializers.custom', name, f, defaults)
    const make = (given?: object) => {
      const options = check(given)
      return made(maker, options, (shape, seed = 0) => ownValues(name, f(shape, seed, options), shape))
    }
    const maker: Maker = { kind: 'initializer', type: name, make }
    return madeBy(make, maker)
  },
}

function ownValues(name: string, given: TensorLike, shape: Shape): Tensor {
  const values = toTensor(given)
  if (sameShape(values.shape, shape)) return values
  throw new ChainruleError(
    'ERR_SHAPE',
    `the initializer '${name}' gave shape ${formatShape(values.shape)}, expected ${formatShape(shape)}`,
  )
}

export type InitializerName = Exclude<keyof typeof initializers, 'constant' | 'custom'>

const names = Object.keys(initializers).filter((n) => n !== 'constant' && n !== 'custom') as InitializerName[]

/** An initializer from its name or itself. */
export function initializerOf(given: unknown, where: string, option = 'initializer'): Initializer {
  if (isDescribed(given, 'initializer')) return given as Initializer
  if (typeof given === 'string') return initializers[oneOf(names)(given, { where, name: option })]()
  throw new ChainruleError(
    'ERR_OPTION',
    `${where}: ${option} must be one of ${names.join(', ')}, or an initializer such as initializers.normal({ std: 0.01 })`,
  )
}
