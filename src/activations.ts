/** Activation functions by name. */
import { relu, sigmoid, step, tanh } from './ops/elementwise.ts'
import { softmax } from './ops/softmax.ts'
import { oneOf, optionError, type Subject } from './options.ts'
import type { Tensor } from './tensor/graph.ts'

const activations = {
  linear: (x: Tensor) => x,
  relu: (x: Tensor) => relu(x),
  sigmoid: (x: Tensor) => sigmoid(x),
  tanh: (x: Tensor) => tanh(x),
  softmax: (x: Tensor) => softmax(x),
  /** 1 where x > 0, else 0. Layers in front of it get no gradient: it is for networks that are not trained. */
  step: (x: Tensor) => step(x),
}

export type ActivationName = keyof typeof activations
/** A name, or any function of a tensor. A model with functions of your own cannot be saved. */
export type Activation = ActivationName | ((x: Tensor) => Tensor)

const names = Object.keys(activations) as ActivationName[]

/** Checks an option that names an activation or is a function. */
export function activationOption(value: unknown, subject: Subject): Activation {
  if (typeof value === 'function') return value as (x: Tensor) => Tensor
  if (typeof value === 'string') return oneOf(names)(value, subject)
  throw optionError(
    subject,
    'the name of an activation or a function of a tensor',
    value,
    `Names: ${names.join(', ')}.`,
  )
}

export function activationFunction(activation: Activation): (x: Tensor) => Tensor {
  return typeof activation === 'function' ? activation : activations[activation]
}
