/**
 * The graph: a `Tensor` is a lazy node's output. It has a shape and a dtype from the start, and a value once somebody
 * reads it. What operations exist, how they are differentiated and how they run is written elsewhere.
 */
import { ChainruleError } from '../errors.ts'
import { describeValue } from '../options.ts'
import { currentRole, isTracing, type Role } from './describing.ts'
import type { Layout } from './layout.ts'
import type { Past } from './past.ts'
import type { Place } from './segment.ts'
import { type DType, formatShape, largestRank, type Shape, type StoredType, sizeOf } from './shape.ts'
import { checkedAxis } from './sizes.ts'
import { type Symbolic, symbolicOf } from './symbolic.ts'

export type Values = Float32Array | Int32Array
/** As it is stored: bytes are for what one operation keeps for another. */
export type StoredValues = Values | Uint8Array

/** Shape and dtype of a value. */
export interface Spec {
  readonly shape: Shape
  readonly dtype: StoredType
}

/** One kernel call. `operands` are outputs first; the default is all outputs, then all inputs. */
export interface Instruction {
  readonly kernel: string
  readonly attributes: readonly number[]
  readonly operands?: readonly Tensor[]
  /** For the profile: how many elements of each operand are read or written, where that is not all of them. */
  readonly touched?: readonly number[]
  /** It readies an operand for the one that follows, which has the flops of the operation. */
  readonly prepares?: boolean
}

/** How the operands of a node lie, in memory from their first element on; and which inputs are in the output already. */
export interface Lies {
  readonly inputs: readonly Layout[]
  readonly outputs: readonly Layout[]
  readonly written: readonly boolean[]
}

/** An activation element by element (src/ops/activation.ts), with the numbers that it takes. */
export interface Elementwise {
  readonly name: string
  readonly numbers: readonly number[]
}

/** Rows that add up to 1, their logarithms, probabilities each on its own, or any numbers, as products give them. */
export type Meaning = 'distribution' | 'logDistribution' | 'probabilities' | 'scores'

/**
 * An operation: everything that is known of it, in one record. Shared code asks for these properties and never for
 * a name.
 */
// biome-ignore lint/suspicious/noExplicitAny: each operation knows the type of its own attributes
export interface Operation<A = any> {
  readonly name: string
  /** The shape rule. Throws by `shapeError` when the inputs do not fit. */
  infer(inputs: readonly Tensor[], attributes: A): readonly Spec[]
  /** The kernel calls, with those of the operation that it fuses. Absent when the output is a view. */
  emit?(node: Node<A>, lies: Lies, next?: Node): Instruction | readonly Instruction[]
  /** Whether it computes the next operation too, which alone reads its first output, and writes that one's instead. */
  fuses?(node: Node<A>, next: Node): boolean
  /**
   * The output is the first input's memory, which lies like this: how the output lies in it. Null where only a copy of
   * the input can be seen so. Who cannot read it so gets a copy.
   */
  view?(node: Node<A>, input: Layout): Layout | null
  /** What the rows of the first input mean, those of the output do. */
  readonly keepsMeaning?: boolean
  /** Which inputs are read where they lie, if they all lie like this; by default those that are contiguous. */
  reads?(node: Node<A>, inputs: readonly Layout[]): readonly boolean[]
  /** Whether the output may lie like this, with the same bits; by default it is contiguous. */
  writes?(node: Node<A>, output: Layout, inputs: readonly Layout[]): boolean
  /** The output is put together of the inputs: where each lies in it. Whoever makes one may write it there. */
  parts?(node: Node<A>): readonly Layout[] | null
  /**
   * The chain rule: the gradient for each input, from the gradients of the outputs. Null where there is none; null for
   * all where the way back leads through the reference.
   */
  gradient?(node: Node<A>, dy: readonly (Tensor | null)[]): readonly (Tensor | null)[] | null
  /** [output, input] pairs that may be the same memory when the input is not needed any more. */
  readonly inPlace?: readonly (readonly [number, number])[]
  /** Outputs, if there are as many, that only some users want: where nobody does, the kernel gets none (an operand without elements). */
  readonly spare?: readonly number[]
  /** The same numbers in another dtype. */
  readonly isCast?: boolean
  /** The kernel changes its inputs: each pair of `inPlace` must be the same memory, and only outputs are operands. */
  readonly updates?: boolean
  /** With these inputs it draws random numbers that are a part of the program: new ones in each step. */
  drawsEachStep?(inputs: readonly Tensor[]): boolean
  /** Where the result is 0 but for some rows: what is added to them, [..., width], and to which, [...]. */
  rows?(node: Node<A>): { readonly values: Tensor; readonly places: Tensor }
  /** Floating-point operations, for the profile; by default those of `reference`, or one per element of the outputs. */
  flops?(node: Node<A>): number
  /** What the numbers are, where the operation tells: losses and `predictClasses` ask. */
  meaning?(attributes: A): Meaning | null
  /**
   * This result, times the slope of the activation that it is a gradient behind, in one step; undefined where it cannot.
   * @param by the activation's value, or its slope where that is kept
   */
  behindActivation?(node: Node<A>, activation: Elementwise, by: Tensor): Tensor | undefined
  /** The attributes with other sizes of axes and positions along them; absent where none is one. */
  resize?(attributes: A, size: (n: number) => number): A
  /** What to say when a kernel met bad data. */
  fault?(node: Node<A>, row: number, value: number): string
  /** The bad data are numbers that are not finite. */
  readonly demandsFinite?: boolean
  /** The same meaning, composed of simpler operations: what tests check a fused kernel against. Without scratch outputs. */
  reference?(inputs: readonly Tensor[], attributes: A): readonly Tensor[]
}

