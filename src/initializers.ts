/** First values of parameters. */
import { customOptions } from './descriptions/custom.ts'
import { type Described, describe, isDescribed, type Maker, madeBy } from './descriptions/description.ts'
import { register } from './descriptions/registry.ts'
import { ChainruleError } from './errors.ts'
import { identityValues, orthogonalValues } from './initial-matrices.ts'
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

type Mode = 'fanIn' | 'fanOut' | 'fanAvg'
type Distribution = 'normal' | 'uniform' | 'truncatedNormal'
interface Scaling {
  readonly scale: number
  readonly mode: Mode
  readonly distribution: Distribution
}

/** Draws with the variance scale / fan. */
const drawScaled =
  ({ scale, mode, distribution }: Scaling): Draw =>
  (shape, seed) => {
    const { fanIn, fanOut } = fans(shape)
    const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode]
    const std = Math.sqrt(scale / Math.max(1, fan))
    if (distribution === 'normal') return randomNormal(shape, { std, ...seeded(seed) })
    if (distribution === 'truncatedNormal')
      return randomNormal(shape, { std: std / truncatedStd, truncated: true, ...seeded(seed) })
    const limit = Math.sqrt(3) * std
    return randomUniform(shape, { low: -limit, high: limit, ...seeded(seed) })
  }

const scaled = (name: string, scale: number, mode: Mode, distribution: Distribution): (() => Initializer) =>
  define(
    name,
    () => ({}),
    () => drawScaled({ scale, mode, distribution }),
  )

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

const scalingTable = {
  scale: optional(number({ above: 0 }), 1),
  mode: optional(oneOf(['fanIn', 'fanOut', 'fanAvg']), 'fanIn'),
  distribution: optional(oneOf(['normal', 'uniform', 'truncatedNormal']), 'truncatedNormal'),
}
const truncatedTable = { mean: optional(number({}), 0), std: optional(number({ min: 0 }), 0.05) }
const gainTable = { gain: optional(number(), 1) }
const constantTable = { value: number() }

export const initializers = {
  /** Uniform in ±√(6 / (in + out)) (Glorot and Bengio, 2010). */
  glorotUniform: scaled('glorotUniform', 1, 'fanAvg', 'uniform'),
  /** Normal with deviation √(2 / (in + out)), cut at two deviations. */
  glorotNormal: scaled('glorotNormal', 1, 'fanAvg', 'truncatedNormal'),
  /** Uniform in ±√(6 / in) (He et al., 2015). */
  heUniform: scaled('heUniform', 2, 'fanIn', 'uniform'),
  /** Normal with deviation √(2 / in), cut at two deviations. */
  heNormal: scaled('heNormal', 2, 'fanIn', 'truncatedNormal'),
  /** Uniform in ±√(3 / in) (LeCun et al., 1998). */
  lecunUniform: scaled('lecunUniform', 1, 'fanIn', 'uniform'),
  /** Normal with deviation √(1 / in), cut at two deviations: what selu is made for (Klambauer et al., 2017). */
  lecunNormal: scaled('lecunNormal', 1, 'fanIn', 'truncatedNormal'),
  /**
   * With the variance scale / n, where n are the inputs of a unit ('fanIn', the default), its outputs, or their mean.
   * 'truncatedNormal', the default, is cut at two deviations, and widened before so that the variance holds.
   */
  varianceScaling: define(
    'varianceScaling',
    (options: { scale?: number; mode?: Mode; distribution?: Distribution } = {}) =>
      checkOptions('varianceScaling', options, scalingTable),
    drawScaled,
  ),
  /**
   * Normal, cut at two deviations: what lies further away is drawn again. By default with mean 0 and deviation 0.05, that
   * before the cut; what is left has 0.88 of it.
   */
  truncatedNormal: define(
    'truncatedNormal',
    (options: { mean?: number; std?: number } = {}) => checkOptions('truncatedNormal', options, truncatedTable),
    ({ mean, std }) =>
      (shape, seed) =>
        randomNormal(shape, { mean, std, truncated: true, ...seeded(seed) }),
  ),
  /**
   * A matrix whose columns, or if they are more than the rows, whose rows have norm `gain` (default 1) and are at right
   * angles to each other; drawn uniformly (Saxe et al., 2014). Of a kernel with more axes the last is columns, the others rows.
   */
  orthogonal: define(
    'orthogonal',
    (options: { gain?: number } = {}) => checkOptions('orthogonal', options, gainTable),
    ({ gain }) =>
      (shape, seed) =>
        orthogonalValues(shape, gain, randomNormal(shape, seeded(seed))),
  ),
  /** A matrix with `gain` (default 1) on the diagonal, else 0. */
  identity: define(
    'identity',
    (options: { gain?: number } = {}) => checkOptions('identity', options, gainTable),
    ({ gain }) =>
      (shape) =>
        identityValues(shape, gain),
  ),
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
  /** 0 everywhere. */
  zeros: filled('zeros', 0),
  /** 1 everywhere. */
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
