/** First values of parameters. */
import { ChainruleError } from './errors.ts'
import { add, mul } from './ops/elementwise.ts'
import { randomNormal, randomUniform } from './ops/random.ts'
import { checkOptions, number, oneOf, optional, optionError, type Subject } from './options.ts'
import { RandomState } from './random/random-state.ts'
import { full } from './tensor/create.ts'
import type { Tensor } from './tensor/graph.ts'
import { type Shape, sizeOf } from './tensor/shape.ts'

export interface Initializer {
  readonly kind: 'initializer'
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  /** Values for a shape. Kernels have inputs on the second-last axis and outputs on the last. */
  values(shape: Shape, seed?: number): Tensor
}

function make(
  name: string,
  options: Record<string, unknown>,
  values: (shape: Shape, seed: number | undefined) => Tensor,
): Initializer {
  return Object.freeze({
    kind: 'initializer',
    name,
    options: Object.freeze(options),
    values: (shape: Shape, seed?: number) => values(shape, seed),
  } as const)
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
  return () =>
    make(name, {}, (shape, seed) => {
      const variance = gain / Math.max(1, fan(shape))
      if (normal) {
        const std = Math.sqrt(variance) / truncatedStd
        return randomNormal(shape, { std, truncated: true, ...seeded(seed) })
      }
      const limit = Math.sqrt(3 * variance)
      return randomUniform(shape, { low: -limit, high: limit, ...seeded(seed) })
    })
}

const generatorOption = (value: unknown, subject: Subject): RandomState => {
  if (value instanceof RandomState) return value
  throw optionError(subject, 'a RandomState', value, 'Give new RandomState(0).')
}

const mean = (shape: Shape) => (fans(shape).fanIn + fans(shape).fanOut) / 2
const inputs = (shape: Shape) => fans(shape).fanIn

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
   * plus `mean`, drawn when the weights are made.
   */
  normal(options: { mean?: number; std?: number; generator?: RandomState } = {}): Initializer {
    const table = {
      mean: optional(number({}), 0),
      std: optional(number({ min: 0 }), 0.05),
      generator: optional(generatorOption),
    }
    const { mean: m, std, generator } = checkOptions('normal', options, table)
    return make('normal', { mean: m, std }, (shape, seed) => {
      if (!generator) return randomNormal(shape, { mean: m, std, ...seeded(seed) })
      const scaled = mul(generator.randn(...shape), std)
      return m === 0 ? scaled : add(scaled, m)
    })
  },
  /** Uniform; by default in [−0.05, 0.05). With a `generator` the values are its next ones. */
  uniform(options: { low?: number; high?: number; generator?: RandomState } = {}): Initializer {
    const table = {
      low: optional(number({}), -0.05),
      high: optional(number({}), 0.05),
      generator: optional(generatorOption),
    }
    const { low, high, generator } = checkOptions('uniform', options, table)
    return make('uniform', { low, high }, (shape, seed) =>
      generator ? generator.uniform(low, high, shape) : randomUniform(shape, { low, high, ...seeded(seed) }),
    )
  },
  zeros: () => make('zeros', {}, (shape) => full(shape, 0)),
  ones: () => make('ones', {}, (shape) => full(shape, 1)),
  /** The same value everywhere. */
  constant(value: number): Initializer {
    return make('constant', { value }, (shape) => full(shape, value))
  },
}

export type InitializerName = Exclude<keyof typeof initializers, 'constant'>

const names = Object.keys(initializers).filter((n) => n !== 'constant') as InitializerName[]

/** An initializer from its name or itself. */
export function initializerOf(given: unknown, where: string, option = 'initializer'): Initializer {
  if (typeof given === 'object' && given !== null && (given as Initializer).kind === 'initializer')
    return given as Initializer
  if (typeof given === 'string') return initializers[oneOf(names)(given, { where, name: option })]()
  throw new ChainruleError(
    'ERR_OPTION',
    `${where}: ${option} must be one of ${names.join(', ')}, or an initializer such as initializers.normal({ std: 0.01 })`,
  )
}

/** The initializer that `name` and `options` of another one describe. */
export function initializerFrom(saved: { name: string; options: Record<string, unknown> }): Initializer {
  if (saved.name === 'constant') return initializers.constant(saved.options.value as number)
  const known = initializers[saved.name as InitializerName] as ((o?: object) => Initializer) | undefined
  if (!known) throw new ChainruleError('ERR_FILE', `the file names an unknown initializer '${saved.name}'`)
  return known(saved.options)
}
