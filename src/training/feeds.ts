/** Programs of a model over a data set: one for each batch size, gathering rows by index. */

import type { Column } from '../data/column.ts'
import type { Dataset } from '../data/dataset.ts'
import { ChainruleError } from '../errors.ts'
import { type Memory, native, type Run } from '../native.ts'
import { gather, gatherStored } from '../ops/lookup.ts'
import { randomPermutation } from '../ops/random.ts'
import { compile, type Target } from '../program/compile.ts'
import { debugging } from '../program/debug.ts'
import { collecting, stateUpdates } from '../program/effects.ts'
import type { Compiled } from '../program/encode.ts'
import { type Binding, type Bindings, bind, type RunOptions } from '../program/run.ts'
import { trace } from '../program/traced.ts'
import { inPart } from '../tensor/describing.ts'
import { feed, stored, type Tensor } from '../tensor/graph.ts'
import { Segment } from '../tensor/segment.ts'

/** One column of a data set inside a program: the segment stands for whichever data set is bound. */
export class Source {
  readonly segment: Segment
  readonly #column: Column

  constructor(name: string, column: Column) {
    this.segment = new Segment(name)
    this.#column = column
  }

  /** The samples of these rows, as float32 or int32, scaled. */
  rows(rows: Tensor): Tensor {
    const { dtype, shape, scale, shift } = this.#column
    const plain = scale === 1 && shift === 0
    const whole = (dtype === 'int32' || dtype === 'uint8') && plain && this.segment.name !== 'x'
    const row = stored(shape, dtype, { segment: this.segment, offset: 0 })
    return inPart('data', () => gatherStored(row, rows, whole ? 'int32' : 'float32', scale, shift))
  }
}

/** What of a data set a program depends on. */
export function signature(dataset: Dataset): string {
  const show = (c: Column | null) => (c ? `${c.dtype}[${c.shape}]*${c.scale}+${c.shift}` : '-')
  return [dataset.x, dataset.y, dataset.sampleWeight].map(show).join('|')
}

/** The order of samples: `n` row indices in native memory, and the program that shuffles them. */
export class Order {
  readonly memory: Memory
  readonly #rows: Memory | null = null
  readonly #shuffle: { compiled: Compiled; scratch: Memory; out: Segment; rows: Segment | null } | null = null

  constructor(dataset: Dataset, shuffle: boolean) {
    const { length } = dataset
    this.memory = native().memory(length * 4)
    const rows = dataset.rows ?? Int32Array.from({ length }, (_, i) => i)
    native().write(this.memory, 0, rows)
    if (!shuffle) return
    const out = new Segment('order')
    const source = dataset.rows ? feed([length], 'int32', 'rows') : null
    if (dataset.rows) {
      this.#rows = native().memory(length * 4)
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
}

export interface StepDescription {
  /** One number each, written per step: the loss, then metrics. */
  readonly numbers: readonly Tensor[]
  readonly writes?: readonly Target[]
  readonly updates?: readonly Target[]
  readonly checks?: readonly Tensor[]
  readonly verdicts?: readonly Tensor[]
}

export interface StepInputs {
  readonly x: Tensor
  readonly y: Tensor
  readonly weight: Tensor | null
}

/** A program that takes one batch of a data set per step and writes a row of numbers. */
export class StepProgram {
  readonly compiled: Compiled
  readonly batch: number
  readonly #rows = new Segment('rows')
  readonly #numbers = new Segment('numbers')
  readonly #sources: { source: Source; pick: (d: Dataset) => Column }[] = []
  /** Bytes from one step's numbers to the next. */
  readonly stride: number
  readonly scalars: Segment | null

  constructor(
    dataset: Dataset,
    batch: number,
    scalars: Tensor | null,
    describe: (inputs: StepInputs) => StepDescription,
    debug = debugging(),
  ) {
    this.batch = batch
    this.scalars = scalars?.place?.segment ?? null
    const rows = stored([batch], 'int32', { segment: this.#rows, offset: 0 })
    const { result, effects } = collecting(() =>
      trace(() => {
        const x = this.#source('x', dataset, (d) => d.x).rows(rows)
        const y = this.#source('y', dataset, labelsOf).rows(rows)
        const weight = dataset.sampleWeight
          ? this.#source('sampleWeight', dataset, (d) => d.sampleWeight!).rows(rows)
          : null
        return describe({ x, y, weight })
      }),
    )
    const { numbers, writes = [], updates = [], checks = [], verdicts = [] } = result
    const states = stateUpdates(effects)
    this.stride = numbers.length * 4
    this.compiled = compile({
      outputs: [
        ...numbers.map((tensor, i) => ({ tensor, place: { segment: this.#numbers, offset: i * 4 } })),
        ...writes,
      ],
      updates: [...updates, ...states.updates],
      checks: [...checks, ...states.checks],
      verdicts,
      debug,
    })
  }

  #source(name: string, dataset: Dataset, pick: (d: Dataset) => Column): Source {
    const source = new Source(name, pick(dataset))
    this.#sources.push({ source, pick })
    return source
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
      [this.#rows, { memory: order.memory, offset: first * 4, stride: this.batch * 4 }],
      [this.#numbers, { ...numbers, stride: this.stride }],
    ])
    for (const { source, pick } of this.#sources) bindings.set(source.segment, { memory: pick(dataset).memory })
    if (this.scalars && scalars) bindings.set(this.scalars, scalars)
    return bind(this.compiled, options.scratch, bindings, options)
  }
}

function labelsOf(dataset: Dataset): Column {
  if (dataset.y) return dataset.y
  throw new ChainruleError('ERR_DATA', 'the data set has no labels: give { x, y }')
}
