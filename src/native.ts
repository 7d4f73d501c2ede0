/**
 * The boundary to C++: everything that crosses it stands here, typed. Nothing else loads the addon.
 *
 * JavaScript never holds a native pointer. It holds handles; memory is read and written by copy, and every argument is
 * validated on the other side, so a wrong call is an exception and never a crash.
 */
import { createRequire } from 'node:module'
import { ChainruleError } from './errors.ts'

declare const handle: unique symbol
/** Native memory: zeroed, aligned to 64 bytes, freed with its handle or by `release`. */
export interface Memory {
  readonly [handle]: 'memory'
}
/** A validated list of instructions. */
export interface NativeProgram {
  readonly [handle]: 'program'
}

/**
 * A program over memories. Numbers: steps, seed, first step, steps per cycle; then per segment its byte offset and its
 * strides from step to step and from cycle to cycle.
 */
export type Run = readonly [program: NativeProgram, memories: readonly Memory[], numbers: Float64Array]

/**
 * Where and why a job stopped. Step `step` of run `run` of cycle `cycle` left nothing behind; those before it are done.
 */
export interface Fault {
  /** Whole steps done, over all runs. */
  readonly steps: number
  readonly stop: 'cancelled' | 'data' | 'notFinite'
  readonly cycle: number
  readonly run: number
  readonly step: number
  readonly instruction: number
  readonly row: number
  readonly value: number
}

/** A background job. `done` resolves with the steps done, or with the fault that ended it. */
export interface Job {
  readonly [handle]: 'job'
  readonly done: Promise<number | Fault>
}

/** What runs here, and on what. */
export interface Info {
  /**
   * The BLAS library: where it was loaded from, what it is, the processor it chose, how it threads. Null where none was
   * found, or `CHAINRULE_BLAS` is `none`: our own kernels do everything then.
   */
  readonly blas: { library: string; name: string; version: string; core: string; flavour: string } | null
  /** Instruction set of the kernels in use, and its float32 lanes; `CHAINRULE_ISA` forces one. */
  readonly isa: string
  readonly lanes: number
  readonly isaAvailable: readonly string[]
  /** Who multiplies matrices: whoever is faster at their shape, our own kernels, or BLAS; by `CHAINRULE_GEMM`. */
  readonly gemm: 'auto' | 'own' | 'blas'
  /** Threads that share one instruction, and the cores that this process may use. */
  readonly threads: number
  readonly cores: number
}

interface Addon {
  info(): Info
  /** In the order of their numbers. */
  kernels(): readonly { name: string; outputs: number }[]
  memory(bytes: number): Memory
  /**
   * Frees a memory now, not when its handle is collected. Any later use of it throws, but for another `release`, which
   * does nothing. A job that was started with it keeps it until it is done.
   */
  release(memory: Memory): void
  /** Bytes of all native memory in this process, of handles and of jobs. `process.memoryUsage()` does not count it. */
  memoryAlive(): number
  /** Copies bytes out of, or into, native memory from a byte offset on. */
  read(memory: Memory, offset: number, into: NodeJS.TypedArray): void
  write(memory: Memory, offset: number, from: NodeJS.TypedArray): void
  program(code: Float64Array): NativeProgram
  /** Runs on this thread. Returns the steps done, fewer than asked after about `milliseconds` (0: no limit). */
  run(run: Run, milliseconds: number): number | Fault
  /**
   * Queues runs, one after the other, all of them `cycles` times. Brief jobs of one step go in between the instructions
   * of others, or between their steps when their program changes what outlasts a run.
   */
  start(runs: readonly Run[], cycles: number, brief: boolean): Job
  cancel(job: Job): void
  /** Steps done so far, or -1 when the job is over. */
  progress(job: Job): number
  setThreads(threads: number): void
  /** Nanoseconds per instruction, then of whole steps, since the last call; and whether to go on measuring. */
  profile(program: NativeProgram, on: boolean): Float64Array
  /** Nanoseconds of plain BLAS calls; (transpose a, transpose b, m, n, k) per product. For the benchmark. */
  bareSgemm(shapes: Float64Array, threads: number, rounds: number): number
}

let addon: Addon | undefined
let kernels: Map<string, { opcode: number; outputs: number }> | undefined

function load(): Addon {
  const require = createRequire(import.meta.url)
  const tried: string[] = []
  try {
    return guarded(require('../build/Release/chainrule.node') as Addon)
  } catch (error) {
    tried.push(`build/Release/chainrule.node: ${(error as Error).message.split('\n')[0]}`)
  }
  const libc = (process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined)?.header
  const { platform, arch, version } = process
  throw new ChainruleError(
    'ERR_NATIVE',
    `The native addon of chainrule could not be loaded on ${platform}-${arch}, Node ${version}, ` +
      `libc ${libc?.glibcVersionRuntime ?? 'other than glibc'}.\n  ${tried.join('\n  ')}\n` +
      'Build it with: npm rebuild chainrule (in a clone of the repository: npm run build)',
  )
}

/** The addon with errors of ours: what it throws, out of memory above all, gets the code ERR_NATIVE. */
function guarded(raw: Addon): Addon {
  const guard = (f: (...values: unknown[]) => unknown) => {
    return (...values: unknown[]) => {
      try {
        return f(...values)
      } catch (cause) {
        throw new ChainruleError('ERR_NATIVE', (cause as Error).message, { cause })
      }
    }
  }
  return Object.fromEntries(Object.entries(raw).map(([name, f]) => [name, guard(f)])) as unknown as Addon
}

/** The addon, loaded at the first computation and not at import. */
export function native(): Addon {
  addon ??= load()
  return addon
}

/** Number and outputs of a kernel, by name. */
export function kernelOf(name: string): { opcode: number; outputs: number } {
  kernels ??= new Map(
    native()
      .kernels()
      .map((k, opcode) => [k.name, { opcode, outputs: k.outputs }]),
  )
  const kernel = kernels.get(name)
  if (!kernel) throw new ChainruleError('ERR_NATIVE', `The native addon has no kernel '${name}': rebuild it.`)
  return kernel
}

/** What runs here, and on what: BLAS library, instruction set, threads. Loads the addon, and BLAS. */
export function info(): Info {
  return native().info()
}

/** Sets how many threads share one instruction; results do not depend on it. Default: the cores of this process. */
export function setThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > 1024)
    throw new ChainruleError('ERR_OPTION', `setThreads: expected an integer from 1 to 1024, got ${threads}`)
  native().setThreads(threads)
}
