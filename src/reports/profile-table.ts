/** A profile as text. */
import { short } from '../program/print.ts'
import type { Costs, Phase, Profile, ProfiledInstruction } from './profile-parts.ts'

const widest = 110
const header = ['layer', 'operation', 'result', 'µs', 'share', 'FLOP', 'GFLOP/s', 'of peak', 'bytes', 'GB/s']
const words = 3 // columns of words, then columns of numbers

/** Instructions by phase, layers, and the peak that they are compared with. */
export function profileTable(profile: Profile): string {
  const { instructions, layers, total, between, peak } = profile
  const numbers = (costs: Costs) => numbersOf(costs, total.time)
  const row = (i: ProfiledInstruction) => [`  ${i.layer}`, i.operation, i.shape.join('×') || '1', ...numbers(i)]
  const phases: readonly Phase[] = ['forward', 'backward', 'update']
  const rows: (string[] | null)[] = [header, null]
  for (const phase of phases) {
    const own = instructions.filter((i) => i.phase === phase)
    if (own.length > 0) rows.push([phase, '', '', timeOf(own), shareOf(own, total)], ...own.map(row))
  }
  rows.push(['between instructions', '', '', micro(between), percent(between / total.time)], null)
  for (const layer of layers) rows.push([layer.layer, '', '', ...numbers(layer)])
  rows.push(null, ['a step', '', '', ...numbers(total)])
  return `${titleOf(profile)}\n\n${layOut(rows)}\n\n${legendOf(peak)}`
}

function titleOf({ mode, batchSize, steps, peak }: Profile): string {
  const what = { train: 'A training step', evaluate: 'A step of evaluation', predict: 'A prediction' }[mode]
  const samples = `${batchSize} ${batchSize === 1 ? 'sample' : 'samples'}`
  return `${what} on ${samples}, ${threadsOf(peak.threads)}; ${steps} ${steps === 1 ? 'step' : 'steps'} measured`
}

function legendOf({ gflops, gbps, threads }: Profile['peak']): string {
  return (
    `peak: ${gflops.toFixed(1)} GFLOP/s, a product of 2048×2048 matrices on ${threadsOf(threads)}\n` +
    `memory: ${gbps.toFixed(1)} GB/s, a copy of 64 MiB; what lies in caches is faster`
  )
}

const threadsOf = (n: number) => `${n} ${n === 1 ? 'thread' : 'threads'}`
const micro = (time: number) => time.toFixed(1)
const percent = (part: number) => `${(part * 100).toFixed(0)} %`
const sumTime = (parts: readonly Costs[]) => parts.reduce((sum, { time }) => sum + time, 0)
const timeOf = (parts: readonly Costs[]) => micro(sumTime(parts))
const shareOf = (parts: readonly Costs[], total: Costs) => percent(sumTime(parts) / total.time)

function numbersOf({ time, flops, bytes, gflops, gbps, ofPeak }: Costs, whole: number): string[] {
  const computes = flops > 0 ? [short(flops), gflops.toFixed(1), percent(ofPeak)] : ['', '', '']
  return [micro(time), percent(time / whole), ...computes, short(bytes), gbps.toFixed(1)]
}

/** Rows in columns; null is a rule. The first column gives way where a line would be too long. */
function layOut(rows: readonly (string[] | null)[]): string {
  const cells = rows.map((row) => row?.map((cell, c) => (c > 0 && c < words ? clip(cell, [27, 14][c - 1]!) : cell)))
  // A heading may run on over the empty cell beside it.
  const counts = (row: string[] | undefined, c: number) => row !== undefined && (c > 0 || row[1] !== '')
  const widths = header.map((_, c) => Math.max(0, ...cells.map((r) => (counts(r, c) ? (r![c]?.length ?? 0) : 0))))
  widths[0] = Math.max(widths[0]!, ...cells.map((r) => (r && r[1] === '' ? r[0]!.length - widths[1]! - 2 : 0)))
  const others = widths.slice(1).reduce((sum, w) => sum + w + 2, 0)
  widths[0] = Math.min(widths[0]!, widest - others)
  const rule = '─'.repeat(widths[0]! + others)
  return cells.map((row) => (row ? lineOf(row, widths) : rule)).join('\n')
}

function lineOf([first = '', second = '', ...rest]: string[], [a = 0, b = 0, ...widths]: number[]): string {
  const start =
    second === '' ? clip(first, a + b + 2).padEnd(a + b + 2) : `${clip(first, a).padEnd(a)}  ${second.padEnd(b)}`
  const others = rest.map((cell, i) => (i + 2 < words ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
  return [start, ...others].join('  ').trimEnd()
}

/** The end of a path says more than its beginning. */
function clip(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`
}
