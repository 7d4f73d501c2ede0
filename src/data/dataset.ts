/** Data sets: samples in native memory, copied once, in the type they came in. */
import { ChainruleError } from '../errors.ts'
import { native } from '../native.ts'
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
import { constant, hooks, Tensor } from '../tensor/graph.ts'
import { sizeOf } from '../tensor/shape.ts'
import { type ArrayData, type Column, columnFrom } from './column.ts'
import { type CsvDatasetOptions, readCsv } from './csv.ts'
import { type DatasetOptions, datasetTable } from './options.ts'

export interface DataOf<X = ArrayData, Y = ArrayData> {
  /** Inputs [samples, ...]. */
  readonly x: X
  /** Labels or targets [samples, ...]. */
  readonly y?: Y
  /** The weight of each sample in the loss, [samples]. */
  readonly sampleWeight?: ArrayData
}

/** What `fit` and `evaluate` accept. */
export type Data = Dataset | DataOf

export interface Batch {
  readonly x: Tensor
  readonly y: Tensor
  /** Samples in this batch; the last one may be smaller. */
  readonly size: number
}

/** What a data set consists of; `rows` are the samples of a part, null for all. */
export interface Stored {
  readonly length: number
  readonly x: Column
  readonly y: Column | null
  readonly sampleWeight: Column | null
  readonly rows: Int32Array | null
}

/**
 * Samples with labels. The data are copied when it is made, checked for NaN and infinity, and never change.
 * Parts of a data set (`split`, `slice`, `take`) share its memory.
 */
export class Dataset {
  /** Number of samples. */
  readonly length: number
  /** @internal */ readonly x: Column
  /** @internal */ readonly y: Column | null
  /** @internal */ readonly sampleWeight: Column | null
  /** @internal the samples of a part, as rows of the memory; null for all */ readonly rows: Int32Array | null

  /** @throws ERR_DATA for ragged, empty or non-finite data and for parts of different length */
  constructor(data: DataOf, options: DatasetOptions = {}, ready?: Stored) {
    if (ready) {
      this.length = ready.length
      this.x = ready.x
      this.y = ready.y
      this.sampleWeight = ready.sampleWeight
      this.rows = ready.rows
      return
    }
    const { scale, shift } = checkOptions('Dataset', options, datasetTable)
    if (typeof data !== 'object' || data === null || !('x' in data))
      throw new ChainruleError('ERR_DATA', `Dataset: expected { x, y }, got ${describeValue(data)}`)
    const x = columnFrom(data.x, 'x', { scale, shift })
    this.length = x.samples
    this.x = x.column
    this.y = data.y === undefined ? null : this.#matching(data.y, 'y')
    this.sampleWeight = data.sampleWeight === undefined ? null : this.#matching(data.sampleWeight, 'sampleWeight')
    this.rows = null
  }

  #matching(data: ArrayData, name: string): Column {
    const { column, samples } = columnFrom(data, name)
    if (samples !== this.length)
      throw new ChainruleError('ERR_DATA', `Dataset: x has ${this.length} samples, but ${name} has ${samples}`)
    return column
  }

  /**
   * Two parts without common samples, drawn at random: `fraction` of the samples, and the rest.
   * @param options `seed`: the same seed gives the same parts; default 0
   */
  split(fraction: number, options: { seed?: number } = {}): [Dataset, Dataset] {
    const { seed } = checkOptions('split', options, { seed: optional(nonNegativeInteger, 0) })
    number({ above: 0, below: 1 })(fraction, { where: 'split', name: 'fraction' })
    const order = randomPermutation(this.length, { seed }).data() as Int32Array
    const cut = Math.round(this.length * fraction)
    if (cut === 0 || cut === this.length)
      throw new ChainruleError('ERR_DATA', `split: ${fraction} of ${this.length} samples leaves a part empty`)
    return [this.#part(order.subarray(0, cut)), this.#part(order.subarray(cut))]
  }

  /** The samples from `start` up to, and without, `end`; negative numbers count from the end. */
  slice(start: number, end?: number): Dataset {
    for (const [name, value] of Object.entries({ start, end }))
      if (value !== undefined && !Number.isSafeInteger(value))
        throw optionError({ where: 'slice', name }, 'an integer', value, 'Negative numbers count from the end.')
    const all = Int32Array.from({ length: this.length }, (_, i) => i)
    return this.#part(all.subarray(start, end))
  }

  /** The samples at these positions, in this order; one may come twice. A permutation shuffles. */
  take(positions: ArrayLike<number> | Tensor): Dataset {
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

  #part(positions: Int32Array): Dataset {
    if (positions.length === 0) throw new ChainruleError('ERR_DATA', 'Dataset: a part has no samples')
    const rows = this.rows ? positions.map((i) => this.rows![i]!) : positions.slice()
    const { x, y, sampleWeight } = this
    return new Dataset({ x: [] }, {}, { length: rows.length, x, y, sampleWeight, rows })
  }

  /** Batches as tensors, for loops of one's own. The last one holds what is left. */
  async *batches(options: { batchSize?: number; shuffle?: boolean; seed?: number } = {}): AsyncGenerator<Batch> {
    const { batchSize, shuffle, seed } = checkOptions('batches', options, {
      batchSize: optional(positiveInteger, 32),
      shuffle: optional((v: unknown) => v === true, false),
      seed: optional(nonNegativeInteger),
    })
    if (!this.y) throw new ChainruleError('ERR_DATA', 'batches: the data set has no y')
    const order = shuffle
      ? (randomPermutation(this.length, seed === undefined ? {} : { seed }).data() as Int32Array)
      : Int32Array.from({ length: this.length }, (_, i) => i)
    for (let i = 0; i < this.length; i += batchSize) {
      const positions = order.subarray(i, i + batchSize)
      yield { x: this.#read(this.x, positions), y: this.#read(this.y, positions), size: positions.length }
    }
  }

  /** x and y of single samples. */
  samples(...positions: number[]): { x: Tensor; y: Tensor | null } {
    const at = this.#checked('samples', positions)
    return { x: this.#read(this.x, at), y: this.y ? this.#read(this.y, at) : null }
  }

  /** @internal all labels or targets, flat */
  targets(): Float64Array {
    if (!this.y) return new Float64Array()
    const positions = Int32Array.from({ length: this.length }, (_, i) => i)
    return Float64Array.from(hooks.read(this.#read(this.y, positions)))
  }

  #read(column: Column, positions: Int32Array): Tensor {
    const size = sizeOf(column.shape)
    const make = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array }[column.dtype]
    const scaled = column.scale !== 1 || column.shift !== 0
    // Bytes are pixels in x, and class numbers elsewhere.
    const whole = !scaled && (column.dtype === 'int32' || (column.dtype === 'uint8' && column !== this.x))
    const out = whole ? new Int32Array(positions.length * size) : new Float32Array(positions.length * size)
    const row = new make(size)
    for (const [i, position] of positions.entries()) {
      native().read(column.memory, (this.rows?.[position] ?? position) * row.byteLength, row)
      for (let k = 0; k < size; k++) out[i * size + k] = whole ? row[k]! : row[k]! * column.scale + column.shift
    }
    return constant(out, [positions.length, ...column.shape])
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

/** A data set from what the user gave. */
export function datasetOf(data: Data): Dataset {
  return data instanceof Dataset ? data : new Dataset(data)
}