// biome-ignore lint/suspicious/noExplicitAny: see Operation
export class Node<A = any> {
  readonly operation: Operation<A>
  readonly inputs: readonly Tensor[]
  readonly attributes: A
  readonly outputs: readonly Tensor[]
  readonly role: Role
  /** Described as a part of a program, which is computed with the values of the moment when it runs. */
  readonly traced: boolean
  /** An estimate, never too low, of how many operations wait behind this one. */
  pending: number

  constructor(operation: Operation<A>, inputs: readonly Tensor[], attributes: A) {
    this.operation = operation
    this.traced = isTracing()
    const symbolic = symbolicOf(operation.name, operation.drawsEachStep?.(inputs) === true, inputs)
    // A graph of layers reads variables when it runs, too.
    this.inputs = this.traced || symbolic === 'input' ? inputs : asTheyAreNow(inputs)
    this.attributes = attributes
    this.role = currentRole()
    this.pending = 1
    for (const input of this.inputs) if (input.node) this.pending += input.node.pending
    this.outputs = operation
      .infer(inputs, attributes)
      .map((spec, i) => new Tensor(spec, { node: this, index: i, symbolic }))
    for (const input of this.inputs) input.waiting++
  }

  /** It has been computed: its inputs wait for one operation less. */
  done(): void {
    for (const input of this.inputs) input.waiting--
  }

  /** Path of the layer that described this node, for error messages. */
  get layer(): string {
    return this.role.layer
  }

  /** The same for messages: its tensors have shapes, but neither values nor a past that they would keep in memory. */
  bare(): Node<A> {
    const bare = (t: Tensor) => new Tensor({ shape: t.shape, dtype: t.stored }, {})
    const tensors = { inputs: this.inputs.map(bare), outputs: this.outputs.map(bare) }
    return Object.assign(Object.create(Node.prototype), this, tensors)
  }
}

function asTheyAreNow(inputs: readonly Tensor[]): readonly Tensor[] {
  return inputs.some((t) => t.isVariable) ? inputs.map((t) => t.now()) : inputs
}

interface Origin {
  node?: Node
  index?: number
  symbolic?: Symbolic | null
  value?: StoredValues
  place?: Place
}

