/**
 * What a read has forgotten: the leaves that a value was computed from, over any number of reads, in constant memory.
 * The youngest are known one by one; of older ones only the age is, so `mayHold` errs on the safe side there. Leaves
 * whose values change, which live long, are all known.
 */

const exact = 256

/** What one operation of an evaluation was computed from. */
export interface Sources {
  /** Earlier operations of the same evaluation. */
  readonly nodes: readonly number[]
  /** Ids of leaves whose values change, and of others. */
  readonly variables: readonly number[]
  readonly leaves: readonly number[]
  /** Of leaves that were computed before. */
  readonly pasts: readonly Past[]
}

interface Known {
  readonly variables: ReadonlySet<number>
  /** Ids of other leaves. */
  readonly ids: ReadonlySet<number>
  /** Leaves that are not listed have ids up to this one. */
  readonly before: number
}

export class Past {
  // Found out when somebody asks: of most values nobody ever does.
  #evaluation: readonly Sources[] | null
  readonly #node: number
  #known: Known = { variables: new Set(), ids: new Set(), before: -1 }

  /** Of the result of one operation of an evaluation. */
  constructor(evaluation: readonly Sources[], node: number) {
    this.#evaluation = evaluation
    this.#node = node
  }

  static readonly none = new Past([{ nodes: [], variables: [], leaves: [], pasts: [] }], 0)

  /** Finds out now, so that evaluations do not keep each other in memory. */
  settled(): this {
    this.#find()
    return this
  }

  /** Whether the value may have been computed from this leaf. */
  mayHold(id: number, isVariable: boolean): boolean {
    const { variables, ids, before } = this.#find()
    return isVariable ? variables.has(id) : id <= before || ids.has(id)
  }

  #find(): Known {
    if (!this.#evaluation) return this.#known
    const variables = new Set<number>()
    const ids = new Set<number>()
    let before = -1
    const seen = new Set([this.#node])
    for (const i of seen) {
      const { nodes, variables: own, leaves, pasts } = this.#evaluation[i]!
      for (const node of nodes) seen.add(node) // the loop comes to them
      for (const id of own) variables.add(id)
      for (const id of leaves) ids.add(id)
      for (const past of pasts) {
        const known = past.#find()
        for (const id of known.variables) variables.add(id)
        for (const id of known.ids) ids.add(id)
        before = Math.max(before, known.before)
      }
    }
    this.#evaluation = null
    this.#known = { variables, ...youngest(ids, before) }
    return this.#known
  }
}

function youngest(ids: ReadonlySet<number>, before: number): Pick<Known, 'ids' | 'before'> {
  if (ids.size <= exact) return { ids, before }
  const sorted = [...ids].sort((a, b) => b - a)
  return { ids: new Set(sorted.slice(0, exact)), before: Math.max(before, sorted[exact]!) }
}
