/** Stretches of native memory that tensors lie in, and who works on them. */
import type { Memory } from '../native.ts'

/** A tensor that lies in a segment and whose values change. */
export interface Resident {
  /** Its values are about to change: what was described with them keeps them. */
  beforeChange(): void
  /** They have changed. What was described meanwhile can have neither the old values nor the new ones. */
  afterChange(why: string): void
}

/** A job that works on segments; errors say what it is. */
export interface User {
  readonly what: () => string
  /** Nobody else may change these segments, and no long job read them, until it is done. */
  readonly exclusive: boolean
  /** Of a job of many steps that reads: when it is done. Training waits for that, or it would see several weights. */
  readonly finished?: Promise<void>
}

let segments = 0

/**
 * A stretch of native memory that programs address by offset. One with a memory of its own outlasts runs; the memory of
 * others (feeds, results, scratch) is bound for each run.
 */
export class Segment {
  readonly id: number = segments++
  readonly name: string
  #memory: Memory | null
  #make: (() => Memory) | null
  /** What lay here has moved: programs that name this segment are out of date. */
  abandoned = false
  readonly residents = new Set<Resident>()
  readonly readers = new Set<User>()
  readonly writers = new Set<User>()

  /** @param memory its own; a function makes it when it is first used */
  constructor(name: string, memory: Memory | (() => Memory) | null = null) {
    this.name = name
    this.#make = typeof memory === 'function' ? memory : null
    this.#memory = typeof memory === 'function' ? null : memory
  }

  get memory(): Memory | null {
    if (this.#make) this.memory = this.#make()
    return this.#memory
  }

  /** Whether its memory is made when it is first used. */
  get isUnused(): boolean {
    return this.#make !== null
  }

  /** What to do then. */
  whenUsed(then: (memory: Memory) => void): void {
    const make = this.#make
    if (!make) return
    this.#make = () => {
      const memory = make()
      then(memory)
      return memory
    }
  }

  set memory(memory: Memory | null) {
    this.#make = null
    this.#memory = memory
  }
}

/** Where a leaf's value lies: bytes from `offset` on in a segment. */
export interface Place {
  readonly segment: Segment
  readonly offset: number
}
