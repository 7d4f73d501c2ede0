/** What the instructions of a program cost, by counting: floating-point operations, and bytes read and written. */
import { pendingNodes } from '../tensor/apply.ts'
import type { Node } from '../tensor/graph.ts'
import { sizeOf } from '../tensor/shape.ts'
import { bytesPer, type Line } from './encode.ts'

export interface Cost {
  readonly flops: number
  readonly bytes: number
}

/** The cost of each instruction. What a node counts stands at its first instruction that does not only prepare. */
export function costsOf(lines: readonly Line[]): Cost[] {
  return lines.map((line, i) => {
    const before = lines[i - 1]
    const first = line.node !== null && !line.prepares && (line.node !== before?.node || before.prepares === true)
    return { flops: first ? flopsOf(line.node!) : 0, bytes: bytesOf(line) }
  })
}

function flopsOf(node: Node): number {
  const { operation } = node
  if (operation.flops) return operation.flops(node)
  if (operation.reference) return flopsOfReference(node)
  return node.outputs.reduce((sum, t) => sum + t.size(), 0)
}

function flopsOfReference(node: Node): number {
  const { operation, inputs, attributes } = node.bare() // its inputs have no past that would be counted too
  return pendingNodes(operation.reference!(inputs, attributes)).reduce((sum, part) => sum + flopsOf(part), 0)
}

function bytesOf({ operands, touched, node }: Line): number {
  // A kernel that changes its outputs in place has read them as well.
  const changed = node?.operation.updates ? node.outputs.length : 0
  return operands.reduce((sum, { shape, dtype }, i) => {
    const elements = touched?.[i] ?? sizeOf(shape)
    return sum + elements * bytesPer[dtype] * (i < changed ? 2 : 1)
  }, 0)
}
