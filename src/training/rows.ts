/** The numbers that each step writes, a row of float32, and their means over steps. */
import { ChainruleError } from '../errors.ts'
import type { Tensor } from '../tensor/graph.ts'

export type Scores = { loss: number; [metric: string]: number }

/** The numbers that a batch reports. */
export interface Numbers {
  readonly values: readonly Tensor[]
  /** How many steps count in the batch, by the score that is their mean; other scores are means over samples. */
  readonly counts: ReadonlyMap<string, Tensor>
}

/** What stands in a row: scores by name, then how many steps count for those that are means over steps. */
export interface Columns {
  readonly names: readonly string[]
  /** For each score the column that says how much its row counts; −1: its samples do. */
  readonly counts: readonly number[]
  readonly width: number
}

export function columnsOf(names: readonly string[], counted: readonly string[]): Columns {
  const counts = names.map((name) => {
    const i = counted.indexOf(name)
    return i < 0 ? -1 : names.length + i
  })
  return { names, counts, width: names.length + counted.length }
}

/**
 * Those of programs that run together.
 * @throws ERR_OPTION where they are not the same
 */
export function commonColumns(where: string, all: readonly Columns[]): Columns {
  const [first, ...others] = all as [Columns, ...Columns[]]
  const text = ({ names, counts }: Columns) => `${names}|${counts}`
  const other = others.find((columns) => text(columns) !== text(first))
  if (!other) return first
  throw new ChainruleError(
    'ERR_OPTION',
    `${where}: a batch reports other numbers than those before it (${other.names.join(', ')} instead of ` +
      `${first.names.join(', ')}). A layer adds to the loss, or gives a mask, in some batches only: let it do so in all.`,
  )
}

/** The row of a batch. */
export function rowOf(first: readonly Tensor[], { values, counts }: Numbers): Tensor[] {
  return [...first, ...values, ...counts.values()]
}

/** Means of rows of numbers, each row weighted by its samples, or by its steps. */
export class Means {
  readonly #columns: Columns
  readonly #sums: Float64Array
  readonly #totals: Float64Array

  constructor(columns: Columns) {
    this.#columns = columns
    this.#sums = new Float64Array(columns.names.length)
    this.#totals = new Float64Array(columns.names.length)
  }

  /** The row that starts at `at`; not a view of it, which would be an array per step. */
  add(rows: ArrayLike<number>, at: number, samples: number): void {
    const { counts } = this.#columns
    for (let i = 0; i < this.#sums.length; i++) {
      const weight = counts[i]! < 0 ? samples : rows[at + counts[i]!]!
      this.#sums[i]! += rows[at + i]! * weight
      this.#totals[i]! += weight
    }
  }

  /** Where nothing counted, 0, as in Keras. */
  get(): Scores {
    const mean = (i: number) =>
      this.#totals[i] === 0 && this.#columns.counts[i]! >= 0 ? 0 : this.#sums[i]! / this.#totals[i]!
    return Object.fromEntries(this.#columns.names.map((name, i) => [name, mean(i)])) as Scores
  }
}
