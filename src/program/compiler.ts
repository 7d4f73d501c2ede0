/** From a description to a program: order, memory, instructions. */
import { native } from '../native.ts'
import { plainCopy, copy as walk } from '../ops/movement.ts'
import { pendingNodes } from '../tensor/apply.ts'
import type { Node, Tensor } from '../tensor/graph.ts'
import { isContiguous, spanOf } from '../tensor/layout.ts'
import { type Place, Segment } from '../tensor/segment.ts'
import { sizeOf } from '../tensor/shape.ts'
import { copiesInSequence, stretch } from './copies.ts'
import { type Description, type Target, wantedBy } from './description.ts'
import { bytesOf, bytesPer, type Compiled, encode, type Line, type Operand } from './encode.ts'
import { Fused } from './fusing.ts'
import { overlap } from './moves.ts'
import { align, type Lifetime, plan } from './plan.ts'
import { refuseFaults } from './refused.ts'
import { type Value, type View, Views } from './views.ts'

type Phase = 0 | 1 | 2

export class Compiler {
  readonly #description: Description
  readonly #order: Node[]
  /** The positions behind the last node of each phase: outputs and checks, verdicts, updates. */
  readonly #ends: readonly [number, number, number]
  readonly #views: Views
  readonly #fused: Fused
  readonly #values: readonly Value[]
  readonly #wanted: ReadonlySet<Value>
  readonly #positions = new Map<Node, number>()
  readonly #spared = new Set<Value>()
  readonly #copies: { target: Target; phase: Phase }[] = []
  readonly #constants: { value: Value; offset: number }[] = []
  readonly #arena = new Segment('scratch')
  #arenaBytes = 0
  #live = 0
  readonly #constantSegment = new Segment('constants')
  readonly #lines: Line[] = []

  constructor(description: Description) {
    this.#description = description
    const { outputs, checks = [], verdicts = [], updates = [] } = description
    const done = new Set<Node>()
    const phases = [[...outputs.map((t) => t.tensor), ...checks], verdicts, updates.map((t) => t.tensor)].map(
      (tensors) => pendingNodes(tensors, done),
    )
    refuseFaults(phases[2]!)
    this.#order = phases.flat()
    const [first, second] = phases.map((nodes) => nodes.length) as [number, number, number]
    this.#ends = [first, first + second, this.#order.length]
    const placeOf = (t: Tensor) => description.leaves?.get(t) ?? t.place
    const wanted = [...outputs, ...updates].map((t) => t.tensor)
    this.#views = new Views(this.#order, wanted, placeOf, description.debug !== true)
    this.#values = this.#views.values
    this.#wanted = new Set(wantedBy(description).map((t) => this.#views.of(t).value))
    this.#fused = new Fused(description.debug ? [] : this.#order, wantedBy(description))
  }

  compile(): Compiled {
    this.#findLifetimes()
    this.#leaveOutSpares()
    this.#pinTargets()
    this.#placeScratch()
    this.#placeConstants()
    const updateBegin = this.#emit()
    const encoded = encode(this.#lines, updateBegin, this.#arena, this.#description.debug === true)
    return { ...encoded, live: this.#live }
  }

  #findLifetimes(): void {
    for (const value of this.#values) {
      if (value.place || !value.tensor.value) continue
      const last = this.#constants.at(-1)
      this.#constants.push({ value, offset: last ? last.offset + align(last.value.bytes) : 0 })
    }
    for (const [position, node] of this.#order.entries()) {
      this.#positions.set(node, position)
      for (const { value } of this.#readBy(node)) {
        value.to = position
        value.reads.push(position)
      }
      for (const { value } of this.#writtenBy(node)) {
        if (value.from < 0) value.from = position
        value.to = Math.max(value.to, position)
      }
    }
  }

  #readBy(node: Node): readonly View[] {
    const copy = this.#views.copyAt(node)
    if (copy) return [copy.from]
    return this.#fused.makerOf(node) === node ? this.#views.inputsOf(node) : []
  }

