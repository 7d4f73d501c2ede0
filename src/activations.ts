/** Activation functions by name, as descriptions with options, and those of the user's. */
import { customOptions } from './descriptions/custom.ts'
import { type Described, describe, isDescribed, type Maker, madeBy, makerOf } from './descriptions/description.ts'
import { register } from './descriptions/registry.ts'
import { activate } from './ops/activation.ts'
import { step } from './ops/elementwise.ts'
import { glu, logSoftmaxAlong, softmaxAlong, sparsemax } from './ops/softmax-axis.ts'
import {
  boolean,
  type Checked,
  type CheckTable,
  checkOptions,
  number,
  oneOf,
  optional,
  optionError,
  type Subject,
} from './options.ts'
import { type TensorLike, toTensor } from './tensor/create.ts'
import type { Elementwise, Tensor } from './tensor/graph.ts'

/** An activation with its options, and a function. */
export interface ActivationDescription extends Described<'activation'> {
  (x: TensorLike): Tensor
}

/** What an activation is: one that kernels apply to what they compute, or a function of tensors. */
type Meant = Elementwise | ((x: Tensor) => Tensor)

const meant = new WeakMap<object, Meant>()

const functionOf = (m: Meant) => (typeof m === 'function' ? m : (x: Tensor) => activate(m, x))

function define<T extends CheckTable>(type: string, table: T, mean: (options: Checked<T>) => Meant) {
  const make = (given: object = {}) => {
    const options = checkOptions(type, given, table)
    const it = mean(options)
    const f = functionOf(it)
    const made = describe<ActivationDescription>(maker, options, {}, (x: TensorLike) => f(toTensor(x)))
    meant.set(made, it)
    return made
  }
  const maker = register({ kind: 'activation', type, make })
  return madeBy(make, maker)
}

const plain = (name: string): Elementwise => ({ name, numbers: [] })
const notNegative = number({ min: 0 })
const axis = optional(number(), -1)

const described = {
  leakyRelu: define('leakyRelu', { negativeSlope: optional(notNegative, 0.2) }, ({ negativeSlope }) => ({
    name: 'leakyRelu',
    numbers: [negativeSlope],
  })),
  elu: define('elu', { alpha: optional(notNegative, 1) }, ({ alpha }) => ({ name: 'elu', numbers: [alpha] })),
  celu: define('celu', { alpha: optional(number({ above: 0 }), 1) }, ({ alpha }) => ({
    name: 'celu',
    numbers: [alpha],
  })),
  gelu: define('gelu', { approximate: optional(boolean, false) }, ({ approximate }) =>
    plain(approximate ? 'geluTanh' : 'gelu'),
  ),
  squareplus: define('squareplus', { b: optional(notNegative, 4) }, ({ b }) => ({ name: 'squareplus', numbers: [b] })),
  softShrink: define('softShrink', { threshold: optional(notNegative, 0.5) }, ({ threshold }) => ({
    name: 'softShrink',
    numbers: [threshold],
  })),
  hardShrink: define('hardShrink', { threshold: optional(notNegative, 0.5) }, ({ threshold }) => ({
    name: 'hardShrink',
    numbers: [threshold],
  })),
  threshold: define('threshold', { threshold: number(), defaultValue: number() }, ({ threshold, defaultValue }) => ({
    name: 'threshold',
    numbers: [threshold, defaultValue],
  })),
  softmax: define('softmax', { axis }, (o) => (x) => softmaxAlong(x, o.axis)),
  logSoftmax: define('logSoftmax', { axis }, (o) => (x) => logSoftmaxAlong(x, o.axis)),
  sparsemax: define('sparsemax', { axis }, (o) => (x) => sparsemax(x, o.axis)),
  glu: define('glu', { axis }, (o) => (x) => glu(x, o.axis)),
}

const table = {
  /** x. */
  linear: (x: Tensor) => x,
  /** max(x, 0). */
  relu: plain('relu'),
  /** min(max(x, 0), 6). */
  relu6: plain('relu6'),
  leakyRelu: { name: 'leakyRelu', numbers: [0.2] },
  elu: { name: 'elu', numbers: [1] },
  /** 1.0507·x where x > 0, else 1.0507·1.6733·(eˣ − 1) (Klambauer et al., 2017). */
  selu: plain('selu'),
  celu: { name: 'celu', numbers: [1] },
  gelu: plain('gelu'),
  /** x·sigmoid(x) (Hendrycks and Gimpel, 2016; Ramachandran et al., 2017). */
  silu: plain('silu'),
  /** Another name of silu. */
  swish: plain('silu'),
  /** x·tanh(log(1 + eˣ)) (Misra, 2019). */
  mish: plain('mish'),
  /** log(1 + eˣ). */
  softplus: plain('softplus'),
  /** x / (1 + |x|). */
  softsign: plain('softsign'),
  squareplus: { name: 'squareplus', numbers: [4] },
  /** 0 up to −1, (x + 1)² / 4 up to 1, then x. */
  sparsePlus: plain('sparsePlus'),
  /** 1 / (1 + e⁻ˣ). */
  sigmoid: plain('sigmoid'),
  /** relu6(x + 3) / 6. */
  hardSigmoid: plain('hardSigmoid'),
  /** 0 up to −1, (x + 1) / 2 up to 1, then 1. */
  sparseSigmoid: plain('sparseSigmoid'),
  /** log(1 / (1 + e⁻ˣ)). */
  logSigmoid: plain('logSigmoid'),
  /** x·relu6(x + 3) / 6 (Howard et al., 2019). */
  hardSilu: plain('hardSilu'),
  /** Another name of hardSilu. */
  hardSwish: plain('hardSilu'),
  /** (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). */
  tanh: plain('tanh'),
  /** x, at least −1 and at most 1. */
  hardTanh: plain('hardTanh'),
  /** x − tanh(x). */
  tanhShrink: plain('tanhShrink'),
  softShrink: { name: 'softShrink', numbers: [0.5] },
  hardShrink: { name: 'hardShrink', numbers: [0.5] },
  /** eˣ. */
  exponential: plain('exponential'),
  softmax: (x: Tensor) => softmaxAlong(x, -1),
  logSoftmax: (x: Tensor) => logSoftmaxAlong(x, -1),
  sparsemax: (x: Tensor) => sparsemax(x, -1),
  glu: (x: Tensor) => glu(x, -1),
  /** 1 where x > 0, else 0. Layers in front of it get no gradient: it is for networks that are not trained. */
  step: (x: Tensor) => step(x),
} as const satisfies Record<string, Meant>

