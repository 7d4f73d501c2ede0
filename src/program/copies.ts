/** Copies of operands that are meant to happen at once. */
import type { Place, Segment } from '../tensor/segment.ts'
import { sizeOf } from '../tensor/shape.ts'
import { bytesPer, type Operand } from './encode.ts'
import { inSequence, type Stretch } from './moves.ts'

interface Copy {
  readonly from: Operand
  readonly to: Operand
}

export function stretch({ segment, offset }: Place, bytes: number): Stretch {
  return { space: segment, offset, bytes }
}

function operandAt({ space, offset }: Stretch, { dtype, shape }: Operand): Operand {
  return { segment: space as Segment, offset, dtype, shape }
}

/**
 * In an order in which each reads what lay there before any of them.
 * @param setAside where a source of so many bytes may lie meanwhile
 */
export function copiesInSequence(wanted: readonly Copy[], setAside: (bytes: number) => Place): Copy[] {
  const operands = new Map<Stretch, Operand>()
  const named = (operand: Operand): Stretch => {
    const place = stretch(operand, sizeOf(operand.shape) * bytesPer[operand.dtype])
    operands.set(place, operand)
    return place
  }
  const moves = wanted.map(({ from, to }) => ({ from: named(from), to: named(to) }))
  return inSequence(moves, (bytes) => stretch(setAside(bytes), bytes)).map(({ from, to }) => {
    const known = (operands.get(from) ?? operands.get(to))!
    return { from: operandAt(from, known), to: operandAt(to, known) }
  })
}
