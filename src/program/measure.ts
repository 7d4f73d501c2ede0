/** Takes the time of each instruction of a program. Nobody else may run the program meanwhile. */
import { native, type Run } from '../native.ts'
import type { Compiled } from './encode.ts'
import { explain, finish, start } from './run.ts'

/** A program, and how it is run that many times. */
export interface Subject {
  readonly compiled: Compiled
  run(steps: number): Run
}

/** Microseconds per step. */
export interface Times {
  readonly instructions: readonly number[]
  /** A whole step; what is left is the way from one instruction to the next, and the clock. */
  readonly step: number
  /** Over how many steps, in all rounds. */
  readonly steps: number
}

const rounds = 9
const warmUp = 3
const nanosecondsPerRound = 2e7
const longestRound = 1000

/**
 * Runs some steps to get warm, then rounds of steps. The times are means over the steps of the fastest round, the one
 * that was disturbed least: so those of the instructions add up to less than that of the step.
 * @param steps in all rounds; without it as many as take about a fifth of a second
 */
export async function measure(subject: Subject, steps?: number, signal?: AbortSignal): Promise<Times> {
  const { handle } = subject.compiled
  try {
    const warm = await timesOf(subject, warmUp, signal)
    const each = Math.max(1, Math.min(longestRound, Math.ceil(nanosecondsPerRound / warm.at(-1)!)))
    const total = steps ?? rounds * each
    let best: Float64Array | null = null
    for (const size of sizesOf(total)) {
      const times = await timesOf(subject, size, signal)
      if (!best || times.at(-1)! < best.at(-1)!) best = times
    }
    const microseconds = Array.from(best!, (ns) => ns / 1000)
    return { instructions: microseconds.slice(0, -1), step: microseconds.at(-1)!, steps: total }
  } finally {
    native().profile(handle, false)
  }
}

/** The steps of each round, the longest first. */
function sizesOf(total: number): number[] {
  const count = Math.min(total, Math.max(rounds, Math.ceil(total / longestRound)))
  return Array.from({ length: count }, (_, i) => Math.floor(total / count) + (i < total % count ? 1 : 0))
}

/** Nanoseconds per step of each instruction, then of the whole step. */
async function timesOf(subject: Subject, steps: number, signal: AbortSignal | undefined): Promise<Float64Array> {
  signal?.throwIfAborted()
  const { compiled } = subject
  const run = subject.run(steps)
  native().profile(compiled.handle, true)
  const fault = await finish(start([run]), signal)
  if (fault?.stop === 'cancelled') signal?.throwIfAborted()
  if (fault) throw explain(compiled, fault)
  return native()
    .profile(compiled.handle, true)
    .map((ns) => ns / steps)
}
