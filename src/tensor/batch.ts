/**
 * The batch of a graph of layers, which is unknown while the graph is described. A prime that hardly a size comes near stands for it,
 * and shape rules compute as ever: a size that is `times·batch + plus` shows in the result, as the coefficients of a
 * polynomial show in its value at a large number (Kronecker's substitution).
 */
export const unknownBatch = 91_237_001

// Larger numbers on top of the batch are none that anyone adds to it: what is so far off is no multiple of it.
const mostPlus = 2 ** 20

export interface Following {
  readonly times: number
  readonly plus: number
}

let isExpected = false

/** A graph is described from here on: before, no size follows a batch, however large it is. */
export function expectUnknownBatch(): void {
  isExpected = true
}

/** How a size follows the unknown batch; null where it does not. */
export function following(size: number): Following | null {
  if (!isExpected) return null
  const times = Math.round(size / unknownBatch)
  const plus = size - times * unknownBatch
  return times >= 1 && Math.abs(plus) <= mostPlus && Number.isSafeInteger(size) ? { times, plus } : null
}

/** The size for a batch that is known. */
export function sizeAt(size: number, batch: number): number {
  const found = following(size)
  return found ? found.times * batch + found.plus : size
}

/** Whether a size follows the batch in a way that nobody can undo, such as half of it. */
export function isLost(size: number): boolean {
  return size > unknownBatch / 8 && following(size) === null
}

/** A size for people: `batch`, `2·batch`, `batch + 1`, or the number. */
export function formatSize<T extends number | string>(size: T): T | string {
  const found = typeof size === 'number' ? following(size) : null
  if (!found) return size
  const { times, plus } = found
  const of = times === 1 ? 'batch' : `${times}·batch`
  return plus === 0 ? of : `${of} ${plus < 0 ? '−' : '+'} ${Math.abs(plus)}`
}

let stoodFor: number | null = null

/** Runs f, in which a batch of this size stands for any: errors call it so. */
export function whileBatchIs<T>(size: number, f: () => T): T {
  const before = stoodFor
  stoodFor = size
  try {
    return f()
  } finally {
    stoodFor = before
  }
}

/** Whether this size is no real one, but stands for that of any batch. */
export function standsForAny(size: number): boolean {
  return size === stoodFor
}

/** The sizes of a shape for people. */
export function formatSizes(shape: readonly (number | string)[]): readonly (number | string)[] {
  return shape.map((size, axis) => (axis === 0 && size === stoodFor ? 'batch' : formatSize(size)))
}
