/** Programs of a model over a data set: one for each batch size, gathering rows by index. */

import type { Column } from '../data/column.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Tree } from '../gradient.ts'
import { mapNamed, type Named, pathOf, structured } from '../named.ts'
import { type Memory, native, type Run } from '../native.ts'
import { cast } from '../ops/elementwise.ts'
import { gather, gatherStored } from '../ops/lookup.ts'
import { randomPermutation } from '../ops/random.ts'
import { compile, type Target } from '../program/compile.ts'
import { debugging } from '../program/debug.ts'
import { collecting, stateUpdates } from '../program/effects.ts'
import { bytesPer, type Compiled } from '../program/encode.ts'
import { type Binding, type Bindings, bind, type RunOptions } from '../program/run.ts'
import { trace } from '../program/traced.ts'
import { inPart } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { feed, stored } from '../tensor/leaves.ts'
import { Segment } from '../tensor/segment.ts'
import type { DType, Shape } from '../tensor/shape.ts'
import type { Columns } from './rows.ts'

/** One column of a data set inside a program: the segment stands for whichever data set is bound. */
export class Source {
  readonly segment: Segment
  readonly column: Column
  readonly #rows: Tensor
  readonly #gathered = new Map<DType, Tensor>()

  constructor(name: string, column: Column, rows: Tensor) {
    this.segment = new Segment(name)
    this.column = column
    this.#rows = rows
  }

