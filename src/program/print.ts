/** A program as text: one line per instruction, with shapes, bytes and floating-point operations. */
import type { Segment } from '../tensor/segment.ts'
import { formatShape } from '../tensor/shape.ts'
import { costsOf } from './cost.ts'
import type { Compiled, Operand } from './encode.ts'

function showOperand({ segment, offset, shape }: Operand): string {
  return `${segment.name}+${offset}${formatShape(shape).replaceAll(' ', '')}`
}

export function printProgram(compiled: Compiled): string {
  const { lines, updateBegin, segments, sizes, live } = compiled
  const costs = costsOf(lines)
  const rows = lines.map((line, i) => {
    const { flops, bytes } = costs[i]!
    const [out, ...inputs] = line.operands.map(showOperand)
    const transfer = `${out ?? ''} ← ${inputs.join(' ')}`
    return [`${i}`, line.kernel, transfer, short(flops), short(bytes), line.node?.layer ?? '']
  })
  const table = align([['', 'kernel', 'output ← inputs', 'flop', 'bytes', 'layer'], ...rows])
  if (updateBegin < lines.length) table.splice(updateBegin + 1, 0, '-- update --')
  const [scratch, ...others] = segments.map((s: Segment, i) => `${s.name} ${short(sizes[i]!)}B`)
  const memory = [`${scratch} (${short(live)}B live at once)`, ...others].join(', ')
  return `${table.join('\n')}\nmemory: ${memory}`
}

function align(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((r) => r[c]!.length)))
  const numeric = new Set([0, 3, 4])
  return rows.map((r) =>
    r
      .map((cell, c) => (numeric.has(c) ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join('  ')
      .trimEnd(),
  )
}

/** 1234567 as 1.2M. */
export function short(n: number): string {
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (n >= size) return `${(n / size).toFixed(1)}${unit}`
  return String(n)
}
