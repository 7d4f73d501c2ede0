/** What a profile is: the cost of each instruction of a step, and sums. */
import { costsOf } from '../program/cost.ts'
import type { Compiled, Line } from '../program/encode.ts'
import type { Times } from '../program/measure.ts'
import type { Peak } from '../program/peak.ts'
import type { Costs, Phase, ProfiledInstruction, ProfiledLayer, ProfileMode } from './profile-parts.ts'
import { profileTable } from './profile-table.ts'

/** A profile; as text it is a table. */
export class Profile {
  readonly mode: ProfileMode
  readonly batchSize: number
  /** Steps measured. */
  readonly steps: number
  /** In the order in which they run. */
  readonly instructions: readonly ProfiledInstruction[]
  /** Sums over the instructions of a layer, forward, backward and update. */
  readonly layers: readonly ProfiledLayer[]
  /** A whole step. Its time is that of all instructions plus `between`. */
  readonly total: Costs
  /** Microseconds per step outside of instructions: from one to the next, waiting predictions, the clock itself. */
  readonly between: number
  readonly peak: Peak

  /** @internal */
  constructor(of: { mode: ProfileMode; batchSize: number; compiled: Compiled; times: Times; peak: Peak }) {
    const { mode, batchSize, compiled, times, peak } = of
    this.mode = mode
    this.batchSize = batchSize
    this.steps = times.steps
    this.peak = peak
    this.instructions = describeInstructions(compiled, times, peak)
    const names = [...new Set(this.instructions.map((i) => i.layer))]
    this.layers = names.map((layer) => {
      const own = this.instructions.filter((i) => i.layer === layer)
      return { layer, ...sumOf(own, peak) }
    })
    this.total = sumOf(this.instructions, peak, times.step)
    this.between = times.step - times.instructions.reduce((sum, t) => sum + t, 0)
  }

  toString(): string {
    return profileTable(this)
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
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
