/** What a profile consists of. */
import type { Peak } from '../program/peak.ts'
import type { Shape } from '../tensor/shape.ts'

export type Phase = 'forward' | 'backward' | 'update'
export type ProfileMode = 'train' | 'evaluate' | 'predict'

/** Per step. */
export interface Costs {
  /** Microseconds. */
  readonly time: number
  /** Floating-point operations, counted: 2·m·n·k for a product, one per element for most others, 0 for moves and casts. */
  readonly flops: number
  /** Read and written, counted: the operands, wherever they lie. Those in caches move faster than a copy in memory. */
  readonly bytes: number
  /** 10⁹ floating-point operations per second. */
  readonly gflops: number
  /** 10⁹ bytes per second. */
  readonly gbps: number
  /** `gflops` as a fraction of the peak's: for products near 1, for what moves and compares near 0. */
  readonly ofPeak: number
}

export interface ProfiledInstruction extends Costs {
  /** Path of the layer; in parentheses what belongs to none: (data), (loss), (update), the metrics. */
  readonly layer: string
  readonly phase: Phase
  readonly operation: string
  /** The native kernel. */
  readonly kernel: string
  /** Of the first result. */
  readonly shape: Shape
}

export interface ProfiledLayer extends Costs {
  readonly layer: string
}

/** A profile; as text it is a table. */
export interface Profile {
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
  toString(): string
}
