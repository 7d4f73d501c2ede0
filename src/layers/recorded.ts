/**
 * Graphs of layers. What depends on an `input` has a shape and no values: operations on it are nodes as ever, and a layer
 * that is applied to it is one node, a call. `new Model({ inputs, outputs })` describes them again for each batch.
 */
import { leavesOf, type Tree } from '../gradient.ts'
import { checkOptions, oneOf, optional } from '../options.ts'
import { withValuesLater } from '../parameters/parameter.ts'
import { describeOnly } from '../program/traced.ts'
import { applyAll } from '../tensor/apply.ts'
import { expectUnknownBatch, sizeAt, unknownBatch, whileBatchIs } from '../tensor/batch.ts'
import { describeError, shapeError } from '../tensor/describing.ts'
import { type Node, type Operation, type Spec, Tensor } from '../tensor/graph.ts'
import { feed } from '../tensor/leaves.ts'
import { type DType, formatShape, type Shape } from '../tensor/shape.ts'
import { checkedShape } from '../tensor/sizes.ts'
import { symbolicOf } from '../tensor/symbolic.ts'
import type { Mode } from './context.ts'
import { nameOption } from './options.ts'
import { wholeOrNothing } from './whole.ts'

// ---- inputs

const names = new WeakMap<Tensor, string>()
const inputTable = { dtype: optional(oneOf<DType>(['float32', 'int32']), 'float32'), name: optional(nameOption, '') }
// Sizes of a sample must not be taken for the batch.
const largestSize = unknownBatch / 8

/**
 * A symbolic tensor: where a graph of layers begins. Layers and operations on it are recorded, for
 * `new Model({ inputs, outputs })`. Its first axis is the batch, which has no size yet: in `shape` a number stands for it.
 * @param shape of one sample, without the batch
 * @param options `dtype`: 'float32' (default), or 'int32' for class numbers and ids; `name`: for errors, `summary` and `plot`
 */
export function input(shape: Shape, options: { dtype?: DType; name?: string } = {}): Tensor {
  const { dtype, name } = checkOptions('input', options, inputTable)
  const sample = checkedShape('input', shape, 1)
  if (sample.some((n) => n > largestSize))
    throw shapeError('input', `expected sizes of at most ${Math.floor(largestSize)}, got ${formatShape(sample)}`)
  expectUnknownBatch()
  const made = new Tensor({ shape: checkedShape('input', [unknownBatch, ...sample], 1), dtype }, { symbolic: 'input' })
  names.set(made, name)
  return made
}

/** The name that an input was given; '' without. */
export const nameOfInput = (t: Tensor): string => names.get(t) ?? ''

/** Whether a layer that is applied to this is recorded. */
export const isRecorded = (x: Tree): boolean => leavesOf(x).some((t) => t.symbolic === 'input')

// ---- the structure of what a layer takes and gives

/** null: one tensor; a number: a list of so many; or names. */
export type Structure = null | number | readonly string[]

export function structureOf(tree: Tree): Structure {
  if (tree instanceof Tensor) return null
  return Array.isArray(tree) ? tree.length : Object.keys(tree)
}

export function treeOf(structure: Structure, tensors: readonly Tensor[]): Tree {
  if (structure === null) return tensors[0]!
  if (typeof structure === 'number') return [...tensors]
  return Object.fromEntries(structure.map((name, i) => [name, tensors[i]!]))
}

// ---- calls of layers

interface CallOptions {
  mode?: Mode
  mask?: Tensor
}

interface Callable {
  apply(x: Tree, options?: CallOptions): Tree
}

/** One call of a layer in a graph. */
export interface Call<L extends Callable = Callable> {
  readonly layer: L
  /** undefined: that of the model. */
  readonly mode: Mode | undefined
  readonly takes: Structure
  /** Whether a mask follows what it takes. */
  readonly isMasked: boolean
  readonly gives: Structure
  readonly specs: readonly Spec[]
}

const callOperation: Operation<Call> = {
  name: 'call',
  infer: (_, { specs }) => specs,
  gradient: () => {
    throw describeError(
      'ERR_NOT_FED',
      'gradient',
      'in a graph of layers there is no gradient through a layer. Write a layer of your own that computes it in forward.',
    )
  },
}

/** The call that a node of a graph is; null where it is an operation. */
export function callOf(node: Node): Call | null {
  return node.operation === callOperation ? (node.attributes as Call) : null
}

/** Calls the layer again, with other inputs of the same structure. */
export function callAgain(
  { layer, mode, takes, isMasked }: Omit<Call, 'gives' | 'specs'>,
  inputs: readonly Tensor[],
): Tree {
  const mask = isMasked ? inputs.at(-1)! : undefined
  const x = treeOf(takes, isMasked ? inputs.slice(0, -1) : inputs)
  return layer.apply(x, { ...(mode && { mode }), ...(mask && { mask }) })
}

/** Records a layer that is applied to symbolic tensors. It is built, for its shapes; who takes it over gives it its values. */
export function recordCall(layer: Callable, name: string, x: Tree, { mode, mask }: CallOptions): Tree {
  const inputs = [...leavesOf(x), ...(mask ? [mask] : [])]
  symbolicOf(name, false, inputs)
  const call = { layer, mode, takes: structureOf(x), isMasked: mask !== undefined }
  const described = withValuesLater(() =>
    wholeOrNothing(() => describedForAny(name, inputs, (tensors) => callAgain(call, tensors))),
  )
  return treeOf(described.gives, applyAll(callOperation, inputs, { ...call, ...described }))
}

// Outputs are compared for two batches: what differs follows the batch. Not every layer takes odd ones. Errors show the
// first as `batch`, and hardly any other axis is as long.
const batch = 104
const others = [2 * batch, batch + 1]

type Described = Pick<Call, 'gives' | 'specs'>

type Apply = (inputs: readonly Tensor[]) => Tree

function describedForAny(name: string, inputs: readonly Tensor[], apply: Apply): Described {
  const at = (size: number) => whileBatchIs(size, () => describeOnly(() => describedAt(size, inputs, apply)))
  const one = at(batch)
  let other = others[0]!
  let second: Described
  try {
    second = at(other)
  } catch {
    other = others[1]!
    second = at(other)
  }
  return inferred(name, one, second, other)
}

function describedAt(size: number, inputs: readonly Tensor[], apply: Apply): Described {
  const shapeOf = (t: Tensor) => t.shape.map((n) => sizeAt(n, size))
  const out = apply(inputs.map((t) => (t.symbolic === 'input' ? feed(shapeOf(t), t.stored, 'x') : t)))
  return { gives: structureOf(out), specs: leavesOf(out).map(({ shape, stored }) => ({ shape, dtype: stored })) }
}

/** Each size as a multiple of the batch, and what is added, from its values for two batches. */
function inferred(name: string, one: Described, other: Described, otherBatch: number): Described {
  const specs = one.specs.map(({ shape, dtype }, i) => {
    const second = other.specs[i]?.shape
    const sizes = shape.map((n, axis) => {
      const times = ((second?.[axis] ?? Number.NaN) - n) / (otherBatch - batch)
      if (times === 0) return n
      if (Number.isInteger(times) && times > 0) return times * unknownBatch + (n - times * batch)
      const got = second ? `, and ${formatShape(second)} for ${otherBatch}` : ''
      throw shapeError(
        name,
        `its output has shape ${formatShape(shape)} for a batch of ${batch}${got}, which follows no rule`,
      )
    })
    return { shape: sizes, dtype }
  })
  return { gives: one.gives, specs }
}
