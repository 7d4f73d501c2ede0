/**
 * The chain rule. Walks the graph backwards from y and asks each operation for the gradients of its inputs. Summing
 * where a value is used twice, and summing back what was broadcast, happens here and nowhere else.
 */
import { ChainruleError } from './errors.ts'
import { add, toFloat } from './ops/elementwise.ts'
import { alias, broadcastTo, reshape } from './ops/movement.ts'
import { addUp } from './ops/place.ts'
import { sum } from './ops/reduce.ts'
import { describeValue } from './options.ts'
import { pendingNodes } from './tensor/apply.ts'
import { full, type TensorLike, tensor, toTensor, zeros } from './tensor/create.ts'
import { backThrough, isTracing } from './tensor/describing.ts'
import { type Node, Tensor } from './tensor/graph.ts'
import { broadcastShapes, formatShape, sameShape } from './tensor/shape.ts'

/** Tensors in a structure: one, a list, or named ones. */
export type Tree = Tensor | readonly Tensor[] | { readonly [name: string]: Tensor }
/** The same structure, filled with tensors. */
export type Same<T extends Tree> = T extends Tensor ? Tensor : { -readonly [K in keyof T]: Tensor }

/** The tensors of a structure, in order. */
export function leavesOf(tree: Tree): readonly Tensor[] {
  if (tree instanceof Tensor) return [tree]
  return Array.isArray(tree) ? tree : Object.values(tree)
}

/** A structure like `tree` with other tensors in the same order. */
export function likeTree<T extends Tree>(tree: T, tensors: readonly Tensor[]): Same<T> {
  if (tree instanceof Tensor) return tensors[0] as Same<T>
  if (Array.isArray(tree)) return [...tensors] as Same<T>
  return Object.fromEntries(Object.keys(tree).map((name, i) => [name, tensors[i]])) as Same<T>
}

/**
 * The gradient of y with respect to tensors that y was computed from: Σ dy·∂y/∂x, in the shape of each.
 * Tensors that y does not depend on get zeros.
 * @param of one tensor, a list, or named tensors; the result has the same structure
 * @param dy the gradient of y itself, in the shape of y; without it y must have one element, and dy is 1
 * @throws ERR_SHAPE when dy does not fit y, ERR_DATA when y, or something that leads from a target to y, was read before:
 *   reading drops how it was computed; and for what is no tensor, or int32
 */
export function gradient<const T extends Tree>(y: Tensor, of: T, dy?: TensorLike): Same<T> {
  refuseOthers(y, of)
  return derive(y, of, dy)
}

function refuseOthers(y: unknown, of: unknown): void {
  const list = typeof of === 'object' && of !== null ? leavesOf(of as Tree) : [of]
  for (const [name, t] of [['y', y], ...Array.from(list, (target) => ['the target', target])]) {
    if (!(t instanceof Tensor))
      throw new ChainruleError('ERR_DATA', `gradient: expected ${name} to be a tensor, got ${describeValue(t)}`)
    if (!isFloat(t))
      throw new ChainruleError(
        'ERR_DATA',
        `gradient: ${name} of shape ${formatShape(t.shape)} is int32, which has no derivative. Compute with ` +
          'cast("float32") of it, and take the gradient for that.',
      )
  }
}

function derive<const T extends Tree>(y: Tensor, of: T, dy?: TensorLike): Same<T> {
  const targets = leavesOf(of)
  const seed = dy === undefined ? startAt(y) : toFloat(toTensor(dy))
  const fits = broadcastShapes(seed.shape, y.shape)
  if (!fits || !sameShape(fits, y.shape))
    throw new ChainruleError(
      'ERR_SHAPE',
      `gradient: dy has shape ${formatShape(seed.shape)}, but y has shape ${formatShape(y.shape)}`,
    )
  if (y.node === null && !targets.includes(y))
    throw new ChainruleError(
      'ERR_DATA',
      'gradient: y has already been computed by a read, which drops how. Take the gradient before reading y.',
    )
  const gradients = new Gradients(y, broadcastTo(seed, y.shape))
  const pending = pendingNodes([y])
  refuseForgotten(pending, targets)
  const nodes = pathsTo(new Set(targets), pending)
  for (let i = nodes.length - 1; i >= 0; i--) backThrough(nodes[i]!, () => stepBack(nodes[i]!, gradients))
  return likeTree(
    of,
    targets.map((t) => gradients.of(t) ?? zeros(t.shape)),
  )
}

/** What was read has lost how it was computed: a gradient through it would be zero, or too small, without a word. */
function refuseForgotten(pending: readonly Node[], targets: readonly Tensor[]): void {
  for (const { inputs } of pending)
    for (const { past, shape } of inputs)
      if (past && targets.some((t) => past.mayHold(t.id, t.isVariable)))
        throw new ChainruleError(
          'ERR_DATA',
          `gradient: y depends on a tensor of shape ${formatShape(shape)} that has already been computed, by a read or ` +
            'because over 1,000 operations were pending, which drops how. Describe it again, or take the gradient ' +
            'before reading; long computations belong into program() or trainStep(). If it is meant as a constant, ' +
            'write tensor(x.data()), with its shape.',
        )
}

