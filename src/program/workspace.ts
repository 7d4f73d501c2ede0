/**
 * Native memory for runs: lent for one and given back, so that programs, and caches of them, hold none of their own.
 * Some of it stays for the next run; the rest is released at once, without waiting for the garbage collector, which
 * sees small objects and not the megabytes behind them.
 */
import { type Memory, native } from '../native.ts'

export interface Loan {
  readonly memory: Memory
  readonly bytes: number
}

// What waits for the next run, at most.
const kept = 1 << 24
// Sizes are rounded up to a sixteenth of their power of two, so that runs of nearly the same size share a block.
const free: Loan[] = []
let waiting = 0

function rounded(bytes: number): number {
  const step = Math.max(4096, 2 ** (Math.floor(Math.log2(Math.max(bytes, 1))) - 4))
  return Math.ceil(Math.max(bytes, 1) / step) * step
}

/** Memory of at least so many bytes; it may hold anything. */
export function lend(bytes: number): Loan {
  const wanted = rounded(bytes)
  // The block that was used last is the one that caches still hold.
  for (let i = free.length - 1; i >= 0; i--) {
    const loan = free[i]!
    if (loan.bytes < wanted || loan.bytes > 2 * wanted) continue
    free.splice(i, 1)
    waiting -= loan.bytes
    return loan
  }
  return { memory: native().memory(wanted), bytes: wanted }
}

/** Ends a loan. Nothing may run on the memory any more. */
export function giveBack(loan: Loan): void {
  free.push(loan)
  waiting += loan.bytes
  while (waiting > kept || free.length > 64) {
    const oldest = free.shift()!
    waiting -= oldest.bytes
    native().release(oldest.memory)
  }
}
