/** An optimizer at work on some parameters: its slots, its step, and the description of an update. */
import { ChainruleError } from '../errors.ts'
import { gradient } from '../gradient.ts'
import { native } from '../native.ts'
import { reshape } from '../ops/movement.ts'
import { squaredNorm } from '../ops/norm.ts'
import type { Touched } from '../ops/touched.ts'
import type { Optimizer, Update } from '../optimizers/optimizer.ts'
import { describeValue } from '../options.ts'
import { Block, type ParameterRange, placeOf, rangeOf } from '../parameters/block.ts'
import type { Parameter } from '../parameters/parameter.ts'
import type { Target } from '../program/compile.ts'
import { bytesPer } from '../program/encode.ts'
import { checkedRate, decayed } from '../schedules.ts'
import { inBackwardPart, inPart, whileTracing } from '../tensor/describing.ts'
import { Tensor } from '../tensor/graph.ts'
import { Segment } from '../tensor/segment.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import { touchedOf, updateRows, updateTable } from './touched.ts'

export interface DescribedUpdate {
  readonly writes: readonly Target[]
  readonly updates: readonly Target[]
  readonly verdicts: readonly Tensor[]
}

export class OptimizerState {
  readonly optimizer: Optimizer
  readonly blocks: readonly { block: Block; gradients: Segment; slots: readonly Segment[] }[]
  /** Gradients of tables of which steps touch a few rows, zeros between the steps. */
  readonly #zeros = new Map<Parameter, Segment>()
  /** Updates done. */
  step = 0
  /** A learning rate that was set, before decay: it stands above the optimizer's. */
  rate: number | null

  constructor(optimizer: Optimizer, parameters: ReadonlyMap<string, Parameter>, rate: number | null = null) {
    this.rate = rate
    this.optimizer = optimizer
    this.width = optimizer.scalars(0, 0).length
    this.blocks = Block.holding(parameters).map((block) => ({
      block,
      gradients: block.companion('gradients'),
      slots: optimizer.slots.map((name) => block.companion(name)),
    }))
  }

  /** How many numbers `scalars` has. */
  readonly width: number

  /** The learning rate of a step. */
  rateAt(step: number): number {
    if (this.rate === null) return this.optimizer.learningRate(step)
    return decayed(this.rate, Number(this.optimizer.options.decay ?? 0), step)
  }

  /** The learning rate that holds from now on: what was set, before decay, or the optimizer's. */
  get learningRate(): number {
    return this.rate ?? this.optimizer.learningRate(this.step)
  }

  set learningRate(rate: number) {
    this.rate = checkedRate(rate)
  }

  /** The numbers for steps from `step` on, one row each. */
  scalars(steps: number, rate: (step: number) => number = (s) => this.rateAt(s)): Float64Array {
    const rows = new Float64Array(steps * this.width)
    for (let i = 0; i < steps; i++) {
      const step = this.step + i
      rows.set(this.optimizer.scalars(rate(step), step), i * this.width)
    }
    return rows
  }

  /**
   * Gradients of the loss into their segment, whether they are finite, and the update of the parameters and slots from
   * them.
   */
  describe(loss: Tensor, trainable: ReadonlySet<Parameter>, scalars: Tensor): DescribedUpdate {
    const parameters = [...trainable]
    const gradients = gradient(loss, parameters)
    const touched = new Map(parameters.map((p, i) => [p, touchedOf(p, gradients[i]!)]))
    const writes: Target[] = []
    const updates: Target[] = []
    const checked: Tensor[] = []
    for (const { block, gradients: segment, slots } of this.blocks) {
      const segments = [block.segment, ...slots]
      for (const [i, p] of parameters.entries()) {
        if (p.place!.segment !== block.segment) continue
        const rows = touched.get(p)
        if (!rows) writes.push({ tensor: gradients[i]!, place: { segment, offset: p.place!.offset } })
        else {
          checked.push(reshape(rows.rows, [rows.rows.size()]))
          updates.push(...this.#updatesOf(p, rows, segments, scalars))
        }
      }
      for (const range of block.ranges(new Set(parameters.filter((p) => !touched.get(p))))) {
        checked.push(rangeOf(segment, range))
        const update = {
          parameters: rangeOf(block.segment, range),
          gradients: rangeOf(segment, range),
          slots: slots.map((slot) => rangeOf(slot, range)),
          scalars,
        }
        const results = whileTracing(() =>
          inPart('update', () => constrained(this.#results(update), range.parameters[0])),
        )
        for (const [i, tensor] of results.entries()) updates.push({ tensor, place: placeOf(segments[i]!, range) })
      }
    }
    const norm = () => inBackwardPart('gradients', () => squaredNorm(checked))
    const verdicts = checked.length > 0 ? [whileTracing(norm)] : []
    return { writes, updates, verdicts }
  }

  /** The update of a table from the rows of its gradient. */
  #updatesOf(p: Parameter, rows: Touched, segments: readonly Segment[], scalars: Tensor): Target[] {
    const range: ParameterRange = { first: p.place!.offset / bytesPer.float32, size: p.size(), parameters: [p] }
    const places = { range, segments, width: p.shape[1]! }
    const f = (update: Update) => this.#results(update)
    const describe = () =>
      this.optimizer.sparse
        ? updateRows(rows, places, scalars, f)
        : updateTable(rows, places, scalars, f, this.#zerosFor(p))
    return whileTracing(() => inPart('update', describe))
  }

  #zerosFor(p: Parameter): Segment {
    const known = this.#zeros.get(p)
    if (known) return known
    const made = new Segment('gradient', () => native().memory(p.size() * bytesPer.float32))
    this.#zeros.set(p, made)
    return made
  }

  /** What the optimizer's formula gives, checked: it may be the user's. */
  #results(update: Update): readonly Tensor[] {
    const { slots, name: type } = this.optimizer
    const results: unknown = this.optimizer.update(update)
    const expected = `the new parameters${slots.length > 0 ? `, then ${slots.join(', ')}` : ''}`
    if (!Array.isArray(results) || results.length !== 1 + slots.length)
      throw new ChainruleError(
        'ERR_OPTION',
        `The update of the optimizer '${type}' must give a list of ${1 + slots.length}: ${expected}; got ` +
          `${Array.isArray(results) ? `${results.length} values` : describeValue(results)}.`,
      )
    const { shape } = update.parameters
    for (const [i, result] of results.entries())
      if (!(result instanceof Tensor) || result.dtype !== 'float32' || !sameShape(result.shape, shape))
        throw new ChainruleError(
          'ERR_SHAPE',
          `The update of the optimizer '${type}' must give float32 tensors of shape ${formatShape(shape)}, as it got ` +
            `them; ${i === 0 ? 'the parameters are' : `the slot '${slots[i - 1]}' is`} ` +
            `${result instanceof Tensor ? `${result.dtype} of shape ${formatShape(result.shape)}` : describeValue(result)}.`,
        )
    return results
  }
}

/** The new parameters as their constraint wants them; it has been checked where the parameter was made. */
function constrained(results: readonly Tensor[], parameter: Parameter): readonly Tensor[] {
  const { constraint, shape } = parameter
  if (!constraint) return results
  const [flat, ...slots] = results
  return [reshape(constraint(reshape(flat!, shape)), flat!.shape), ...slots]
}
