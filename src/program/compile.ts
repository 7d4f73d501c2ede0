/**
 * From a description (tensors to compute, places to write them to) to a program: order, memory, instructions.
 */
import { native } from '../native.ts'
import { plainCopy } from '../ops/movement.ts'
import { hooks, type Node, type Place, pendingNodes, Segment, type Tensor } from '../tensor/graph.ts'
import { sizeOf } from '../tensor/shape.ts'
import { bytesOf, bytesPer, type Compiled, encode, type Line, type Operand } from './encode.ts'
import { align, type Lifetime, plan } from './plan.ts'

/** A tensor, and where its value is wanted. */
export interface Target {
  readonly tensor: Tensor
  readonly place: Place
}

export interface Description {
  /** Computed in the first phase. */
  readonly outputs: readonly Target[]
  /** Computed in the first phase for their effect: they can fail the step. */
  readonly checks?: readonly Tensor[]
  /** Written in the second phase, which starts only when the first succeeded. All read the old values. */
  readonly updates?: readonly Target[]
  /** Where leaves lie that have a value of their own; without an entry the value becomes part of the program. */
  readonly leaves?: ReadonlyMap<Tensor, Place>
  /** No memory is reused, and every value is checked for NaN and infinity. Same results, bit by bit. */
  readonly debug?: boolean
}

/** A value of the program: what a kernel writes, or a leaf. Aliases are views of one. */
interface Value {
  readonly tensor: Tensor
  readonly bytes: number
  from: number
  to: number
  /** Positions of the nodes that read it. */
  readonly reads: number[]
  place: Place | null
}

interface View {
  readonly value: Value
  readonly offset: number
}

class Compiler {
  readonly #description: Description
  readonly #order: Node[]
  readonly #firstPhase: number
  readonly #views = new Map<Tensor, View>()
  readonly #values: Value[] = []
  readonly #positions = new Map<Node, number>()
  readonly #copies: { target: Target; phase: 0 | 1 }[] = []
  readonly #constants: { value: Value; offset: number }[] = []
  readonly #arena = new Segment('scratch')
  readonly #constantSegment = new Segment('constants')
  readonly #lines: Line[] = []

  constructor(description: Description) {
    this.#description = description
    const { outputs, checks = [], updates = [] } = description
    const done = new Set<Node>()
    const first = pendingNodes([...outputs.map((t) => t.tensor), ...checks], done)
    const second = pendingNodes(
      updates.map((t) => t.tensor),
      done,
    )
    this.#order = [...first, ...second].filter((node) => !node.operation.alias)
    this.#firstPhase = first.filter((node) => !node.operation.alias).length
  }

  compile(): Compiled {
    this.#findLifetimes()
    this.#pinTargets()
    this.#placeScratch()
    this.#placeConstants()
    const updateBegin = this.#emit()
    return encode(this.#lines, updateBegin, this.#arena, this.#description.debug === true)
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

  /** Lets kernels write where the value is wanted, if nobody still needs what lies there; else it is copied there. */
  #pinTargets(): void {
    const { outputs, updates = [] } = this.#description
    const targets = [
      ...outputs.map((t) => ({ ...t, phase: 0 as const })),
      ...updates.map((t) => ({ ...t, phase: 1 as const })),
    ]
    for (const target of targets) {
      const { value } = this.#view(target.tensor)
      // A leaf is copied after the last node of its phase, so what lies there is needed until then.
      if (value.from < 0) value.reads.push(this.#endOf(target.phase) - 0.5)
    }
    const leaves = this.#values.filter((v) => v.from < 0 && v.place !== null)
    for (const target of targets) {
      const { tensor, place, phase } = target
      const { value, offset } = this.#view(tensor)
      const made = value.from >= 0 && value.place === null && offset === 0 && value.bytes === bytesOf(tensor)
      if (made && (phase === 0 || value.from >= this.#firstPhase) && !this.#readLater(leaves, place, value, phase))
        value.place = place
      else {
        this.#copies.push({ target, phase })
        value.to = Math.max(value.to, this.#endOf(phase))
      }
    }
  }

  #endOf(phase: 0 | 1): number {
    return phase === 0 ? this.#firstPhase : this.#order.length
  }

  // Whether something wants the old content of that stretch of memory when the value is written, or later. What the
  // update reads of places that the first phase writes is meant to be the new content.
  #readLater(leaves: readonly Value[], place: Place, writer: Value, phase: 0 | 1): boolean {
    const node = writer.tensor.node!
    const mayShare = (value: Value, position: number) =>
      position === writer.from &&
      value.place!.offset === place.offset &&
      node.operation.inPlace?.some(([o, i]) => o === writer.tensor.index && this.#view(node.inputs[i]!).value === value)
    return leaves.some(
      (value) =>
        overlap(value.place!, value.bytes, place, writer.bytes) &&
        value.reads.some((at) => at >= writer.from && at < this.#endOf(phase) && !mayShare(value, at)),
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
    const { offsets } = plan(lifetimes, !debug)
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
    return { segment, offset: start + offset, dtype: tensor.stored, shape: tensor.shape }
  }

  #emit(): number {
    for (const node of this.#order.slice(0, this.#firstPhase)) this.#emitNode(node)
    this.#emitCopies(0)
    const updateBegin = this.#lines.length
    for (const node of this.#order.slice(this.#firstPhase)) this.#emitNode(node)
    this.#emitCopies(1)
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

  #emitCopies(phase: 0 | 1): void {
    for (const { target, phase: own } of this.#copies)
      if (own === phase)
        this.#emitCopy(this.#operand(target.tensor), { ...this.#operand(target.tensor), ...target.place })
  }

  #emitCopy(from: Operand, to: Operand): void {
    const attributes = plainCopy(sizeOf(from.shape))
    this.#lines.push({ kernel: 'copy', attributes, operands: [to, from], node: null, position: -1 })
  }
}

function isAlias(t: Tensor): boolean {
  return t.node?.operation.alias !== undefined && t.value === null && t.place === null
}

function overlap(a: Place, aBytes: number, b: Place, bBytes: number): boolean {
  return a.segment === b.segment && a.offset < b.offset + bBytes && b.offset < a.offset + aBytes
}

/** Compiles a description in which what depends on constants alone has been computed. */
export function compile(description: Description): Compiled {
  const { outputs, checks = [], updates = [] } = description
  foldConstants([...outputs.map((t) => t.tensor), ...checks, ...updates.map((t) => t.tensor)])
  return compileAsIs(description)
}

export function compileAsIs(description: Description): Compiled {
  return new Compiler(description).compile()
}

/** Computes, now and for all runs, the nodes whose inputs have values. */
function foldConstants(tensors: readonly Tensor[]): void {
  const known = new Set<Tensor>()
  for (const node of pendingNodes(tensors)) {
    const drawn = node.operation.drawsEachStep?.(node.inputs)
    if (!drawn && !node.operation.updates && node.inputs.every((t) => t.value !== null || known.has(t)))
      for (const output of node.outputs) known.add(output)
  }
  if (known.size > 0) hooks.evaluate([...known])
}
