/** The Mersenne Twister (Matsumoto and Nishimura, 1998), seeded as NumPy's `RandomState` is. */

const size = 624
const middle = 397

export class MersenneTwister {
  readonly #state = new Uint32Array(size)
  #at = size

  constructor(seed: number) {
    const s = this.#state
    s[0] = seed >>> 0
    for (let i = 1; i < size; i++) {
      const before = s[i - 1]! ^ (s[i - 1]! >>> 30)
      s[i] = Math.imul(before, 1812433253) + i
    }
  }

  /** 32 random bits. */
  uint32(): number {
    if (this.#at === size) this.#refill()
    let y = this.#state[this.#at++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  /** Uniform in [0, 1), 53 bits. */
  double(): number {
    const high = this.uint32() >>> 5
    const low = this.uint32() >>> 6
    return (high * 67108864 + low) / 9007199254740992
  }

  /** Uniform in 0..max, by masking and rejection. */
  upTo(max: number): number {
    if (max === 0) return 0
    let mask = max
    for (const shift of [1, 2, 4, 8, 16]) mask |= mask >>> shift
    for (;;) {
      const value = (this.uint32() & mask) >>> 0
      if (value <= max) return value
    }
  }

  #refill(): void {
    const s = this.#state
    for (let i = 0; i < size; i++) {
      const y = (s[i]! & 0x80000000) | (s[(i + 1) % size]! & 0x7fffffff)
      s[i] = s[(i + middle) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.#at = 0
  }
}
