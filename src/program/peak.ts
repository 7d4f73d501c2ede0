/** What this machine reaches at its best: profiles compare with it. Measured once per process and number of threads. */
import { info, type Memory, native } from '../native.ts'
import { stored } from '../tensor/leaves.ts'
import { Segment } from '../tensor/segment.ts'
import { compileAsIs } from './compile.ts'
import { bytesPer } from './encode.ts'
import { bind, finish, start } from './run.ts'

export interface Peak {
  /** Of a 2048³ product by BLAS, on as many threads. */
  readonly gflops: number
  /** Read and written by a copy of 64 MiB, which is more than most caches hold. */
  readonly gbps: number
  readonly threads: number
}

const side = 2048
const copied = 2 ** 26
const known = new Map<number, Peak>()

/** The products, some tenths of a second, run on the calling thread. */
export async function peakRates(): Promise<Peak> {
  const { threads } = info()
  const before = known.get(threads)
  if (before) return before
  const gbps = await copyRate()
  const product = Float64Array.of(0, 0, side, side, side)
  const nanoseconds = Math.min(native().bareSgemm(product, threads, 1), native().bareSgemm(product, threads, 1))
  const peak = { gflops: (2 * side ** 3) / nanoseconds, gbps, threads }
  known.set(threads, peak)
  return peak
}

async function copyRate(): Promise<number> {
  const place = (name: string, memory: Memory) => ({ segment: new Segment(name, memory), offset: 0 })
  const from = place('from', native().memory(copied))
  const to = place('to', native().memory(copied))
  const compiled = compileAsIs({
    outputs: [{ tensor: stored([copied / bytesPer.float32], 'float32', from), place: to }],
  })
  const run = bind(compiled, native().memory(0), new Map())
  native().profile(compiled.handle, true)
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 4; i++) {
    await finish(start([run])) // the first one also gets its pages from the system
    const [copy = 0] = native().profile(compiled.handle, true)
    least = Math.min(least, copy)
  }
  return (2 * copied) / least
}
