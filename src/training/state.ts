/** An optimizer at work on some parameters: its slots, its step, and the description of an update. */
import { gradient } from '../gradient.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { Block, rangeOf } from '../parameters/block.ts'
import type { Parameter } from '../parameters/parameter.ts'
import type { Target } from '../program/compile.ts'
import { inPart, whileTracing } from '../tensor/describing.ts'
import type { Segment, Tensor } from '../tensor/graph.ts'

export class OptimizerState {
  readonly optimizer: Optimizer
  readonly blocks: readonly { block: Block; gradients: Segment; slots: readonly Segment[] }[]
  /** Updates done. */
  step = 0

  constructor(optimizer: Optimizer, parameters: ReadonlyMap<string, Parameter>) {
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

  /** The numbers for steps from `step` on, one row each. */
  scalars(steps: number, rate: (step: number) => number = (s) => this.optimizer.learningRate(s)): Float64Array {
    const rows = new Float64Array(steps * this.width)
    for (let i = 0; i < steps; i++) {
      const step = this.step + i
      rows.set(this.optimizer.scalars(rate(step), step), i * this.width)
    }
    return rows
  }

  /** Gradients of the loss into their segment, and the update of the parameters and slots from them. */
  describe(loss: Tensor, trainable: ReadonlySet<Parameter>, scalars: Tensor): { writes: Target[]; updates: Target[] } {
    const parameters = [...trainable]
    const gradients = gradient(loss, parameters)
    const writes: Target[] = []
    const updates: Target[] = []
    for (const { block, gradients: segment, slots } of this.blocks) {
      for (const [i, p] of parameters.entries())
        if (p.place!.segment === block.segment)
          writes.push({ tensor: gradients[i]!, place: { segment, offset: p.place!.offset } })
      for (const range of block.ranges(trainable)) {
        const segments = [block.segment, ...slots]
        const update = {
          parameters: rangeOf(block.segment, range),
          gradients: rangeOf(segment, range),
          slots: slots.map((slot) => rangeOf(slot, range)),
          scalars,
        }
        const results = whileTracing(() => inPart('update', () => this.optimizer.update(update)))
        for (const [i, tensor] of results.entries())
          updates.push({ tensor, place: { segment: segments[i]!, offset: range.first * 4 } })
      }
    }
    return { writes, updates }
  }
}
