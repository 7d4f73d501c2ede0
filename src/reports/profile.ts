/** From what was measured to a profile: the cost of each instruction of a step, and sums. */
import { costsOf } from '../program/cost.ts'
import type { Compiled, Line } from '../program/encode.ts'
import type { Times } from '../program/measure.ts'
import type { Peak } from '../program/peak.ts'
import type { Costs, Phase, Profile, ProfiledInstruction, ProfileMode } from './profile-parts.ts'
import { profileTable } from './profile-table.ts'

export interface Measured {
  readonly mode: ProfileMode
  readonly batchSize: number
  readonly compiled: Compiled
  readonly times: Times
  readonly peak: Peak
}

export function profileOf({ mode, batchSize, compiled, times, peak }: Measured): Profile {
  const instructions = describeInstructions(compiled, times, peak)
  const names = [...new Set(instructions.map((i) => i.layer))]
  const layers = names.map((layer) => {
    const own = instructions.filter((i) => i.layer === layer)
    return { layer, ...sumOf(own, peak) }
  })
  const total = sumOf(instructions, peak, times.step)
  const between = times.step - times.instructions.reduce((sum, t) => sum + t, 0)
  const profile = { mode, batchSize, steps: times.steps, instructions, layers, total, between, peak }
  const print = { value: () => profileTable(profile) }
  return Object.defineProperties(profile, { toString: print, [Symbol.for('nodejs.util.inspect.custom')]: print })
}

function describeInstructions({ lines, updateBegin }: Compiled, times: Times, peak: Peak): ProfiledInstruction[] {
  const costs = costsOf(lines)
  let phase: Phase = 'forward'
  return lines.map((line, i) => {
    if (i >= updateBegin) phase = 'update'
    else if (line.node) phase = line.node.role.backward ? 'backward' : 'forward'
    const { kernel, operands, node } = line
    const what = { layer: layerOf(line), phase, operation: node?.operation.name ?? kernel, kernel }
    return { ...what, shape: operands[0]?.shape ?? [], ...rated({ ...costs[i]!, time: times.instructions[i]! }, peak) }
  })
}

// Copies that the compiler added come from no node.
function layerOf({ node }: Line): string {
  return node?.role.layer || `(${node?.role.part || 'other'})`
}

function rated({ time, flops, bytes }: Pick<Costs, 'time' | 'flops' | 'bytes'>, peak: Peak): Costs {
  const rate = (count: number) => (time > 0 ? count / time / 1000 : 0)
  return { time, flops, bytes, gflops: rate(flops), gbps: rate(bytes), ofPeak: rate(flops) / peak.gflops }
}

/** @internal the sum of some instructions; `time` instead of theirs */
export function sumOf(parts: readonly ProfiledInstruction[], peak: Peak, time?: number): Costs {
  const sum = (key: 'time' | 'flops' | 'bytes') => parts.reduce((total, part) => total + part[key], 0)
  return rated({ time: time ?? sum('time'), flops: sum('flops'), bytes: sum('bytes') }, peak)
}