export type ActivationName = keyof typeof table
/** A name, an `ActivationDescription`, or any function of a tensor. A model with plain functions cannot be saved. */
export type Activation = ActivationName | ((x: Tensor) => Tensor)

const names = Object.keys(table) as ActivationName[]
type Options<O> = (options?: O) => ActivationDescription

/**
 * Activations with options, and those of one's own. All that have defaults are known by name, too: `activation: 'gelu'`.
 */
export const activations = {
  /** x where x > 0, else negativeSlope·x; by default 0.2, in PyTorch 0.01 (Maas et al., 2013). */
  leakyRelu: described.leakyRelu as Options<{ negativeSlope?: number }>,
  /** x where x > 0, else alpha·(eˣ − 1); by default 1 (Clevert et al., 2016). */
  elu: described.elu as Options<{ alpha?: number }>,
  /** x where x > 0, else alpha·(e^(x/alpha) − 1); by default 1 (Barron, 2017). */
  celu: described.celu as Options<{ alpha?: number }>,
  /** x·Φ(x), Φ the normal distribution; `approximate`: by tanh (Hendrycks and Gimpel, 2016). */
  gelu: described.gelu as Options<{ approximate?: boolean }>,
  /** (x + √(x² + b)) / 2; by default 4. */
  squareplus: described.squareplus as Options<{ b?: number }>,
  /** x − threshold above it, x + threshold below its negative, else 0; by default 0.5. */
  softShrink: described.softShrink as Options<{ threshold?: number }>,
  /** x where |x| > threshold, else 0; by default 0.5. */
  hardShrink: described.hardShrink as Options<{ threshold?: number }>,
  /** x where x > threshold, else defaultValue. */
  threshold: described.threshold as (options: { threshold: number; defaultValue: number }) => ActivationDescription,
  /** eˣ / Σ eˣ along an axis, by default the last. */
  softmax: described.softmax as Options<{ axis?: number }>,
  /** log(softmax(x)) along an axis, by default the last. */
  logSoftmax: described.logSoftmax as Options<{ axis?: number }>,
  /** The nearest point whose numbers along an axis are not negative and have the sum 1 (Martins and Astudillo, 2016). */
  sparsemax: described.sparsemax as Options<{ axis?: number }>,
  /** The first half along an axis times the sigmoid of the second (Dauphin et al., 2017). */
  glu: described.glu as Options<{ axis?: number }>,
  /**
   * An activation of one's own, which can be saved.
   * @param name under which it is saved; give it to `Model.load(path, { custom: [activation] })`
   */
  custom<O extends object = Record<never, never>>(
    name: string,
    f: (x: Tensor, options: O) => Tensor,
    defaults?: O,
  ): (options?: Partial<O>) => ActivationDescription {
    const check = customOptions('activations.custom', name, f, defaults)
    const make = (given?: object) => {
      const options = check(given)
      return describe<ActivationDescription>(maker, options, {}, (x: TensorLike) => f(toTensor(x), options))
    }
    const maker: Maker = { kind: 'activation', type: name, make }
    return madeBy(make, maker)
  },
}

/** Checks an option that names an activation or is a function. */
export function activationOption(value: unknown, subject: Subject): Activation {
  if (typeof value === 'string') return oneOf(names)(value, subject)
  const maker = makerOf(value)
  if (maker?.kind === 'activation' && !isDescribed(value))
    throw optionError(subject, 'an activation', value, `Call it: activations.${maker.type}().`)
  const other = isDescribed(value) && value.kind !== 'activation'
  if (typeof value === 'function' && !other) return value as (x: Tensor) => Tensor
  throw optionError(
    subject,
    'the name of an activation or a function of a tensor',
    value,
    `Names: ${names.join(', ')}.`,
  )
}

function meaningOf(activation: Activation): Meant {
  return typeof activation === 'string' ? table[activation] : (meant.get(activation) ?? activation)
}

export function activationFunction(activation: Activation): (x: Tensor) => Tensor {
  return functionOf(meaningOf(activation))
}

/** For layers whose kernels apply activations: what they apply, and what follows as operations of its own. */
export function activationParts(activation: Activation): {
  readonly fused: Elementwise | null
  readonly after: (x: Tensor) => Tensor
} {
  const it = meaningOf(activation)
  return typeof it === 'function' ? { fused: null, after: it } : { fused: it, after: (x) => x }
}
