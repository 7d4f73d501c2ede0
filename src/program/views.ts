/**
 * Which memory each tensor of a program is, and how it lies there. A view (a transpose, a slice, a repetition) is the
 * memory of what it looks at, for whoever can read it so; others read a copy, which is made at the view's place in the
 * order. What is only copied, or only a part of something larger, is written there at once by who can.
 */
import type { Lies, Node, Tensor } from '../tensor/graph.ts'
import { contiguous, inverse, isContiguous, type Layout, spanOf } from '../tensor/layout.ts'
import type { Place } from '../tensor/segment.ts'
import type { Shape } from '../tensor/shape.ts'
import { bytesOf } from './encode.ts'

/** A value of the program: what instructions write, or a leaf. */
export interface Value {
  readonly tensor: Tensor
  bytes: number
  from: number
  to: number
  /** Positions of the nodes that read it. */
  readonly reads: number[]
  place: Place | null
}

export interface View {
  readonly value: Value
  readonly layout: Layout
}

/** A copy of what lies otherwise, seen as `shape`; for its readers it is contiguous, or a part of something larger. */
interface Copy {
  readonly from: View
  readonly shape: Shape
  to: View
}

export class Views {
  readonly #values = new Set<Value>()
  readonly #placeOf: (tensor: Tensor) => Place | null
  readonly #known = new Map<Tensor, View>()
  readonly #copies = new Map<Tensor, Copy>()
  readonly #inputs = new Map<Node, readonly View[]>()
  readonly #readers = new Map<Value, number>()
  readonly #homed = new Map<Node, readonly boolean[]>()