  /** The samples of the batch. */
  as(dtype: DType): Tensor {
    const known = this.#gathered.get(dtype)
    if (known) return known
    const made = inPart('data', () => this.#gather(dtype))
    this.#gathered.set(dtype, made)
    return made
  }

  #gather(dtype: DType): Tensor {
    const { dtype: storedAs, shape, scale, shift } = this.column
    const row = stored(shape, storedAs, { segment: this.segment, offset: 0 })
    const isWhole = storedAs !== 'float32' && scale === 1 && shift === 0
    if (dtype === 'float32' || isWhole) return gatherStored(row, this.#rows, dtype, scale, shift)
    return cast(gatherStored(row, this.#rows, 'float32', scale, shift), 'int32')
  }
}

/** What of a data set a program depends on. */
export function signature(dataset: Dataset): string {
  const show = (columns: Named<Column> | null) =>
    [...(columns ?? [])].map(([name, c]) => `${name}:${c.dtype}>${c.reads}[${c.shape}]*${c.scale}+${c.shift}`).join()
  return [dataset.x, dataset.y, dataset.sampleWeight].map(show).join('|')
}

/** The order of samples: `n` row indices in native memory, and the program that shuffles them. */
export class Order {
  readonly memory: Memory
  readonly #rows: Memory | null = null
  readonly #shuffle: { compiled: Compiled; scratch: Memory; out: Segment; rows: Segment | null } | null = null

  constructor(dataset: Dataset, shuffle: boolean) {
    const { length } = dataset
    this.memory = native().memory(length * bytesPer.int32)
    native().write(this.memory, 0, dataset.at(0, length))
    if (!shuffle) return
    const out = new Segment('order')
    const source = dataset.rows ? feed([length], 'int32', 'rows') : null
    if (dataset.rows) {
      this.#rows = native().memory(length * bytesPer.int32)
      native().write(this.#rows, 0, dataset.rows)
    }
    const tensor = trace(() => {
      const order = randomPermutation(length)
      return source ? gather(source, order) : order
    })
    const compiled = compile({ outputs: [{ tensor, place: { segment: out, offset: 0 } }] })
    this.#shuffle = {
      compiled,
      scratch: native().memory(compiled.sizes[0]!),
      out,
      rows: source?.place?.segment ?? null,
    }
  }

  /** Draws the order of an epoch: a function of seed and epoch alone. */
  shuffle(seed: number, epoch: number): Run[] {
    if (!this.#shuffle) return []
    const { compiled, scratch, out, rows } = this.#shuffle
    const bindings = new Map<Segment, Binding>([[out, { memory: this.memory }]])
    if (rows) bindings.set(rows, { memory: this.#rows! })
    return [bind(compiled, scratch, bindings, { seed, firstStep: epoch, cycleSteps: 1 })]
  }

  /** Nobody runs over it any more. */
  release(): void {
    for (const memory of [this.memory, this.#rows, this.#shuffle?.scratch]) if (memory) native().release(memory)
  }
}

export interface StepDescription {
  /** One number each, written per step: the loss, then metrics. */
  readonly numbers: readonly Tensor[]
  /** What they are. */
  readonly columns: Columns
  readonly writes?: readonly Target[]
  readonly updates?: readonly Target[]
  readonly checks?: readonly Tensor[]
  readonly verdicts?: readonly Tensor[]
}

/** One batch of a data set. Its columns are gathered where they are asked for, once per dtype. */
export interface StepInputs {
  readonly size: number
  readonly x: Tree
  /** The names of y; null where the data set has no labels. */
  readonly outputs: readonly string[] | null
  /** The labels of an output, in the dtype that suits one sample of this shape. */
  y(name: string, dtype: (sample: Shape) => DType): Tensor
  /** The weights of the samples for an output; null where they all count the same. */
  weight(name: string): Tensor | null
}

/** A program that takes one batch of a data set per step and writes a row of numbers. */
export class StepProgram {
  readonly compiled: Compiled
  readonly batch: number
  readonly #rows = new Segment('rows')
  readonly #numbers = new Segment('numbers')
  readonly #sources: { source: Source; pick: (d: Dataset) => Column }[] = []
  /** What a step writes. */
  readonly columns: Columns
  /** Bytes from one step's numbers to the next. */
  readonly stride: number
  readonly scalars: Segment | null

  constructor(
    dataset: Dataset,
    batch: number,
    scalars: Tensor | null,
    describe: (inputs: StepInputs) => StepDescription,
    { takes, debug = debugging() }: { takes: Named<DType>; debug?: boolean },
  ) {
    this.batch = batch
    this.scalars = scalars?.place?.segment ?? null
    const rows = stored([batch], 'int32', { segment: this.#rows, offset: 0 })
    const { result, effects } = collecting(() => trace(() => describe(this.#inputs(dataset, rows, takes))))
    const { numbers, columns, writes = [], updates = [], checks = [], verdicts = [] } = result
    this.columns = columns
    const states = stateUpdates(effects)
    this.stride = numbers.length * bytesPer.float32
    this.compiled = compile({
      outputs: [
        ...numbers.map((tensor, i) => ({ tensor, place: { segment: this.#numbers, offset: i * bytesPer.float32 } })),
        ...writes,
      ],
      updates: [...updates, ...states.updates],
      checks: [...checks, ...states.checks],
      verdicts,
      debug,
    })
  }

  #inputs(dataset: Dataset, rows: Tensor, takes: Named<DType>): StepInputs {
    const sources = (of: 'x' | 'y' | 'sampleWeight') =>
      mapNamed(dataset[of] ?? new Map<string, Column>(), (column, name) => {
        const source = new Source(pathOf(of, name), column, rows)
        this.#sources.push({ source, pick: (d) => d[of]!.get(name)! })
        return source
      })
    const [x, y, weights] = [sources('x'), sources('y'), sources('sampleWeight')]
    return {
      size: this.batch,
      x: structured<Tensor>(mapNamed(x, (source, name) => source.as(takes.get(name) ?? source.column.reads))),
      outputs: dataset.y && [...y.keys()],
      y(name, dtype) {
        const source = y.get(name)!
        return source.as(dtype(source.column.shape))
      },
      weight: (name) => (weights.get(name) ?? weights.get(''))?.as('float32') ?? null,
    }
  }

  /** Steps over consecutive batches of an order, from its row `first` on. `others` are bound elsewhere than they lie. */
  run(
    dataset: Dataset,
    order: Order,
    first: number,
    numbers: Binding,
    scalars: Binding | null,
    options: RunOptions & { readonly scratch: Memory },
    others: Bindings = new Map(),
  ): Run {
    const bindings = new Map<Segment, Binding>([
      ...others,
      [this.#rows, { memory: order.memory, offset: first * bytesPer.int32, stride: this.batch * bytesPer.int32 }],
      [this.#numbers, { ...numbers, stride: this.stride }],
    ])
    for (const { source, pick } of this.#sources) bindings.set(source.segment, { memory: pick(dataset).memory })
    if (this.scalars && scalars) bindings.set(this.scalars, scalars)
    return bind(this.compiled, options.scratch, bindings, options)
  }
}
