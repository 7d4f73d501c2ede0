/** Values that must be what they are taken for: a fault stops a step before its update. */
import { apply } from '../tensor/apply.ts'
import { describeError } from '../tensor/describing.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { cast, toFloat } from './elementwise.ts'

const checkOperation: Operation<string> = defineOperation({
  name: 'checkFinite',
  infer: () => [{ shape: [0], dtype: 'float32' }],
  emit: ({ inputs: [x], attributes: _ }) => ({ kernel: 'checkFinite', attributes: [], operands: [x!] }),
  flops: ({ inputs: [x] }) => x!.size(),
  fault: (node, _, value) => `the ${node.attributes} is ${value}`,
  demandsFinite: true,
})

/** A value to compute for its effect: the step fails unless every element of x is finite. */
export function checkFinite(x: Tensor, what: string): Tensor {
  return apply(checkOperation, [x], what)
}

const indicesOperation: Operation<string> = defineOperation({
  name: 'toIndices',
  infer: ([x]) => [{ shape: x!.shape, dtype: 'int32' }],
  emit: () => ({ kernel: 'toIndices', attributes: [] }),
  flops: () => 0,
  gradient: () => [null],
  fault: ({ attributes: what }, row, value) =>
    `${what} ${value} at position ${row} is no integer${Number.isInteger(value) ? ' of 32 bits' : ''}. ${advice}`,
})

const advice = 'Round it first, or cast("int32").'

/**
 * Whole numbers as int32. What is none is an error: here where it is known, else when it is computed.
 * @param what they are, for the error
 */
export function toIndices(where: string, x: Tensor, what: string): Tensor {
  if (x.dtype === 'int32') return cast(x, 'int32')
  const wrong = x.value?.find((v) => !Number.isInteger(v))
  if (wrong === undefined) return apply(indicesOperation, [x], what)
  throw describeError('ERR_DATA', where, `an index must be a whole number, got ${wrong}. ${advice}`)
}

const probabilitiesOperation: Operation<number> = defineOperation({
  name: 'toProbabilities',
  meaning: () => 'distribution',
  infer: ([p]) => [{ shape: p!.shape, dtype: 'float32' }],
  emit: ({ attributes: classes }) => ({ kernel: 'toProbabilities', attributes: [classes] }),
  flops: ({ inputs: [p] }) => p!.size(),
  gradient: (_, [dy]) => [dy!],
  inPlace: [[0, 0]],
  fault: (_, row, value) =>
    `expected rows of probabilities, from 0 to 1, that add up to 1, but row ${row} ` +
    `${value < 0 ? 'has' : 'adds up to'} ${Number(value.toPrecision(6))}. End with a softmax, or take ` +
    'losses.categoricalCrossentropy({ fromLogits: true }) for what goes into one.',
})

/** The same numbers, each row of the last axis looked at when it is computed: an error unless it is a distribution. */
export function toProbabilities(p: Tensor): Tensor {
  return apply(probabilitiesOperation, [toFloat(p)], p.size(-1))
}
