/** Activation functions by name, and those of the user's. */
import { customOptions } from './descriptions/custom.ts'
import { type Described, describe, isDescribed, type Maker, madeBy } from './descriptions/description.ts'
import { relu, sigmoid, step, tanh } from './ops/elementwise.ts'
import { softmax } from './ops/softmax.ts'
import { oneOf, optionError, type Subject } from './options.ts'
import { type TensorLike, toTensor } from './tensor/create.ts'
import type { Tensor } from './tensor/graph.ts'

const table = {
  linear: (x: Tensor) => x,
  relu: (x: Tensor) => relu(x),
  sigmoid: (x: Tensor) => sigmoid(x),
  tanh: (x: Tensor) => tanh(x),
  softmax: (x: Tensor) => softmax(x),
  /** 1 where x > 0, else 0. Layers in front of it get no gradient: it is for networks that are not trained. */
  step: (x: Tensor) => step(x),
}

/** An activation with its options, and a function. */
export interface ActivationDescription extends Described<'activation'> {
  (x: TensorLike): Tensor
}

export type ActivationName = keyof typeof table
/** A name, an `ActivationDescription`, or any function of a tensor. A model with plain functions cannot be saved. */
export type Activation = ActivationName | ((x: Tensor) => Tensor)

const names = Object.keys(table) as ActivationName[]

export const activations = {
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
  const other = isDescribed(value) && value.kind !== 'activation'
  if (typeof value === 'function' && !other) return value as (x: Tensor) => Tensor
  throw optionError(
    subject,
    'the name of an activation or a function of a tensor',
    value,
    `Names: ${names.join(', ')}.`,
  )
}

export function activationFunction(activation: Activation): (x: Tensor) => Tensor {
  return typeof activation === 'function' ? activation : table[activation]
}
