/**
 * Masks: which steps of a sequence count. A mask is int32 [batch, t], 1 for a step and 0 for padding. It travels with the
 * tensor that it is about: a layer that makes one gives it to its output, and the next layer finds it at its input.
 */
import { notEqual } from '../ops/elementwise.ts'
import { alias } from '../ops/movement.ts'
import { describeValue } from '../options.ts'
import { describeError, shapeError } from '../tensor/describing.ts'
import { Tensor } from '../tensor/graph.ts'
import { formatShape } from '../tensor/shape.ts'

const masks = new WeakMap<Tensor, Tensor>()

/** The mask that travels with a tensor. */
export function maskOf(x: Tensor): Tensor | undefined {
  return masks.get(x)
}

/** The tensor with this mask. Where it has another one, as a tensor of its own: others still hold it. */
export function withMask(x: Tensor, mask: Tensor): Tensor {
  if (masks.get(x) === mask) return x
  const own = masks.has(x) ? alias(x) : x
  masks.set(own, mask)
  return own
}

/** The same values with this mask; the tensor itself stays as it is. */
export function carrying(x: Tensor, mask: Tensor): Tensor {
  return masks.get(x) === mask ? x : withMask(alias(x), mask)
}

/** A mask that a user gave, for a sequence [batch, t, ...], as zeros and ones. */
export function checkedMask(mask: unknown, x: Tensor): Tensor {
  refuseOtherKinds(mask)
  const [batch, t] = x.shape
  if (x.rank < 2 || mask.rank !== 2 || mask.shape[0] !== batch || mask.shape[1] !== t)
    throw shapeError(
      'mask',
      `expected a mask ${x.rank < 2 ? '[batch, t]' : formatShape([batch!, t!])}, one number for each step of the input ` +
        `${formatShape(x.shape)}, got ${formatShape(mask.shape)}`,
    )
  return zerosAndOnes(mask)
}

/** @throws ERR_DATA for what is no int32 tensor */
export function refuseOtherKinds(mask: unknown): asserts mask is Tensor {
  if (mask instanceof Tensor && mask.dtype === 'int32') return
  throw describeError(
    'ERR_DATA',
    'mask',
    `expected an int32 tensor, 1 for what counts and 0 for padding, got ` +
      `${mask instanceof Tensor ? `float32 ${formatShape(mask.shape)}. Write mask.notEqual(0)` : describeValue(mask)}.`,
  )
}

const made = new WeakSet<Tensor>()

/** Whatever is not 0 counts as 1. */
export function zerosAndOnes(mask: Tensor): Tensor {
  if (made.has(mask)) return mask
  const clean = notEqual(mask, 0)
  made.add(clean)
  return clean
}