function startAt(y: Tensor): Tensor {
  if (y.size() === 1) return full(y.shape, 1)
  throw new ChainruleError(
    'ERR_SHAPE',
    `gradient: y has shape ${formatShape(y.shape)}; without dy it must have one element. Reduce it with sum() or ` +
      'mean(), or give dy.',
  )
}

/** The nodes on a path from a target to y, inputs before users. */
function pathsTo(targets: ReadonlySet<Tensor>, pending: readonly Node[]): Node[] {
  const reached = new Set<Tensor>(targets)
  return pending.filter((node) => {
    if (!node.inputs.some((t) => reached.has(t.origin) && isFloat(t))) return false
    if (isTracing() && !node.traced) throw describedOutside(node)
    for (const output of node.outputs) reached.add(output)
    return true
  })
}

function describedOutside({ operation, outputs }: Node): ChainruleError {
  return new ChainruleError(
    'ERR_DATA',
    `gradient: y depends on the result of ${operation.name}, of shape ${formatShape(outputs[0]!.shape)}, which was ` +
      'described outside of the program and keeps the value that it had. Describe it inside the function.',
    { operation: operation.name },
  )
}

function isFloat(t: Tensor): boolean {
  return t.dtype === 'float32'
}

/** The gradients that reach each tensor, until somebody asks for their sum: then those of its parts are put together. */
class Gradients {
  readonly #terms = new Map<Tensor, { terms: Tensor[]; from: Node | null }>()

  constructor(y: Tensor, dy: Tensor) {
    this.#terms.set(y, { terms: [dy], from: null })
  }

  /** @param from whose way back it is a part of */
  add(t: Tensor, term: Tensor, from: Node): void {
    const before = this.#terms.get(t)
    if (before) before.terms.push(term)
    this.#terms.set(t, { terms: before?.terms ?? [term], from })
  }

  of(t: Tensor): Tensor | null {
    const all = this.#terms.get(t)
    if (!all) return null
    const { terms, from } = all
    if (terms.length > 1) terms.splice(0, terms.length, from ? backThrough(from, () => addUp(terms)) : addUp(terms))
    return terms[0]!
  }
}

function stepBack(node: Node, gradients: Gradients): void {
  const dy = node.outputs.map((output) => gradients.of(output))
  if (dy.every((d) => d === null)) return
  const { operation } = node
  if (!operation.gradient && !operation.reference) throw withoutDerivative(operation.name)
  const parts = operation.gradient?.(node, dy) ?? throughReference(node, dy)
  for (const [i, input] of node.inputs.entries()) {
    const part = parts[i]
    if (!part || !isFloat(input)) continue
    gradients.add(input.origin, sumTo(part, input), node)
  }
}

/** It would end the way back without a word, and what lies before it would have a gradient of zero. */
function withoutDerivative(operation: string): ChainruleError {
  const message = `gradient: ${operation} has no derivative. Take the gradient of what lies behind it.`
  return new ChainruleError('ERR_OPTION', message, { operation })
}

/** A fused operation without a rule of its own: the chain rule through the simpler operations that it stands for. */
function throughReference({ operation, inputs, attributes }: Node, dy: readonly (Tensor | null)[]): Tensor[] {
  // Aliases end the walk: that one input may come from another is not this node's business.
  const own = inputs.map(alias)
  const outputs = operation.reference!(own, attributes)
  const parts = outputs.flatMap((y, i) => (dy[i] ? [derive(y, own, dy[i])] : []))
  return own.map((_, i) => parts.map((part) => part[i]!).reduce((a, b) => add(a, b)))
}

/** Sums a gradient over the axes along which its input was broadcast. */
function sumTo(dy: Tensor, x: Tensor): Tensor {
  if (sameShape(dy.shape, x.shape)) return dy
  const lead = dy.rank - x.rank
  const axes = dy.shape.flatMap((n, i) => (i < lead || (x.shape[i - lead] === 1 && n !== 1) ? [i] : []))
  return reshape(sum(dy, { axis: axes, keepdims: true }), x.shape)
}

/** The derivative of a function of tensors with one result: `grad(x => x.square().sum())(3)` is 6. For the first input. */
export function grad<A extends Tensor[]>(f: (...x: A) => Tensor): (...x: { [K in keyof A]: TensorLike }) => Tensor {
  if (typeof f !== 'function')
    throw new ChainruleError('ERR_OPTION', `grad: expected a function of tensors, got ${describeValue(f)}`)
  return (...x) => {
    // Fresh leaves: what the caller passes may have been computed in any way.
    const inputs = x.map((value) => toFloat(tensor(value))) as A
    return gradient(f(...inputs), inputs[0]!)
  }
}