  /**
   * @param order all nodes, inputs before users
   * @param wanted what is asked for: contiguous
   * @param placeOf where leaves lie
   * @param atHome whether results may be written where they are wanted; in debug mode each value is looked at alone
   */
  constructor(
    order: readonly Node[],
    wanted: readonly Tensor[],
    placeOf: (tensor: Tensor) => Place | null,
    atHome: boolean,
  ) {
    this.#placeOf = placeOf
    for (const node of order) if (!node.operation.view) this.#resolve(node)
    for (const tensor of wanted) this.#count(this.#contiguous(tensor))
    for (const { from } of this.#copies.values()) this.#count(from)
    if (!atHome) return
    for (const node of this.#inputs.keys()) this.#writeParts(node)
    for (const [tensor, { to, from, shape }] of this.#copies)
      if (this.#writeAt(to, from, shape)) this.#drop(tensor, to.value)
  }

  /** Leaves and what is written, in the order in which they were met. */
  get values(): readonly Value[] {
    return [...this.#values]
  }

  /** What a node reads, input by input. */
  inputsOf(node: Node): readonly View[] {
    return this.#inputs.get(node) ?? []
  }

  /** Where a tensor is read contiguous, or written. */
  of(tensor: Tensor): View {
    const copy = this.#copies.get(tensor)
    return copy ? { value: copy.to.value, layout: contiguous(tensor.shape) } : this.#lies(tensor)
  }

  /** The copy to make at a view's place in the order. */
  copyAt({ outputs }: Node): Copy | undefined {
    return this.#copies.get(outputs[0]!)
  }

  /** How a node's operands lie, each counted from the first element that it spans. */
  liesOf(node: Node): Lies {
    const near = ({ layout }: View, { shape }: Tensor) => ({
      ...layout,
      offset: layout.offset - spanOf(layout, shape).low,
    })
    return {
      inputs: this.inputsOf(node).map((view, i) => near(view, node.inputs[i]!)),
      outputs: node.outputs.map((t) => near(this.of(t), t)),
      written: this.#homed.get(node) ?? [],
    }
  }

  #resolve(node: Node): void {
    const { inputs, operation } = node
    const natural = inputs.map((t) => this.#lies(t))
    const even = natural.map(({ layout }, i) => isContiguous(layout, inputs[i]!.shape))
    if (operation.reads && even.includes(false)) {
      const taken = operation.reads(
        node,
        natural.map(({ layout }) => layout),
      )
      // One tensor is one operand, however often it is named.
      for (const [i, t] of inputs.entries()) even[i] ||= inputs.every((other, j) => other !== t || taken[j]!)
    }
    const views = natural.map((view, i) => (even[i] ? view : this.#contiguous(inputs[i]!)))
    this.#inputs.set(node, views)
    for (const view of views) this.#count(view)
    for (const output of node.outputs) this.#lies(output)
  }

  #count({ value }: View): void {
    this.#readers.set(value, (this.#readers.get(value) ?? 0) + 1)
  }

  /** The memory behind a tensor, through any views. */
  #lies(tensor: Tensor): View {
    const chain: Tensor[] = []
    let root = tensor
    while (!this.#known.has(root) && isView(root)) {
      chain.push(root)
      root = root.node!.inputs[0]!
    }
    let view = this.#known.get(root) ?? this.#newValue(root)
    for (let t = chain.pop(); t; t = chain.pop()) {
      const layout = t.node!.operation.view!(t.node!, view.layout)
      view = layout ? { value: view.value, layout } : this.#copy(t, view, t.node!.inputs[0]!.shape)
      this.#known.set(t, view)
    }
    return view
  }

  #newValue(tensor: Tensor): View {
    const view = { value: this.#valueOf(tensor), layout: contiguous(tensor.shape) }
    this.#known.set(tensor, view)
    return view
  }

  #valueOf(tensor: Tensor): Value {
    const value = { tensor, bytes: bytesOf(tensor), from: -1, to: -1, reads: [], place: this.#placeOf(tensor) }
    this.#values.add(value)
    return value
  }

  #contiguous(tensor: Tensor): View {
    const view = this.#lies(tensor)
    if (isContiguous(view.layout, tensor.shape)) return view
    return this.#copies.has(tensor) ? this.of(tensor) : this.#copy(tensor, view, tensor.shape)
  }

  #copy(tensor: Tensor, from: View, shape: Shape): View {
    const value = this.#valueOf(tensor)
    this.#copies.set(tensor, { from, shape, to: { value, layout: contiguous(shape) } })
    return { value, layout: contiguous(tensor.shape) }
  }

  /** The copy for this tensor is not needed: its value is written at once. */
  #drop(tensor: Tensor, value: Value): void {
    this.#copies.delete(tensor)
    this.#known.set(tensor, { value, layout: contiguous(tensor.shape) })
  }

  /** Lets who makes a value write it to another place, if the one reader, who wants it there, sees it by this view. */
  #writeAt(to: View, { value: made, layout: seen }: View, shape: Shape): boolean {
    const { tensor } = made
    const { node } = tensor
    if (!node?.operation.writes || !this.#inputs.has(node) || !this.#mayMove(made)) return false
    const layout = inverse(seen, shape, to.layout, tensor.shape)
    const inputs = this.inputsOf(node).map((view) => view.layout)
    if (!layout || !node.operation.writes(node, layout, inputs)) return false
    this.#values.delete(made)
    this.#known.set(tensor, { value: to.value, layout })
    return true
  }

  #mayMove(value: Value): boolean {
    return value.place === null && value.tensor.value === null && this.#readers.get(value) === 1
  }

  #writeParts(node: Node): void {
    const parts = node.operation.parts?.(node)
    if (!parts) return
    const { value } = this.of(node.outputs[0]!)
    const inputs = this.inputsOf(node)
    this.#homed.set(
      node,
      parts.map((layout, i) => this.#writePart({ value, layout }, inputs[i]!, node.inputs[i]!.shape)),
    )
  }

  #writePart(to: View, from: View, shape: Shape): boolean {
    if (this.#writeAt(to, from, shape)) return true
    // A copy goes there instead of to a place of its own; and who makes what it copies may write it there.
    const copy = this.#copies.get(from.value.tensor)
    if (copy?.to.value !== from.value || !this.#mayMove(from.value)) return false
    const layout = inverse(from.layout, shape, to.layout, copy.shape)
    if (!layout || layout.strides.some((step) => step < 0)) return false
    copy.to = { value: to.value, layout }
    this.#values.delete(from.value)
    return true
  }
}

function isView(t: Tensor): boolean {
  return t.node?.operation.view !== undefined && t.value === null && t.place === null
}
