/** Instructions as the native side takes them: a flat list of numbers. */
import { kernelOf, type NativeProgram, native } from '../native.ts'
import type { Node, Tensor } from '../tensor/graph.ts'
import type { Segment } from '../tensor/segment.ts'
import { type StoredType, sizeOf } from '../tensor/shape.ts'

export interface Operand {
  readonly segment: Segment
  readonly offset: number
  readonly dtype: StoredType
  readonly shape: readonly number[]
  /** How many elements of memory it spans, where they do not lie one after the other. */
  readonly span?: number
}

/** An instruction, readable. */
export interface Line {
  readonly kernel: string
  readonly operands: readonly Operand[]
  readonly attributes: readonly number[]
  /** Elements read or written of each operand, where that is not all of them. */
  readonly touched?: readonly number[] | undefined
  /** It readies an operand for the next line of its node. */
  readonly prepares?: boolean | undefined
  /** The node it came from; null for copies that the compiler added. */
  readonly node: Node | null
  readonly position: number
}

export interface Encoded {
  readonly handle: NativeProgram
  readonly lines: readonly Line[]
  readonly updateBegin: number
  /** In the order of the native program. */
  readonly segments: readonly Segment[]
  readonly sizes: readonly number[]
  readonly arena: Segment
  readonly debug: boolean
  /** The segments that outlast a run: those that it only reads, and those that it writes. */
  readonly reads: readonly Segment[]
  readonly writes: readonly Segment[]
}

export interface Compiled extends Encoded {
  /** The most bytes of scratch that hold something needed at one time. */
  readonly live: number
}

/** Whether what a program uses has moved since it was compiled. */
export function isOutdated({ segments }: Compiled): boolean {
  for (const segment of segments) if (segment.abandoned) return true
  return false
}

/** Bytes of one element. */
export const bytesPer: Record<StoredType, number> = { float32: 4, int32: 4, uint8: 1, float64: 8 }
const dtypeCode: Record<StoredType, number> = { float32: 0, int32: 1, uint8: 2, float64: 3 }

export function bytesOf(t: Tensor): number {
  return sizeOf(t.shape) * bytesPer[t.stored]
}

/**
 * Encodes and loads a program. Number of segments, where the update begins, whether it is debugged, whether it changes
 * anything, segment sizes; then per instruction its length, kernel, number of operands and of attributes, whether
 * −Infinity is bad in it, (segment, dtype, offset, size) per operand, attributes.
 */
export function encode(lines: readonly Line[], updateBegin: number, arena: Segment, debug: boolean): Encoded {
  const segments: Segment[] = [arena]
  const sizes: number[] = [0]
  const code: number[] = []
  for (const { kernel, operands, attributes, node } of lines) {
    const strict = node?.role.backward ? 1 : 0 // −Infinity is what masks are made of, but no gradient
    const length = 5 + 4 * operands.length + attributes.length
    code.push(length, kernelOf(kernel).opcode, operands.length, attributes.length, strict)
    for (const { segment, offset, dtype, shape, span } of operands) {
      const size = span ?? sizeOf(shape)
      let s = segments.indexOf(segment)
      if (s < 0) {
        s = segments.push(segment) - 1
        sizes.push(0)
      }
      sizes[s] = Math.max(sizes[s]!, offset + size * bytesPer[dtype])
      code.push(s, dtypeCode[dtype], offset, size)
    }
    code.push(...attributes)
  }
  const uses = usesIn(lines)
  // A program that changes what outlasts its run is let in between the steps of others, never between instructions.
  const changes = uses.writes.length > 0 ? 1 : 0
  const header = [segments.length, updateBegin, debug ? 1 : 0, changes, ...sizes]
  const handle = native().program(Float64Array.from([...header, ...code]))
  return { handle, lines, updateBegin, segments, sizes, arena, debug, ...uses }
}

/** Segments with memory of their own outlast a run; scratch, feeds, results and whatever is bound for a run have none. */
function usesIn(lines: readonly Line[]): Pick<Compiled, 'reads' | 'writes'> {
  const reads = new Set<Segment>()
  const writes = new Set<Segment>()
  for (const { kernel, operands } of lines)
    for (const [i, { segment }] of operands.entries())
      if (segment.memory) (i < kernelOf(kernel).outputs ? writes : reads).add(segment)
  return { reads: [...reads].filter((s) => !writes.has(s)), writes: [...writes] }
}
