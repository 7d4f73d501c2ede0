/** Runs compiled programs: binds segments to memory, in the foreground or the background, and explains faults. */
import { ChainruleError } from '../errors.ts'
import { type Fault, type Job, type Memory, native, type Run } from '../native.ts'
import type { Segment } from '../tensor/segment.ts'
import { poisonFor } from './debug.ts'
import type { Compiled } from './encode.ts'

/** Where a segment lies: in step s of cycle c at `offset + s·stride + c·cycleStride` bytes of the memory. */
export interface Binding {
  readonly memory: Memory
  readonly offset?: number
  readonly stride?: number
  readonly cycleStride?: number
}

export type Bindings = ReadonlyMap<Segment, Binding>

export interface RunOptions {
  readonly steps?: number
  /** Of the random streams. */
  readonly seed?: number
  readonly firstStep?: number
  /** How far the number of the step grows from cycle to cycle. */
  readonly cycleSteps?: number
}

// Synchronous runs come back to JavaScript at least this often, so that terminate() works.
const longestCall = 20

/** A run as the native side takes it. `scratch`, from its start, must not be in use by another run at the same time. */
export function bind(compiled: Compiled, scratch: Memory, bindings: Bindings, options: RunOptions = {}): Run {
  const { steps = 1, seed = 0, firstStep = 0, cycleSteps = 0 } = options
  const poison = poisonFor(compiled.sizes[0]!)
  if (poison) native().write(scratch, 0, poison)
  const memories: Memory[] = []
  const numbers = new Float64Array(4 + 3 * compiled.segments.length)
  numbers.set([steps, seed, firstStep, cycleSteps])
  for (const [i, segment] of compiled.segments.entries()) {
    const bound = bindings.get(segment)
    const memory = segment === compiled.arena ? scratch : (bound?.memory ?? segment.memory)
    if (!memory) throw new Error(`segment '${segment.name}' is not bound`)
    memories.push(memory)
    numbers.set([bound?.offset ?? 0, bound?.stride ?? 0, bound?.cycleStride ?? 0], 4 + 3 * i)
  }
  return [compiled.handle, memories, numbers]
}

/** Runs on this thread, to the end. */
export function runSync(run: Run): Fault | null {
  const [handle, memories, given] = run
  let numbers = given
  for (;;) {
    const result = native().run([handle, memories, numbers], longestCall)
    if (typeof result !== 'number') return result
    if (result >= numbers[0]!) return null
    numbers = numbers.slice()
    numbers[0]! -= result
    numbers[2]! += result
    for (let i = 4; i < numbers.length; i += 3) numbers[i]! += result * numbers[i + 1]!
  }
}

/** Queues a brief run for the background: it goes in between the steps of long jobs. */
export function startBrief(run: Run): Job {
  return native().start([run], 1, true)
}

/** Queues runs for the background; they run one after the other, all of them `cycles` times. */
export function start(runs: readonly Run[], cycles = 1): Job {
  return native().start(runs, cycles, false)
}

/** Waits for a job, with a signal that cancels it. Resolves with the fault, or null when all steps are done. */
export async function finish(job: Job, signal?: AbortSignal): Promise<Fault | null> {
  const cancel = () => native().cancel(job)
  signal?.addEventListener('abort', cancel, { once: true })
  if (signal?.aborted) cancel() // before this job: its event has passed
  try {
    const result = await job.done
    return typeof result === 'number' ? null : result
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

/** The error for a fault: which layer, which operation, what was found. */
export function explain(compiled: Compiled, fault: Fault): ChainruleError {
  const line = compiled.lines[fault.instruction]
  const node = line?.node ?? null
  const operation = node?.role.derivativeOf || node?.operation.name || line?.kernel || 'unknown'
  const layer = node?.layer || undefined
  const where = layer ? `${layer}: ${operation}` : operation
  const extra = { operation, ...(layer ? { layer } : {}) }
  if (fault.stop === 'cancelled') return new ChainruleError('ERR_NATIVE', 'The run was cancelled.', extra)
  if (fault.stop === 'notFinite') {
    const { derivativeOf } = node?.role ?? {}
    const place = derivativeOf ? `in the derivative of ${derivativeOf}` : 'here'
    return new ChainruleError(
      'ERR_NOT_FINITE',
      `${where}: the first bad number arose ${place}: element ${fault.row} of the result is ${fault.value}`,
      extra,
    )
  }
  const what = node?.operation.fault?.(node, fault.row, fault.value) ?? `bad value ${fault.value} at ${fault.row}`
  if (node?.operation.demandsFinite) return new ChainruleError('ERR_NOT_FINITE', capitalized(what), extra)
  return new ChainruleError('ERR_DATA', `${where}: ${what}`, extra)
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
