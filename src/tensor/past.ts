/**
 * What a read has forgotten: the leaves that a value was computed from, over any number of reads, in constant memory.
 * The youngest are known one by one; of older ones only the age is, so `mayHold` errs on the safe side there. Leaves
 * whose values change, which live long, are all known.
 */

const exact = 256

export class Past {
  readonly #variables: ReadonlySet<number>
  /** Ids of other leaves. */
  readonly #ids: readonly number[]
  /** Leaves that are not listed have ids up to this one. */
  readonly #before: number

  private constructor(variables: ReadonlySet<number>, ids: readonly number[], before: number) {
    this.#variables = variables
    this.#ids = ids
    this.#before = before
  }

  static readonly none = new Past(new Set(), [], -1)

  /** Of a value that was computed from these leaves and from values with these pasts. */
  static of(variables: readonly number[], leaves: readonly number[], pasts: readonly Past[]): Past {
    const allVariables = new Set(variables)
    const ids = new Set(leaves)
    let before = -1
    for (const past of pasts) {
      for (const id of past.#variables) allVariables.add(id)
      for (const id of past.#ids) ids.add(id)
      before = Math.max(before, past.#before)
    }
    if (ids.size <= exact) return new Past(allVariables, [...ids], before)
    const sorted = [...ids].sort((a, b) => b - a)
    return new Past(allVariables, sorted.slice(0, exact), Math.max(before, sorted[exact]!))
  }

  /** Whether the value may have been computed from this leaf. */
  mayHold(id: number, isVariable: boolean): boolean {
    return isVariable ? this.#variables.has(id) : id <= this.#before || this.#ids.includes(id)
  }
}
