/** The squared norm of gradients: what clipping needs, and a check that all of them are finite. */

import { applyAll } from '../tensor/apply.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Instruction, Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape } from '../tensor/shape.ts'

// Elements whose squares one thread adds up. Twice as many are not worth a second instruction.
const tile = 16_384
const alone = 2 * tile

const elementsOf = (ranges: readonly Tensor[]) => ranges.reduce((n, range) => n + range.size(), 0)

const normOperation: Operation<null> = defineOperation({
  name: 'squaredNorm',
  infer: (ranges) => {
    const wrong = ranges.find((x) => x.stored !== 'float32' || x.rank !== 1)
    if (wrong)
      throw shapeError(
        'squaredNorm',
        `takes flat ranges of float32, got ${wrong.stored} of shape ${formatShape(wrong.shape)}`,
      )
    const total = elementsOf(ranges)
    const result = { shape: [1], dtype: 'float64' } as const
    return total <= alone ? [result] : [result, { shape: [Math.ceil(total / tile)], dtype: 'float64' }]
  },
  emit: ({ inputs, outputs: [norm, parts] }): readonly Instruction[] => {
    if (!parts)
      return [{ kernel: 'squaredNorm', attributes: [Math.max(1, elementsOf(inputs))], operands: [norm!, ...inputs] }]
    return [
      { kernel: 'squaredNorm', attributes: [tile], operands: [parts, ...inputs] },
      { kernel: 'addParts', attributes: [], operands: [norm!, parts] },
    ]
  },
  flops: ({ inputs }) => 2 * elementsOf(inputs),
  fault: (_, row, value) => `element ${row} of the gradients is ${value}`,
  demandsFinite: true,
})

/**
 * The sum of the squares of all ranges, flat and float32, as a float64 tensor of shape [1]. It neither overflows nor
 * loses small numbers, and is finite exactly when all elements are. When they are not, the step fails; the fault's row
 * counts the elements of the ranges one after the other.
 */
export function squaredNorm(ranges: readonly Tensor[]): Tensor {
  return applyAll(normOperation, ranges, null)[0]!
}
