/**
 * Philox4x32-10 as its paper has it (Salmon, Moraes, Dror and Shaw, 2011), in plain JavaScript, and the numbers that
 * the library promises to make of its words.
 */

/** 32 × 32 bits to [high, low]. */
function multiply(a: number, b: number): [number, number] {
  const product = BigInt(a >>> 0) * BigInt(b >>> 0)
  return [Number(product >> 32n), Number(product & 0xffffffffn)]
}

export function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [c0, c1, c2, c3] = counter as [number, number, number, number]
  let [k0, k1] = key as [number, number]
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(c0, 0xd2511f53)
    const [high1, low1] = multiply(c2, 0xcd9e8d57)
    ;[c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0]
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  return [c0, c1, c2, c3].map((word) => word >>> 0)
}

/** Word i of a stream: block i / 4 of (seed, step, stream). */
export function words(n: number, seed: number, step = 0, stream = 0): number[] {
  const low = (x: number) => x % 2 ** 32
  const high = (x: number) => Math.floor(x / 2 ** 32)
  return Array.from({ length: Math.ceil(n / 4) }, (_, block) =>
    philox([block, stream, low(step), high(step)], [low(seed), high(seed)]),
  )
    .flat()
    .slice(0, n)
}

/** In [0, 1), 24 bits. */
export const toUniform = (word: number) => (word >>> 8) / 2 ** 24

/** Box and Muller: two words make two normal numbers. */
export function toNormal(list: readonly number[]): number[] {
  return list.map((_, i) => {
    const [a, b] = [list[i - (i % 2)]!, list[i - (i % 2) + 1]!]
    const radius = Math.sqrt(-2 * Math.log((a + 1) / 2 ** 32))
    const angle = (2 * Math.PI * b) / 2 ** 32
    return radius * (i % 2 ? Math.sin(angle) : Math.cos(angle))
  })
}
