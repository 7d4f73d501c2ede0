/** Binary cross-entropy, element by element; behind a sigmoid both derivatives together are p − y. */

import { apply } from '../tensor/apply.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { behindReshapes } from '../tensor/meaning.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import { sigmoid } from './activation.ts'
import { add, clip, clipThrough, div, exp, greater, log, log1p, mul, neg, sub, toFloat, where } from './elementwise.ts'
import { broadcastTo } from './movement.ts'

interface Clipped {
  /** p is kept within [epsilon, 1 − epsilon]; the derivative goes straight through. */
  epsilon: number
}

function elementwise(name: string, x: Tensor | undefined, y: Tensor | undefined) {
  if (!x || !y || !sameShape(x.shape, y.shape))
    throw shapeError(
      name,
      `predictions ${formatShape(x?.shape ?? [])} and labels ${formatShape(y?.shape ?? [])} differ`,
    )
  return [{ shape: x.shape, dtype: 'float32' as const }]
}

const entropyOperation: Operation<Clipped> = defineOperation({
  name: 'binaryCrossEntropy',
  infer: ([p, y]) => elementwise('binaryCrossEntropy', p, y),
  emit: ({ attributes: { epsilon } }) => ({ kernel: 'binaryCrossEntropy', attributes: [epsilon] }),
  gradient: ({ inputs: [p, y], attributes }, [dl]) => [
    apply(entropyGradientOperation, [p!, y!, dl!], attributes),
    mul(dl!, logOdds(clip(p!, attributes.epsilon, 1 - attributes.epsilon))),
  ],
  flops: ({ inputs: [p] }) => 8 * p!.size(),
  inPlace: [[0, 0]],
  reference: ([x, y], { epsilon }) => {
    const p = clipThrough(x!, epsilon, 1 - epsilon)
    return [neg(add(mul(y!, log(p)), mul(sub(1, y!), log(sub(1, p)))))]
  },
})

/** The derivative of the loss for the label: −log(p / (1 − p)). */
function logOdds(p: Tensor): Tensor {
  return sub(log(sub(1, p)), log(p))
}

const entropyGradientOperation: Operation<Clipped> = defineOperation({
  name: 'binaryCrossEntropyGradient',
  infer: ([p, y]) => elementwise('binaryCrossEntropyGradient', p, y),
  emit: ({ attributes: { epsilon } }) => ({ kernel: 'binaryCrossEntropyGradient', attributes: [epsilon] }),
  behindActivation: ({ inputs }, { name }, by) =>
    name === 'sigmoid' && behindReshapes(inputs[0]!) === by
      ? apply(sigmoidEntropyGradientOperation, inputs, null)
      : undefined,
  flops: ({ inputs: [p] }) => 5 * p!.size(),
  inPlace: [[0, 0]],
  reference: ([x, y, dl], { epsilon }) => {
    const p = clipThrough(x!, epsilon, 1 - epsilon)
    return [mul(div(sub(p, y!), mul(p, sub(1, p))), dl!)]
  },
})

const sigmoidEntropyGradientOperation: Operation<null> = defineOperation({
  name: 'sigmoidCrossEntropyGradient',
  infer: ([p, y]) => elementwise('sigmoidCrossEntropyGradient', p, y),
  emit: () => ({ kernel: 'sigmoidCrossEntropyGradient', attributes: [] }),
  flops: ({ inputs: [p] }) => 2 * p!.size(),
  inPlace: [[0, 0]],
  reference: ([p, y, dl]) => [mul(sub(p!, y!), dl!)],
})

const logitOperation: Operation<null> = defineOperation({
  name: 'logitCrossEntropy',
  infer: ([z, y]) => elementwise('logitCrossEntropy', z, y),
  emit: () => ({ kernel: 'logitCrossEntropy', attributes: [] }),
  gradient: ({ inputs: [z, y] }, [dl]) => [apply(logitGradientOperation, [z!, y!, dl!], null), neg(mul(dl!, z!))],
  flops: ({ inputs: [z] }) => 8 * z!.size(),
  inPlace: [[0, 0]],
  reference: ([z, y]) => {
    const positive = greater(z!, 0)
    const small = log1p(exp(where(positive, neg(z!), z!)))
    return [add(mul(z!, where(positive, sub(1, y!), neg(y!))), small)]
  },
})

const logitGradientOperation: Operation<null> = defineOperation({
  name: 'logitCrossEntropyGradient',
  infer: ([z, y]) => elementwise('logitCrossEntropyGradient', z, y),
  emit: () => ({ kernel: 'logitCrossEntropyGradient', attributes: [] }),
  flops: ({ inputs: [z] }) => 6 * z!.size(),
  inPlace: [[0, 0]],
  reference: ([z, y, dl]) => [mul(sub(sigmoid(z!), y!), dl!)],
})

// One label may stand for all.
const labelsFor = (x: Tensor, y: Tensor) => broadcastTo(toFloat(y), x.shape)

/** −(y·log p + (1 − y)·log(1 − p)), p clipped to [epsilon, 1 − epsilon], for labels y from 0 to 1. */
export function binaryCrossEntropy(p: Tensor, y: Tensor, epsilon = 1e-7): Tensor {
  const x = toFloat(p)
  return apply(entropyOperation, [x, labelsFor(x, y)], { epsilon })
}

/** The same of p = sigmoid(z), exact for every z. */
export function logitCrossEntropy(z: Tensor, y: Tensor): Tensor {
  const x = toFloat(z)
  return apply(logitOperation, [x, labelsFor(x, y)], null)
}
