/** From a description to a program: order, memory, instructions. */
import { ChainruleError } from '../errors.ts'
import { native } from '../native.ts'
import { plainCopy } from '../ops/movement.ts'
import { pendingNodes } from '../tensor/apply.ts'
import type { Node, Tensor } from '../tensor/graph.ts'
import { type Place, Segment } from '../tensor/segment.ts'
import { sizeOf } from '../tensor/shape.ts'
import type { Description, Target } from './description.ts'
import { bytesOf, bytesPer, type Compiled, encode, type Line, type Operand } from './encode.ts'
import { inSequence, overlap, type Stretch } from './moves.ts'
import { align, type Lifetime, plan } from './plan.ts'

/** A value of the program: what a kernel writes, or a leaf. Aliases are views of one. */
interface Value {
  readonly tensor: Tensor
  bytes: number
  from: number
  to: number
  /** Positions of the nodes that read it. */
  readonly reads: number[]
  place: Place | null
}

type Phase = 0 | 1 | 2

interface View {
  readonly value: Value
  readonly offset: number
}

export class Compiler {
  readonly #description: Description
  readonly #order: Node[]
  /** The positions behind the last node of each phase: outputs and checks, verdicts, updates. */
  readonly #ends: readonly [number, number, number]
  readonly #views = new Map<Tensor, View>()
  readonly #values: Value[] = []
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
      (tensors) => pendingNodes(tensors, done).filter((node) => !node.operation.alias),
    )
    refuseFaults(phases[2]!)
    this.#order = phases.flat()
    const [first, second] = phases.map((nodes) => nodes.length) as [number, number, number]
    this.#ends = [first, first + second, this.#order.length]
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

  /** The value behind a tensor, through any aliases. */
  #view(tensor: Tensor): View {
    const known = this.#views.get(tensor)
    if (known) return known
    let offset = 0
    let root = tensor
    while (isAlias(root)) {
      offset += root.node!.operation.alias!(root.node!) * bytesPer[root.stored]
      root = root.node!.inputs[0]!
    }
    const view = { value: this.#views.get(root)?.value ?? this.#newValue(root), offset }
    this.#views.set(tensor, view)
    return view
  }

  #newValue(tensor: Tensor): Value {
    const place = this.#description.leaves?.get(tensor) ?? tensor.place
    const value: Value = { tensor, bytes: bytesOf(tensor), from: -1, to: -1, reads: [], place }
    this.#views.set(tensor, { value, offset: 0 })
    this.#values.push(value)
    if (!place && tensor.value) {
      const last = this.#constants.at(-1)
      this.#constants.push({ value, offset: last ? last.offset + align(last.value.bytes) : 0 })
    }
    return value
  }

  #findLifetimes(): void {
    for (const [position, node] of this.#order.entries()) {
      this.#positions.set(node, position)
      for (const input of node.inputs) {
        const { value } = this.#view(input)
        value.to = position
        value.reads.push(position)
      }
      for (const output of node.outputs) {
        const { value } = this.#view(output)
        value.from = position
        value.to = Math.max(value.to, position)
      }
    }
  }

  /** What a kernel only gives on request, and nobody wants. */
  #leaveOutSpares(): void {
    const { outputs, checks = [], verdicts = [], updates = [] } = this.#description
    const wanted = [...outputs.map((t) => t.tensor), ...checks, ...verdicts, ...updates.map((t) => t.tensor)]
    const kept = new Set(wanted.map((t) => this.#view(t).value))
    for (const { operation, outputs } of this.#order)
      for (const i of operation.spare ?? []) {
        const { value } = this.#view(outputs[i]!)
        if (value.reads.length > 0 || kept.has(value)) continue
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
      const { value } = this.#view(target.tensor)
      // A leaf is copied after the last node of its phase, so what lies there is needed until then.
      if (value.from < 0) value.reads.push(this.#ends[target.phase] - 0.5)
    }
    const leaves = this.#values.filter((v) => v.from < 0 && v.place !== null)
    for (const target of targets) {
      const { tensor, place, phase } = target
      const { value, offset } = this.#view(tensor)
      const made = value.from >= 0 && value.place === null && offset === 0 && value.bytes === bytesOf(tensor)
      const isOfPhase = phase === 0 || value.from >= this.#ends[1]
      if (made && isOfPhase && !this.#readLater(leaves, place, value, phase)) value.place = place
      else {
        this.#copies.push({ target, phase })
        value.to = Math.max(value.to, this.#ends[phase])
      }
    }
  }

  // Whether something wants the old content of that stretch of memory when the value is written, or later. What the
  // update reads of places that the first phase writes is meant to be the new content.
  #readLater(leaves: readonly Value[], place: Place, writer: Value, phase: Phase): boolean {
    const node = writer.tensor.node!
    const mayShare = (value: Value, position: number) =>
      position === writer.from &&
      value.place!.offset === place.offset &&
      node.operation.inPlace?.some(([o, i]) => o === writer.tensor.index && this.#view(node.inputs[i]!).value === value)
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
    const node = value.tensor.node!
    for (const [o, i] of node.operation.inPlace ?? []) {
      if (o !== value.tensor.index) continue
      const { value: input, offset } = this.#view(node.inputs[i]!)
      const uses = node.inputs.filter((t) => this.#view(t).value === input).length
      const dies = input.to === value.from && input.from >= 0 && input.place === null
      if (dies && uses === 1 && offset === 0 && input.bytes === value.bytes && !taken.has(input)) return input
    }
    return undefined
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

  #operand(tensor: Tensor): Operand {
    const { value, offset } = this.#view(tensor)
    const { segment, offset: start } = value.place!
    return {
      segment,
      offset: start + offset,
      dtype: tensor.stored,
      shape: this.#spared.has(value) ? [0] : tensor.shape,
    }
  }

  #emit(): number {
    const [outputs, verdicts] = this.#ends
    for (const node of this.#order.slice(0, outputs)) this.#emitNode(node)
    this.#emitCopies(0)
    for (const node of this.#order.slice(outputs, verdicts)) this.#emitNode(node)
    const updateBegin = this.#lines.length
    for (const node of this.#order.slice(verdicts)) this.#emitNode(node)
    this.#emitCopies(2)
    return updateBegin
  }

  #emitNode(node: Node): void {
    const { operation } = node
    const position = this.#positions.get(node)!
    if (operation.updates)
      for (const [o, i] of operation.inPlace ?? []) {
        const from = this.#operand(node.inputs[i]!)
        const to = this.#operand(node.outputs[o]!)
        if (from.segment !== to.segment || from.offset !== to.offset) this.#emitCopy(from, to)
      }
    const emitted = operation.emit!(node)
    for (const { kernel, attributes, operands, touched } of Array.isArray(emitted) ? emitted : [emitted]) {
      const tensors: readonly Tensor[] = operands ?? [...node.outputs, ...node.inputs]
      this.#lines.push({ kernel, attributes, operands: tensors.map((t) => this.#operand(t)), touched, node, position })
    }
  }

  /** As if all were made at once: each reads what lay there before any of them. */
  #emitCopies(phase: Phase): void {
    const operands = new Map<Stretch, Operand>()
    const named = (operand: Operand): Stretch => {
      const place = stretch(operand, sizeOf(operand.shape) * bytesPer[operand.dtype])
      operands.set(place, operand)
      return place
    }
    const moves = this.#copies
      .filter((copy) => copy.phase === phase)
      .map(({ target }) => {
        const from = this.#operand(target.tensor)
        return { from: named(from), to: named({ ...from, ...target.place }) }
      })
    const setAside = (bytes: number) => {
      const place = stretch({ segment: this.#arena, offset: this.#arenaBytes }, bytes)
      this.#arenaBytes += align(bytes)
      return place
    }
    for (const { from, to } of inSequence(moves, setAside)) {
      const known = (operands.get(from) ?? operands.get(to))!
      this.#emitCopy(operandAt(from, known), operandAt(to, known))
    }
  }

  #emitCopy(from: Operand, to: Operand): void {
    const attributes = plainCopy(sizeOf(from.shape))
    this.#lines.push({ kernel: 'copy', attributes, operands: [to, from], node: null, position: -1 })
  }
}

function isAlias(t: Tensor): boolean {
  return t.node?.operation.alias !== undefined && t.value === null && t.place === null
}

function stretch({ segment, offset }: Place, bytes: number): Stretch {
  return { space: segment, offset, bytes }
}

function operandAt({ space, offset }: Stretch, { dtype, shape }: Operand): Operand {
  return { segment: space as Segment, offset, dtype, shape }
}

/** An update runs to its end: nothing in it may find that it cannot. */
function refuseFaults(nodes: readonly Node[]): void {
  for (const { operation, layer } of nodes)
    if (operation.fault)
      throw new ChainruleError(
        'ERR_OPTION',
        `${operation.name} may fail for what the data are, and an update cannot stop half way. Compute it from the ` +
          'inputs of the step instead.',
        { operation: operation.name, ...(layer ? { layer } : {}) },
      )
}
