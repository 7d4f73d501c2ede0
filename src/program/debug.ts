/**
 * Debug mode, for all programs of the process: `CHAINRULE_DEBUG=1`. No memory is reused and every value is checked
 * after each instruction, so an error names the layer and the operation where the first bad number arose.
 */
export function debugging(): boolean {
  return process.env.CHAINRULE_DEBUG === '1'
}

// Tests set it: `CHAINRULE_POISON=1` fills scratch memory with NaN (as integers: −1) before each run, so that a value
// read before it is written shows.
const poison = process.env.CHAINRULE_POISON === '1'

/** What to write over scratch memory of this size before a run; null outside such tests. */
export function poisonFor(bytes: number): Uint8Array | null {
  return poison ? new Uint8Array(bytes).fill(0xff) : null
}
