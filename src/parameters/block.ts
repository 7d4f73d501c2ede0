/**
 * Parameters of a model, or of a train step, as one flat stretch of memory with named views. Gradients and optimizer
 * slots have the same layout, so that an update is a walk over ranges.
 */
import { native } from '../native.ts'
import { bytesPer } from '../program/encode.ts'
import { align } from '../program/plan.ts'
import { hooks, type Tensor } from '../tensor/graph.ts'
import { stored } from '../tensor/leaves.ts'
import { type Place, Segment } from '../tensor/segment.ts'
import type { Parameter } from './parameter.ts'

/** Elements [first, first + size) of every flat segment. */
export interface Range {
  readonly first: number
  readonly size: number
}

/** A range that holds these parameters: several, or one with a constraint. */
export interface ParameterRange extends Range {
  readonly parameters: readonly [Parameter, ...Parameter[]]
}

const element = bytesPer.float32
const owned = new WeakMap<Segment, Block>()

export class Block {
  readonly segment: Segment
  readonly bytes: number
  readonly parameters: ReadonlyMap<string, Parameter>

  private constructor(parameters: ReadonlyMap<string, Parameter>) {
    let bytes = 0
    const offsets = new Map<Parameter, number>()
    for (const p of parameters.values()) {
      offsets.set(p, bytes)
      bytes += align(p.size() * element)
    }
    this.parameters = parameters
    this.bytes = bytes
    this.segment = new Segment('parameters', native().memory(bytes))
    for (const [p, offset] of offsets) {
      native().write(this.segment.memory!, offset, hooks.read(p))
      const { segment } = p.place!
      p.move({ segment: this.segment, offset })
      native().release(segment.memory!)
      segment.memory = null
    }
    owned.set(this.segment, this)
  }

  /**
   * The blocks that hold these parameters. Those that belong to no block yet move into a new one; a block belongs to
   * the model that was built first.
   */
  static holding(parameters: ReadonlyMap<string, Parameter>): Block[] {
    const free = new Map([...parameters].filter(([, p]) => !owned.has(p.place!.segment)))
    const blocks = free.size > 0 ? [new Block(free)] : []
    for (const p of parameters.values()) {
      const block = owned.get(p.place!.segment)!
      if (!blocks.includes(block)) blocks.push(block)
    }
    return blocks
  }

  /** A segment of the same layout, zeros at first. */
  companion(name: string): Segment {
    return new Segment(name, native().memory(this.bytes))
  }

  /**
   * The stretches that hold the given parameters. Neighbours join, with the padding between them, which stays 0. One with
   * a constraint stands alone: it is applied to its shape.
   */
  ranges(parameters: ReadonlySet<Parameter>): ParameterRange[] {
    const ranges: { first: number; size: number; parameters: [Parameter, ...Parameter[]] }[] = []
    for (const p of this.parameters.values()) {
      if (!parameters.has(p)) continue
      const first = p.place!.offset / element
      const last = ranges.at(-1)
      const joins = last && align((last.first + last.size) * element) === first * element
      if (joins && !p.constraint && !last.parameters[0].constraint) {
        last.size = first + p.size() - last.first
        last.parameters.push(p)
      } else ranges.push({ first, size: p.size(), parameters: [p] })
    }
    return ranges
  }
}

export function placeOf(segment: Segment, { first }: Range): Place {
  return { segment, offset: first * element }
}

/** A range of a flat segment as a tensor. */
export function rangeOf(segment: Segment, range: Range): Tensor {
  return stored([range.size], 'float32', placeOf(segment, range))
}
