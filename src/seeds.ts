/** Independent seeds from one: for weights, dropout, shuffling. */

/** A seed for a purpose, as a function of the model's seed. Mixes both by the finalizer of MurmurHash3. */
export function derive(seed: number, purpose: number): number {
  const mix = (x: number) => {
    let h = x | 0
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return (h ^ (h >>> 16)) >>> 0
  }
  const low = mix((seed % 2 ** 32) ^ mix(purpose + 0x9e3779b9))
  const high = mix(Math.floor(seed / 2 ** 32) ^ mix(low + purpose))
  return (high & 0x1fffff) * 2 ** 32 + low
}

export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32)
}