  #writtenBy(node: Node): readonly View[] {
    const copy = this.#views.copyAt(node)
    if (copy) return [copy.to]
    return node.operation.view ? [] : this.#fused.writtenBy(node).map((t) => this.#views.of(t))
  }

  /** What a kernel only gives on request, and nobody wants. */
  #leaveOutSpares(): void {
    for (const { operation, outputs } of this.#order)
      for (const i of operation.spare ?? []) {
        if (!outputs[i]) continue
        const { value } = this.#views.of(outputs[i])
        if (value.reads.length > 0 || this.#wanted.has(value)) continue
        value.bytes = 0
        this.#spared.add(value)
      }
  }

  /** Lets kernels write where the value is wanted, if nobody still needs what lies there; else it is copied there. */
  #pinTargets(): void {
    const { outputs, updates = [] } = this.#description
    const targets = [
      ...outputs.map((t) => ({ ...t, phase: 0 as const })),
      ...updates.map((t) => ({ ...t, phase: 2 as const })),
    ]
    for (const target of targets) {
      const { value } = this.#views.of(target.tensor)
      // A leaf is copied after the last node of its phase, so what lies there is needed until then.
      if (value.from < 0) value.reads.push(this.#ends[target.phase] - 0.5)
    }
    const leaves = this.#values.filter((v) => v.from < 0 && v.place !== null)
    for (const target of targets) {
      const { tensor, place, phase } = target
      const { value, layout } = this.#views.of(tensor)
      const made = value.from >= 0 && value.place === null && layout.offset === 0 && value.bytes === bytesOf(tensor)
      const isOfPhase = phase === 0 || value.from >= this.#ends[1]
      if (made && isOfPhase && !this.#readLater(leaves, place, value, phase)) this.#pin(leaves, value, place, phase)
      else {
        this.#copies.push({ target, phase })
        value.to = Math.max(value.to, this.#ends[phase])
      }
    }
  }

  /** What a kernel changes where it lies is made there, too. */
  #pin(leaves: readonly Value[], value: Value, place: Place, phase: Phase): void {
    value.place = place
    const { operation } = this.#fused.makerOf(value.tensor.node!)
    for (const [o, i] of operation.updates ? operation.inPlace! : []) {
      const input = o === value.tensor.index ? this.#dying(value, i) : undefined
      const isOfPhase = input && (phase === 0 || input.from >= this.#ends[1])
      if (isOfPhase && !this.#wanted.has(input) && !this.#readLater(leaves, place, input, phase))
        this.#pin(leaves, input, place, phase)
    }
  }

  // Whether something wants the old content of that stretch of memory when the value is written, or later. What the
  // update reads of places that the first phase writes is meant to be the new content.
  #readLater(leaves: readonly Value[], place: Place, writer: Value, phase: Phase): boolean {
    const node = this.#fused.makerOf(writer.tensor.node!)
    const mayShare = (value: Value, position: number) =>
      position === writer.from &&
      value.place!.offset === place.offset &&
      node.operation.inPlace?.some(
        ([o, i]) => o === writer.tensor.index && this.#views.inputsOf(node)[i]!.value === value,
      )
    return leaves.some(
      (value) =>
        overlap(stretch(value.place!, value.bytes), stretch(place, writer.bytes)) &&
        value.reads.some((at) => at >= writer.from && at < this.#ends[phase] && !mayShare(value, at)),
    )
  }

  #placeScratch(): void {
    const debug = this.#description.debug === true
    const scratch = this.#values.filter((v) => v.from >= 0 && v.place === null)
    const indexOf = new Map(scratch.map((v, i) => [v, i]))
    const taken = new Set<Value>()
    const lifetimes = scratch.map((v): Lifetime => {
      const over = debug ? undefined : this.#takeover(v, taken)
      if (over) taken.add(over)
      return { bytes: v.bytes, from: v.from, to: v.to, ...(over ? { over: indexOf.get(over)! } : {}) }
    })
    const { offsets, bytes, live } = plan(lifetimes, !debug)
    this.#arenaBytes = bytes
    this.#live = live
    for (const [i, v] of scratch.entries()) v.place = { segment: this.#arena, offset: offsets[i]! }
  }

  /** An input that dies where this value is made and whose memory the kernel may write over. */
  #takeover(value: Value, taken: ReadonlySet<Value>): Value | undefined {
    const node = this.#fused.makerOf(value.tensor.node!)
    for (const [o, i] of node.operation.inPlace ?? []) {
      const input = o === value.tensor.index ? this.#dying(value, i) : undefined
      if (input && !taken.has(input)) return input
    }
    return undefined
  }

  /** Input i of what makes a value, if it is scratch of the same size that nobody else needs then or later. */
  #dying(value: Value, i: number): Value | undefined {
    const node = this.#fused.makerOf(value.tensor.node!)
    const inputs = this.#views.inputsOf(node)
    const { value: input, layout } = inputs[i]!
    const uses = inputs.filter((view) => view.value === input).length
    const dies = input.to === value.from && input.from >= 0 && input.place === null
    const whole = input.bytes === value.bytes && layout.offset === 0 && isContiguous(layout, node.inputs[i]!.shape)
    return dies && uses === 1 && whole ? input : undefined
  }

  #placeConstants(): void {
    const last = this.#constants.at(-1)
    if (!last) return
    const memory = native().memory(last.offset + align(last.value.bytes))
    for (const { value, offset } of this.#constants) {
      native().write(memory, offset, value.tensor.value!)
      value.place = { segment: this.#constantSegment, offset }
    }
    this.#constantSegment.memory = memory
  }

  #operand({ value, layout }: View, { stored: dtype, shape }: Pick<Tensor, 'stored' | 'shape'>): Operand {
    const { segment, offset } = value.place!
    const { low, size } = spanOf(layout, shape)
    const place = { segment, offset: offset + low * bytesPer[dtype], dtype }
    return this.#spared.has(value) ? { ...place, shape: [0] } : { ...place, shape, span: size }
  }

  /** The operand that a node means by one of its tensors. */
  #operandOf(node: Node, tensor: Tensor): Operand {
    const output = node.outputs.indexOf(tensor)
    if (output >= 0) return this.#operand(this.#views.of(this.#fused.writtenBy(node)[output]!), tensor)
    return this.#operand(this.#views.inputsOf(node)[node.inputs.indexOf(tensor)]!, tensor)
  }

  #emit(): number {
    const [outputs, verdicts] = this.#ends
    this.#emitNodes(0, outputs)
    this.#emitCopies(0)
    this.#emitNodes(outputs, verdicts)
    const updateBegin = this.#lines.length
    this.#emitNodes(verdicts)
    this.#emitCopies(2)
    return updateBegin
  }

  #emitNodes(from: number, to?: number): void {
    for (const node of this.#order.slice(from, to))
      if (node.operation.view) this.#emitView(node)
      else if (this.#fused.makerOf(node) === node) this.#emitNode(node)
  }

  #emitNode(node: Node): void {
    const { operation } = node
    const position = this.#positions.get(node)!
    if (operation.updates)
      for (const [o, i] of operation.inPlace ?? []) {
        const from = this.#operandOf(node, node.inputs[i]!)
        const to = this.#operandOf(node, node.outputs[o]!)
        if (from.segment !== to.segment || from.offset !== to.offset) this.#emitCopy(from, to)
      }
    const emitted = operation.emit!(node, this.#views.liesOf(node), this.#fused.nextOf(node))
    for (const { kernel, attributes, operands, touched, prepares } of Array.isArray(emitted) ? emitted : [emitted]) {
      const tensors: readonly Tensor[] = operands ?? [...node.outputs, ...node.inputs]
      const named = tensors.map((t) => this.#operandOf(node, t))
      this.#lines.push({ kernel, attributes, operands: named, touched, prepares, node, position })
    }
  }

  /** The copy of what lies otherwise, for those who need it contiguous. */
  #emitView(node: Node): void {
    const copy = this.#views.copyAt(node)
    if (!copy) return
    const { from, to, shape } = copy
    const operand = (view: View) => this.#operand(view, { shape, stored: node.outputs[0]!.stored })
    const near = ({ layout }: View) => layout.offset - spanOf(layout, shape).low
    this.#lines.push({
      kernel: 'copy',
      attributes: walk(shape, [...to.layout.strides], [...from.layout.strides], near(to), near(from)),
      operands: [operand(to), operand(from)],
      node,
      position: this.#positions.get(node)!,
    })
  }

  /** As if all were made at once: each reads what lay there before any of them. */
  #emitCopies(phase: Phase): void {
    const wanted = this.#copies
      .filter((copy) => copy.phase === phase)
      .map(({ target: { tensor, place } }) => {
        const from = this.#operand(this.#views.of(tensor), tensor)
        return { from, to: { ...from, ...place } }
      })
    const copies = copiesInSequence(wanted, (bytes) => {
      this.#arenaBytes += align(bytes)
      return { segment: this.#arena, offset: this.#arenaBytes - align(bytes) }
    })
    for (const { from, to } of copies) this.#emitCopy(from, to)
  }

  #emitCopy(from: Operand, to: Operand): void {
    const attributes = plainCopy(sizeOf(from.shape))
    this.#lines.push({ kernel: 'copy', attributes, operands: [to, from], node: null, position: -1 })
  }
}
