/**
 * A description with inputs: feeds go into a staging memory, results come back from it. Several calls may be under
 * way at once; each has a frame of its own.
 */
import type { Fault } from '../native.ts'
import { native } from '../native.ts'
import { resetStreams, restoreStreams } from '../ops/random.ts'
import { whileTracing } from '../tensor/describing.ts'
import type { Tensor, Values } from '../tensor/graph.ts'
import { constant, feed } from '../tensor/leaves.ts'
import { Segment } from '../tensor/segment.ts'
import { type Shape, type StoredType, sizeOf } from '../tensor/shape.ts'
import { claim } from './claims.ts'
import { compile, type Target } from './compile.ts'
import { debugging } from './debug.ts'
import { collecting, stateUpdates } from './effects.ts'
import { bytesOf, type Compiled } from './encode.ts'
import { align } from './plan.ts'
import { type Binding, type Bindings, bind, explain, finish, type RunOptions, runSync, startBrief } from './run.ts'
import { giveBack, type Loan, lend } from './workspace.ts'

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
  /** Computed when all is written, to fail the step before its updates. */
  readonly verdicts?: readonly Tensor[]
}

export interface CallOptions extends RunOptions {
  readonly bindings?: Bindings
  readonly signal?: AbortSignal | undefined
  /** Who calls, and what runs then, for those who find its memory in use. */
  readonly call?: string
  readonly what?: string
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
  readonly #behindScratch: number

  constructor(specs: readonly FeedSpec[], describe: (feeds: readonly Tensor[]) => Described, debug = debugging()) {
    let bytes = 0
    const reserve = (size: number) => {
      const offset = bytes
      bytes += align(size)
      return offset
    }
    const feeds = specs.map(({ shape, dtype, name }) => feed(shape, dtype, name))
    this.#feeds = feeds.map((t) => reserve(bytesOf(t)))
    const { result: described, effects } = collecting(() => trace(() => describe(feeds)))
    const { outputs, writes = [] } = described
    const states = stateUpdates(effects)
    this.#outputs = outputs.map((tensor) => ({ tensor, offset: reserve(bytesOf(tensor)) }))
    this.#bytes = bytes
    this.compiled = compile({
      outputs: [
        ...this.#outputs.map(({ tensor, offset }) => ({ tensor, place: { segment: this.#staging, offset } })),
        ...writes,
      ],
      leaves: new Map(feeds.map((t, i) => [t, { segment: this.#staging, offset: this.#feeds[i]! }])),
      updates: [...(described.updates ?? []), ...states.updates],
      checks: [...(described.checks ?? []), ...states.checks],
      verdicts: described.verdicts ?? [],
      debug,
    })
    this.#behindScratch = align(this.compiled.sizes[0]!)
  }

  /** One step on this thread. */
  callSync(values: readonly NodeJS.TypedArray[], options: CallOptions = {}): Tensor[] {
    const frame = this.#enter(values)
    try {
      // Nobody else runs meanwhile: who only reads needs no claim.
      const release = this.compiled.writes.length > 0 ? this.#claim(options) : () => {}
      try {
        return this.#leave(frame, runSync(this.#bind(frame, options)))
      } finally {
        release()
      }
    } finally {
      giveBack(frame)
    }
  }

  /** One step in the background; it goes in between the steps of long runs. */
  async call(values: readonly NodeJS.TypedArray[], options: CallOptions = {}): Promise<Tensor[]> {
    options.signal?.throwIfAborted()
    const frame = this.#enter(values)
    try {
      const release = this.#claim(options)
      try {
        const fault = await finish(startBrief(this.#bind(frame, options)), options.signal)
        if (fault?.stop === 'cancelled') options.signal?.throwIfAborted()
        return this.#leave(frame, fault)
      } finally {
        release()
      }
    } finally {
      giveBack(frame)
    }
  }

  #claim({ call = 'program', what = 'a program is under way' }: CallOptions): () => void {
    return claim(call, this.compiled, { what: () => what, exclusive: false })
  }

  #bind({ memory }: Loan, options: CallOptions) {
    const staging = { memory, offset: this.#behindScratch }
    const bindings = new Map<Segment, Binding>([...(options.bindings ?? []), [this.#staging, staging]])
    return bind(this.compiled, memory, bindings, options)
  }

  /** Memory for one call: scratch, then what goes in and out. */
  #enter(values: readonly NodeJS.TypedArray[]): Loan {
    const frame = lend(this.#behindScratch + this.#bytes)
    for (const [i, value] of values.entries())
      native().write(frame.memory, this.#behindScratch + this.#feeds[i]!, value)
    return frame
  }

  #leave({ memory }: Loan, fault: Fault | null): Tensor[] {
    if (fault) throw explain(this.compiled, fault)
    return this.#outputs.map(({ tensor, offset }) => {
      const size = sizeOf(tensor.shape)
      const values: Values = tensor.dtype === 'int32' ? new Int32Array(size) : new Float32Array(size)
      native().read(memory, this.#behindScratch + offset, values)
      return constant(values, tensor.shape)
    })
  }
}
