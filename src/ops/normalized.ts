/** What the normalisations share: weights that may be missing, and the relu that may follow. */
import { full } from '../tensor/create.ts'
import type { Node, Tensor } from '../tensor/graph.ts'
import { operationNamed } from '../tensor/operations.ts'
import { sameShape } from '../tensor/shape.ts'
import { greater, where } from './elementwise.ts'

/** A weight as an operand: without elements where there is none. */
export const operandOf = (weight: Tensor | null): Tensor => weight ?? full([0], 0)
/** In references: the weight, or what stands for none. */
export const orOne = (weight: Tensor): Tensor | number => (weight.size() > 0 ? weight : 1)
export const orZero = (weight: Tensor): Tensor | number => (weight.size() > 0 ? weight : 0)
/** The gradient of a weight, if it is there. */
export const orNull = (weight: Tensor, gradient: Tensor): Tensor | null => (weight.size() > 0 ? gradient : null)

export const isRelu = ({ operation }: Node): boolean => operation === operationNamed('relu')

/** Where dy comes back through a relu of this very y: what came to the relu, and true. The gate is a part of the way back. */
export function behindRelu(y: Tensor, dy: Tensor): readonly [dy: Tensor, relu: boolean] {
  const { node } = dy
  if (dy.value || node?.operation !== operationNamed('reluGradient')) return [dy, false]
  const [after, behind] = node!.inputs
  const isOfY = after!.node !== null && isRelu(after!.node) && after!.node.inputs[0] === y
  return isOfY && sameShape(behind!.shape, y.shape) ? [behind!, true] : [dy, false]
}

/** dy where z > 0. */
export const gatedByRelu = (z: Tensor, dy: Tensor): Tensor => where(greater(z, 0), dy, 0)
