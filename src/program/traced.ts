/**
 * A description with inputs: feeds go into a staging memory, results come back from it. Several calls may be under
 * way at once; each has a frame of its own.
 */
import type { Fault, Memory } from '../native.ts'
import { native } from '../native.ts'
import { resetStreams, restoreStreams } from '../ops/random.ts'
import { whileTracing } from '../tensor/describing.ts'
import { constant, feed, Segment, type Tensor, type Values } from '../tensor/graph.ts'
import { type Shape, type StoredType, sizeOf } from '../tensor/shape.ts'
import { compile, type Target } from './compile.ts'
import { debugging } from './debug.ts'
import { collecting, stateUpdates } from './effects.ts'
import { bytesOf, type Compiled, scratchFor } from './encode.ts'
import { align } from './plan.ts'
import { type Bindings, bind, explain, finish, type RunOptions, runSync, startBrief } from './run.ts'

export interface FeedSpec {
  readonly shape: Shape
  readonly dtype: StoredType
  readonly name?: string
}

export interface Described {
  readonly outputs: readonly Tensor[]
  /** Written to places in the first phase. */
  readonly writes?: readonly Target[]
  readonly updates?: readonly Target[]
  readonly checks?: readonly Tensor[]
}

interface Frame {
  scratch: Memory
  staging: Memory
}

export interface CallOptions extends RunOptions {
  readonly bindings?: Bindings
  readonly signal?: AbortSignal | undefined
}

/** Describes in a state of its own: random streams count from 0, and what is made is part of a program. */
export function trace<T>(f: () => T): T {
  const before = resetStreams()
  try {
    return whileTracing(f)
  } finally {
    restoreStreams(before)
  }
}

/** Describes what nobody will run: next values of states and the like are left out. */
export function describeOnly<T>(f: () => T): T {
  return collecting(() => trace(f)).result
}

export class Traced {
  readonly compiled: Compiled
  readonly #staging = new Segment('staging')
  readonly #feeds: readonly number[]
  readonly #outputs: readonly { offset: number; tensor: Tensor }[]
  readonly #bytes: number
  readonly #frames: Frame[] = []

  constructor(specs: readonly FeedSpec[], describe: (feeds: readonly Tensor[]) => Described, debug = debugging()) {
    let bytes = 0
    const reserve = (size: number) => {
      const offset = bytes
      bytes += align(size)
      return offset
    }
    const feeds = specs.map(({ shape, dtype, name }) => feed(shape, dtype, name))
    this.#feeds = feeds.map((t) => reserve(bytesOf(t)))
    const { result, effects } = collecting(() => trace(() => describe(feeds)))
    const { outputs, writes = [], updates = [], checks = [] } = result
    const states = stateUpdates(effects)
    this.#outputs = outputs.map((tensor) => ({ tensor, offset: reserve(bytesOf(tensor)) }))
    this.#bytes = bytes
    this.compiled = compile({
      outputs: [
        ...this.#outputs.map(({ tensor, offset }) => ({ tensor, place: { segment: this.#staging, offset } })),
        ...writes,
      ],
      leaves: new Map(feeds.map((t, i) => [t, { segment: this.#staging, offset: this.#feeds[i]! }])),
      updates: [...updates, ...states.updates],
      checks: [...checks, ...states.checks],
      debug,
    })
  }

  /** One step on this thread. */
  callSync(values: readonly NodeJS.TypedArray[], options: CallOptions = {}): Tensor[] {
    const frame = this.#enter(values)
    try {
      return this.#leave(frame, runSync(this.#bind(frame, options)))
    } finally {
      this.#frames.push(frame)
    }
  }

  /** One step in the background; it goes in between the steps of long runs. */
  async call(values: readonly NodeJS.TypedArray[], options: CallOptions = {}): Promise<Tensor[]> {
    options.signal?.throwIfAborted()
    const frame = this.#enter(values)
    try {
      const fault = await finish(startBrief(this.#bind(frame, options)), options.signal)
      if (fault?.stop === 'cancelled') options.signal?.throwIfAborted()
      return this.#leave(frame, fault)
    } finally {
      this.#frames.push(frame)
    }
  }

  #bind(frame: Frame, options: CallOptions) {
    const bindings = new Map([...(options.bindings ?? []), [this.#staging, { memory: frame.staging }]])
    return bind(this.compiled, frame.scratch, bindings, options)
  }

  #enter(values: readonly NodeJS.TypedArray[]): Frame {
    const frame = this.#frames.pop() ?? {
      scratch: scratchFor(this.compiled),
      staging: native().memory(this.#bytes),
    }
    for (const [i, value] of values.entries()) native().write(frame.staging, this.#feeds[i]!, value)
    return frame
  }

  #leave(frame: Frame, fault: Fault | null): Tensor[] {
    if (fault) throw explain(this.compiled, fault)
    return this.#outputs.map(({ tensor, offset }) => {
      const size = sizeOf(tensor.shape)
      const values: Values = tensor.dtype === 'int32' ? new Int32Array(size) : new Float32Array(size)
      native().read(frame.staging, offset, values)
      return constant(values, tensor.shape)
    })
  }
}
