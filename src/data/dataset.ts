/** Data sets: samples in native memory, copied once, in the type they came in. */
import { ChainruleError } from '../errors.ts'
import type { Same, Tree } from '../gradient.ts'
import { mapNamed, type Named, structured } from '../named.ts'
import { randomPermutation } from '../ops/random.ts'
import {
  checkOptions,
  describeValue,
  nonNegativeInteger,
  number,
  optional,
  optionError,
  positiveInteger,
} from '../options.ts'
import { hooks, Tensor } from '../tensor/graph.ts'
import { formatShape } from '../tensor/shape.ts'
import { type Column, readRows } from './column.ts'
import { type CsvDatasetOptions, readCsv } from './csv.ts'
import { type DatasetOptions, datasetTable } from './options.ts'
import { type ReadOptions, readData, type Stored, upTo } from './read.ts'
import { atOnce, type Sliced } from './slices.ts'
import type { Batch, DataOf, Feed, Feeds } from './types.ts'

/** What `fit` and `evaluate` accept. */
export type Data<X extends Tree = Tensor, Y extends Tree = Tensor> = Dataset<X, Y> | DataOf<Feed<X>, Feed<Y>>

/**
 * Samples with labels. The data are copied when it is made, checked for NaN and infinity, and never change.
 * Parts of a data set (`split`, `slice`, `take`) share its memory.
 */
export class Dataset<X extends Tree = Tensor, Y extends Tree = Tensor> {
  /** Number of samples. */
  readonly length: number
  /** @internal */ readonly x: Named<Column>
  /** @internal */ readonly y: Named<Column> | null
  /** @internal */ readonly sampleWeight: Named<Column> | null
  /** @internal the samples of a part, as rows of the memory; null for all */ readonly rows: Int32Array | null

  /** @throws ERR_DATA for ragged, empty or non-finite data and for parts of different length */
  constructor(data: DataOf<Feeds, Feeds>, options: DatasetOptions = {}, ready?: Stored) {
    const stored = ready ?? atOnce(readData('Dataset', data, checkOptions('Dataset', options, datasetTable)))
    this.length = stored.length
    this.x = stored.x
    this.y = stored.y
    this.sampleWeight = stored.sampleWeight
    this.rows = stored.rows
  }

  /**
   * Two parts without common samples, drawn at random: `fraction` of the samples, and the rest.
   * @param options `seed`: the same seed gives the same parts; default 0
   */
  split(fraction: number, options: { seed?: number } = {}): [Dataset<X, Y>, Dataset<X, Y>] {
    const { seed } = checkOptions('split', options, { seed: optional(nonNegativeInteger, 0) })
    number({ above: 0, below: 1 })(fraction, { where: 'split', name: 'fraction' })
    const order = randomPermutation(this.length, { seed }).data() as Int32Array
    const cut = Math.round(this.length * fraction)
    if (cut === 0 || cut === this.length)
      throw new ChainruleError('ERR_DATA', `split: ${fraction} of ${this.length} samples leaves a part empty`)
    return [this.#part(order.subarray(0, cut)), this.#part(order.subarray(cut))]
  }

  /** The samples from `start` up to, and without, `end`; negative numbers count from the end. */
  slice(start: number, end?: number): Dataset<X, Y> {
    for (const [name, value] of Object.entries({ start, end }))
      if (value !== undefined && !Number.isSafeInteger(value))
        throw optionError({ where: 'slice', name }, 'an integer', value, 'Negative numbers count from the end.')
    return this.#part(upTo(0, this.length).subarray(start, end))
  }

  /** The samples at these positions, in this order; one may come twice. A permutation shuffles. */
  take(positions: ArrayLike<number> | Tensor): Dataset<X, Y> {
    const list: ArrayLike<number> = positions instanceof Tensor ? hooks.read(positions) : positions
    return this.#part(this.#checked('take', list))
  }

  #checked(where: string, positions: ArrayLike<number>): Int32Array {
    if (typeof positions !== 'object' || positions === null || !('length' in positions))
      throw new ChainruleError('ERR_DATA', `${where}: expected a list of positions, got ${describeValue(positions)}`)
    const list: unknown[] = []
    for (let i = 0; i < positions.length; i++) list.push(positions[i])
    const bad = list.findIndex((i) => !Number.isInteger(i) || (i as number) < 0 || (i as number) >= this.length)
    if (bad >= 0)
      throw new ChainruleError(
        'ERR_DATA',
        `${where}: there is no sample ${describeValue(list[bad])}; the data set has ${this.length}`,
      )
    return Int32Array.from(list as number[])
  }

