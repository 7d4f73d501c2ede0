// Random numbers for test data: seeded, and independent of the library's own.

export interface Random {
  /** In [0, 1). */
  next(): number
  uniform(low: number, high: number): number
  integer(low: number, high: number): number
  shuffle<T>(list: T[]): T[]
}

/** Marsaglia's xorshift128, with 32-bit words. */
export function seeded(seed: number): Random {
  let [a, b, c, d] = [seed ^ 0x9e3779b9, 362436069, 521288629, 88675123]
  const word = () => {
    const t = a ^ (a << 11)
    ;[a, b, c] = [b, c, d]
    d = d ^ (d >>> 19) ^ t ^ (t >>> 8)
    return d >>> 0
  }
  for (let i = 0; i < 16; i++) word()
  const next = () => word() / 2 ** 32
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low))
  const shuffle = <T>(list: T[]) => {
    for (let i = list.length - 1; i > 0; i--) {
      const j = integer(0, i + 1)
      ;[list[i], list[j]] = [list[j]!, list[i]!]
    }
    return list
  }
  return { next, integer, shuffle, uniform: (low, high) => low + next() * (high - low) }
}

/** How an input of n elements is drawn. */
export interface Draw {
  readonly dtype: 'float32' | 'int32'
  draw(n: number, random: Random): Float64Array
}

const floats = (one: (random: Random) => number): Draw => ({
  dtype: 'float32',
  draw: (n, random) => Float64Array.from({ length: n }, () => Math.fround(one(random))),
})

export const uniform = (low: number, high: number) => floats((r) => r.uniform(low, high))

/** In [−high, −gap] or [gap, high]: nothing near 0. */
export const awayFromZero = (gap: number, high: number) =>
  floats((r) => (r.next() < 0.5 ? -1 : 1) * r.uniform(gap, high))

/** Uniform, but at least `gap` away from each of the given points. */
export const awayFrom = (points: readonly number[], gap: number, low: number, high: number) =>
  floats((r) => {
    for (;;) {
      const x = r.uniform(low, high)
      if (points.every((p) => Math.abs(x - p) > gap)) return x
    }
  })

/** All different, at least 0.01 apart, in random order; `offset` keeps two inputs apart from each other. */
export const distinct = (offset = 0): Draw => ({
  dtype: 'float32',
  draw: (n, random) => {
    const values = Array.from({ length: n }, (_, i) => Math.fround((i - n / 2) * 0.02 + offset))
    return Float64Array.from(random.shuffle(values))
  },
})

export const integers = (low: number, high: number): Draw => ({
  dtype: 'int32',
  draw: (n, random) => Float64Array.from({ length: n }, () => random.integer(low, high)),
})
