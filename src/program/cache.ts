/** A map that forgets what was used longest ago, and what has become useless. */
export class LruCache<V> {
  readonly #map = new Map<string, V>()
  readonly #capacity: number
  readonly #isUseless: (value: V) => boolean

  constructor(capacity: number, isUseless: (value: V) => boolean = () => false) {
    this.#capacity = capacity
    this.#isUseless = isUseless
  }

  get size(): number {
    return this.#map.size
  }

  get(key: string): V | undefined {
    const value = this.#map.get(key)
    if (value === undefined) return undefined
    this.#map.delete(key)
    if (this.#isUseless(value)) return undefined
    this.#map.set(key, value)
    return value
  }

  clear(): void {
    this.#map.clear()
  }

  set(key: string, value: V): void {
    this.#map.set(key, value)
    if (this.#map.size > this.#capacity) this.#map.delete(this.#map.keys().next().value!)
  }
}
