/** Work in slices: it yields often, so that whoever runs it can let the event loop turn. */
import { setImmediate as nextTurn } from 'node:timers/promises'

export type Sliced<T> = Generator<undefined, T, undefined>

/** How many numbers are worked on between two yields: well below a millisecond. */
export const sliceSize = 1 << 16

// The event loop waits for as long as this, and then for the slice that is under way.
const longestTurn = 5

/** Runs it to its end. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/** Runs it and lets the event loop turn meanwhile. What takes less than a turn is done when this returns. */
export function inSlices<T>(work: Sliced<T>): T | Promise<T> {
  const began = performance.now()
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    if (performance.now() - began > longestTurn) return later(work)
  }
}

async function later<T>(work: Sliced<T>): Promise<T> {
  await nextTurn()
  return await inSlices(work)
}

/** For loops that await short jobs: the loop may see no end of a turn between two of them. */
export class Turns {
  #began = performance.now()

  async afterTurn(): Promise<void> {
    if (performance.now() - this.#began < longestTurn) return
    await nextTurn()
    this.#began = performance.now()
  }
}
