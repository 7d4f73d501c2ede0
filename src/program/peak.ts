/** What this machine reaches at its best: profiles compare with it. Measured once per process and number of threads. */
import { info, native } from '../native.ts'
import { matmul } from '../ops/matmul.ts'
import type { Tensor } from '../tensor/graph.ts'
import { stored } from '../tensor/leaves.ts'
import { Segment } from '../tensor/segment.ts'
import { type Shape, sizeOf } from '../tensor/shape.ts'
import { compileAsIs } from './compile.ts'
import { bytesOf, bytesPer } from './encode.ts'
import { bind, finish, start } from './run.ts'

export interface Peak {
  /** Of a 2048³ product, by whoever computes it, on as many threads. */
  readonly gflops: number
  /** Read and written by a copy of 64 MiB, which is more than most caches hold. */
  readonly gbps: number
  readonly threads: number
}

const side = 2048
const copied = 2 ** 26
const known = new Map<number, Peak>()

/** Some tenths of a second, in the background. */
export async function peakRates(): Promise<Peak> {
  const { threads } = info()
  const before = known.get(threads)
  if (before) return before
  const copy = await fastest(filled([copied / bytesPer.float32]))
  const product = await fastest(matmul(filled([side, side]), filled([side, side])))
  const peak = { gflops: (2 * side ** 3) / product, gbps: (2 * copied) / copy, threads }
  known.set(threads, peak)
  return peak
}

const place = (name: string, bytes: number) => ({ segment: new Segment(name, native().memory(bytes)), offset: 0 })

function filled(shape: Shape): Tensor {
  return stored(shape, 'float32', place('value', sizeOf(shape) * bytesPer.float32))
}

/** The least nanoseconds, of four runs, of the one instruction that computes this or copies it. */
async function fastest(tensor: Tensor): Promise<number> {
  const compiled = compileAsIs({ outputs: [{ tensor, place: place('result', bytesOf(tensor)) }] })
  const run = bind(compiled, native().memory(0), new Map())
  native().profile(compiled.handle, true)
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 4; i++) {
    await finish(start([run])) // the first one also gets its pages from the system
    const [time = 0] = native().profile(compiled.handle, true)
    least = Math.min(least, time)
  }
  return least
}