  #part(positions: Int32Array): Dataset<X, Y> {
    if (positions.length === 0) throw new ChainruleError('ERR_DATA', 'Dataset: a part has no samples')
    const rows = this.#rowsOf(positions.slice())
    const { x, y, sampleWeight } = this
    return new Dataset({ x: [] }, {}, { length: rows.length, x, y, sampleWeight, rows })
  }

  /** Positions become rows of the memory. */
  #rowsOf(positions: Int32Array): Int32Array {
    const { rows } = this
    if (rows) for (let i = 0; i < positions.length; i++) positions[i] = rows[positions[i]!]!
    return positions
  }

  /** Batches as tensors, for loops of one's own. The last one holds what is left. */
  async *batches(options: { batchSize?: number; shuffle?: boolean; seed?: number } = {}): AsyncGenerator<Batch<X, Y>> {
    const { batchSize, shuffle, seed } = checkOptions('batches', options, {
      batchSize: optional(positiveInteger, 32),
      shuffle: optional((v: unknown) => v === true, false),
      seed: optional(nonNegativeInteger),
    })
    if (!this.y) throw new ChainruleError('ERR_DATA', 'batches: the data set has no y')
    const order = shuffle
      ? (randomPermutation(this.length, seed === undefined ? {} : { seed }).data() as Int32Array)
      : upTo(0, this.length)
    for (let i = 0; i < this.length; i += batchSize) {
      const rows = this.#rowsOf(order.slice(i, i + batchSize))
      yield { x: tensors<X>(this.x, rows), y: tensors<Y>(this.y, rows), size: rows.length }
    }
  }

  /** x and y of single samples. */
  samples(...positions: number[]): { x: Same<X>; y: Same<Y> | null } {
    const rows = this.#rowsOf(this.#checked('samples', positions))
    return { x: tensors<X>(this.x, rows), y: this.y ? tensors<Y>(this.y, rows) : null }
  }

  /** One line: how many samples, and shape and dtype of each column. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const { length, x, y, sampleWeight } = this
    const columns = Object.entries({ x, y, sampleWeight }).flatMap(([part, named]) =>
      [...(named ?? [])].map(([name, c]) => `${name ? `${part}.${name}` : part} ${formatShape(c.shape)} ${c.reads}`),
    )
    return `Dataset [${[`${length.toLocaleString('en')} samples`, ...columns].join(', ')}]`
  }

  /** @internal the rows of the memory behind the samples from one position up to, and without, another */
  at(from: number, to: number): Int32Array {
    return this.rows ? this.rows.subarray(from, to) : upTo(from, to)
  }

  /**
   * Reads a numeric CSV file (gzip or not).
   * @param options `target`: the column of the labels, by name or by number from 0 (negative: from the end), or a list of
   *   them; `delimiter`, by default ','; `header`: whether line 1 holds names, by default whether it has no number;
   *   `scale` and `shift` as for the data set
   */
  static async fromCsv(path: string | URL, options: CsvDatasetOptions): Promise<Dataset> {
    return new Dataset(...(await readCsv(path, options)))
  }
}

function tensors<T extends Tree>(columns: Named<Column>, rows: Int32Array): Same<T> {
  return structured(mapNamed(columns, (column) => readRows(column, rows))) as Same<T>
}

/** A data set from what the user gave. @param where the call that takes it */
export function* datasetOf(where: string, data: unknown, options: ReadOptions = {}): Sliced<Dataset> {
  if (data instanceof Dataset) return data
  return new Dataset({ x: [] }, {}, yield* readData(where, data, options))
}