/** Reads and prints tensors; set by the modules that know how, which stand above this one. */
export const hooks: {
  evaluate: (tensors: readonly Tensor[]) => void
  read: (tensor: Tensor) => Values
  print: (tensor: Tensor) => string
  nest: (values: Values, shape: Shape) => unknown
} = {
  evaluate: missing,
  read: missing,
  print: missing,
  nest: missing,
}

function missing(): never {
  throw new Error("chainrule is not initialised: import it as 'chainrule'")
}

let tensors = 0

export type Rank = 0 | 1 | 2 | 3 | 4 | 5
export type NestedOf<R extends Rank> = [number, number[], number[][], number[][][], number[][][][], number[][][][][]][R]

/**
 * A multi-dimensional array of float32 or int32, row-major. It is lazy: an operation only describes, and reading
 * (`item`, `data`, `toArray`, printing) computes. Values never change; there is nothing to free.
 */
export class Tensor {
  readonly shape: Shape
  /** @internal as stored */
  readonly stored: StoredType
  /** @internal */ node: Node | null
  /** @internal */ readonly index: number
  /** @internal depends on an input that has no value, and on which */ readonly symbolic: Symbolic | null
  /** @internal */ value: StoredValues | null
  /** @internal */ place: Place | null
  /** @internal what a read has forgotten */ past: Past | null = null
  /** @internal how many operations on it have not been computed; too high where some were never asked for */
  waiting = 0
  /** @internal grows with each tensor that is made */ readonly id: number = tensors++

  /** @internal Make tensors with `tensor`, `zeros`, ... */
  constructor(spec: Spec, origin: Origin) {
    if (spec.shape.length > largestRank) throw tooManyAxes(spec.shape)
    this.shape = spec.shape
    this.stored = spec.dtype
    this.node = origin.node ?? null
    this.index = origin.index ?? 0
    this.symbolic = origin.symbolic ?? null
    this.value = origin.value ?? null
    this.place = origin.place ?? null
  }

  /** @internal whether its values change */
  get isVariable(): boolean {
    return false
  }

  /** @internal the tensor with the values that it has now, for what is described outside of programs */
  now(): Tensor {
    return this
  }

  /** @internal of which tensor these are the values at some time */
  get origin(): Tensor {
    return this
  }

  get dtype(): DType {
    return this.stored === 'int32' || this.stored === 'uint8' ? 'int32' : 'float32'
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length
  }

  /** All elements, or the size of one axis (negative: from the end). */
  size(axis?: number): number {
    if (axis === undefined) return sizeOf(this.shape)
    return this.shape[checkedAxis('size', axis, this.shape)]!
  }

  /** The values, row-major, as a copy. */
  data(): Values {
    return hooks.read(this).slice()
  }

  /** The value of a tensor with one element. */
  item(): number {
    if (this.size() !== 1)
      throw new ChainruleError(
        'ERR_SHAPE',
        `item: expected a tensor with one element, got shape ${formatShape(this.shape)}. Use toArray() or data().`,
      )
    return hooks.read(this)[0]!
  }

  /**
   * The values as nested arrays; a scalar as a number.
   * @param rank when given, types the result and must be the tensor's rank
   */
  toArray<R extends Rank>(rank: R): NestedOf<R>
  toArray(): unknown
  toArray(rank?: number): unknown {
    if (rank !== undefined && rank !== this.rank)
      throw new ChainruleError(
        'ERR_SHAPE',
        `toArray(${describeValue(rank)}): the tensor has shape ${formatShape(this.shape)}, which has ${this.rank} axes`,
      )
    return hooks.nest(hooks.read(this), this.shape)
  }

  /** The nested arrays, as `toArray`: `JSON.stringify` writes them, with null for NaN and infinities. */
  toJSON(): unknown {
    return this.toArray()
  }

  /** As NumPy prints it. */
  toString(): string {
    return hooks.print(this)
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return hooks.print(this)
  }
}

function tooManyAxes(shape: Shape): ChainruleError {
  const message = `a tensor has at most ${largestRank} axes, this would have ${shape.length}: ${formatShape(shape)}`
  return new ChainruleError('ERR_SHAPE', message)
}
