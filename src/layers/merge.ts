import { add, div, maximum, minimum, mul, sub, toFloat, where } from '../ops/elementwise.ts'
import { matmul } from '../ops/matmul.ts'
import { reshape, transpose } from '../ops/movement.ts'
import { concat } from '../ops/slice.ts'
import { type Check, checkOptions, oneOf, optional, optionError } from '../options.ts'
import { ones } from '../tensor/create.ts'
import { describeError, shapeError } from '../tensor/describing.ts'
import { Tensor } from '../tensor/graph.ts'
import { broadcastShapes, formatShape, type Shape, sizeOf } from '../tensor/shape.ts'
import { checkedAxis } from '../tensor/sizes.ts'
import { Layer } from './layer.ts'
import { maskOf } from './masks.ts'
import { type LayerOptions, layerTable } from './options.ts'

const ways = ['add', 'subtract', 'multiply', 'average', 'maximum', 'minimum', 'concatenate', 'dot'] as const
export type Merging = (typeof ways)[number]

export interface MergeOptions extends LayerOptions {
  /** Of 'concatenate' and 'dot': along which axis; default −1, the last. */
  axis?: number
}

const axisOption: Check<number> = (value, subject) => {
  if (Number.isSafeInteger(value)) return value as number
  throw optionError(subject, 'an axis', value, 'Give a whole number, negative from the end.')
}

const table = { how: oneOf(ways), axis: optional(axisOption), ...layerTable }

const list = (inputs: readonly Tensor[]) => inputs.map(({ shape }) => formatShape(shape)).join(', ')

// ---- element by element

/** Axes of size 1 behind the batch, until all have as many. */
function sameRank(how: Merging, inputs: readonly Tensor[]): Tensor[] {
  const rank = Math.max(...inputs.map((t) => t.rank))
  const grown = inputs.map((t) => {
    if (t.rank === rank || t.rank === 0) return t
    return reshape(t, [t.shape[0]!, ...Array<number>(rank - t.rank).fill(1), ...t.shape.slice(1)])
  })
  const fits = grown.reduce<Shape | null>((shape, t) => shape && broadcastShapes(shape, t.shape), grown[0]!.shape)
  if (!fits)
    throw shapeError(
      'merge',
      `'${how}' needs inputs of one shape, or such that one repeats along axes of size 1, got ${list(inputs)}`,
    )
  return grown
}

/** The mask of x beside it, and x where it counts; else what the others are not changed by. */
function where1(x: Tensor, mask: Tensor | undefined, other: Tensor | number): Tensor {
  if (!mask) return x
  return where(reshape(mask, [...mask.shape, ...Array<number>(x.rank - 2).fill(1)]), x, other)
}

/** Of two, the steps that count in one of them alone are those of that one. */
function extreme(
  of: (a: Tensor, b: Tensor) => Tensor,
  inputs: readonly Tensor[],
  masks: readonly (Tensor | undefined)[],
) {
  let [result, mask] = [inputs[0]!, masks[0]]
  for (const [i, x] of inputs.entries()) {
    if (i === 0) continue
    const own = masks[i]
    result = of(where1(result, mask, x), where1(x, own, result))
    mask = mask && own ? maximum(mask, own) : undefined
  }
  return result
}

type Elementwise = Exclude<Merging, 'concatenate' | 'dot'>

function elementwise(how: Elementwise, given: readonly Tensor[]): Tensor {
  const inputs = sameRank(how, given)
  const masks = given.map(maskOf)
  switch (how) {
    case 'add':
      return inputs.reduce((a, b) => add(a, b))
    case 'average':
      return div(
        inputs.reduce((a, b) => add(a, b)),
        inputs.length,
      )
    case 'multiply':
      return inputs.map((x, i) => where1(x, masks[i], 1)).reduce((a, b) => mul(a, b))
    case 'subtract':
      return sub(inputs[0]!, inputs[1]!)
    case 'maximum':
      return extreme(maximum, inputs, masks)
    case 'minimum':
      return extreme(minimum, inputs, masks)
  }
}

// ---- along an axis

function concatenated(inputs: readonly Tensor[], axis: number): Tensor {
  const first = inputs[0]!
  const i = checkedAxis('merge', axis, first.shape)
  const fits = (t: Tensor) => t.rank === first.rank && t.shape.every((size, k) => k === i || size === first.shape[k])
  if (inputs.every(fits)) return concat(inputs, i)
  throw shapeError('merge', `'concatenate' needs inputs that differ along axis ${axis} only, got ${list(inputs)}`)
}

/** Σ along an axis of both: [batch, rest of a, rest of b]. */
function dotted(a: Tensor, b: Tensor, axis: number): Tensor {
  const [i, j] = [checkedAxis('merge', axis, a.shape), checkedAxis('merge', axis, b.shape)]
  if (i === 0 || j === 0)
    throw shapeError('merge', "'dot' works sample by sample: axis 0, the batch, cannot be its axis")
  if (a.shape[i] !== b.shape[j])
    throw shapeError('merge', `'dot' needs inputs of one size along axis ${axis}, got ${list([a, b])}`)
  const rest = (t: Tensor, without: number) => t.shape.map((_, k) => k).filter((k) => k !== 0 && k !== without)
  const [ra, rb] = [rest(a, i), rest(b, j)]
  const [sa, sb] = [ra.map((k) => a.shape[k]!), rb.map((k) => b.shape[k]!)]
  const [n, size] = [a.shape[0]!, a.shape[i]!]
  const left = reshape(transpose(a, [0, ...ra, i]), [n, sizeOf(sa), size])
  const right = reshape(transpose(b, [0, j, ...rb]), [n, size, sizeOf(sb)])
  const shape = [n, ...sa, ...sb]
  return reshape(matmul(left, right), shape.length > 1 ? shape : [n, 1])
}

export class Merge extends Layer<readonly Tensor[], Tensor> {
  static readonly type = 'merge'
  /** Lists, or tensors by name, too. */
  static readonly takesSeveral: boolean = true
  readonly #how: Merging
  readonly #axis: number

  constructor(options: MergeOptions & { how: Merging }) {
    const checked = checkOptions('merge', options, table)
    super(checked)
    if (checked.axis !== undefined && checked.how !== 'concatenate' && checked.how !== 'dot')
      throw optionError(
        { where: 'merge', name: 'axis' },
        `left out for '${checked.how}'`,
        checked.axis,
        "It is for 'concatenate' and 'dot'.",
      )
    this.#how = checked.how
    this.#axis = checked.axis ?? -1
  }

  protected forward(given: readonly Tensor[]): Tensor {
    const how = this.#how
    if (given instanceof Tensor || !Array.isArray(given))
      throw describeError('ERR_DATA', 'merge', `takes a list of tensors: apply([a, b])`)
    const pairs = how === 'subtract' || how === 'dot'
    if (pairs && given.length !== 2)
      throw describeError('ERR_DATA', 'merge', `'${how}' takes two tensors, got ${given.length}`)
    const batches = new Set(given.map(({ shape }) => shape[0]))
    if (batches.size > 1) throw shapeError('merge', `the inputs have batches of different sizes: ${list(given)}`)
    // Carried masks are looked up by tensor: a cast would lose them.
    const inputs = given.map((t) => (t.dtype === 'float32' ? t : toFloat(t)))
    if (how === 'concatenate') return concatenated(inputs, this.#axis)
    return how === 'dot' ? dotted(inputs[0]!, inputs[1]!, this.#axis) : elementwise(how, inputs)
  }

  /** As Keras: a step counts where it does for any input, if all have masks; side by side, each keeps its own. */
  protected override computeMask(inputs: readonly Tensor[]): Tensor | undefined {
    const masks = inputs.map(maskOf)
    const known = masks.filter((mask) => mask !== undefined)
    if (this.#how === 'dot' || known.length === 0) return undefined
    const isAlongSteps = this.#how === 'concatenate' && checkedAxis('merge', this.#axis, inputs[0]!.shape) === 1
    if (isAlongSteps)
      return concat(
        inputs.map((t, i) => masks[i] ?? ones(t.shape.slice(0, 2), 'int32')),
        1,
      )
    return known.length === masks.length ? known.reduce((a, b) => maximum(a, b)) : undefined
  }
}

/**
 * Merges a list of tensors [batch, ...], element by element ('add', 'subtract', 'multiply', 'average', 'maximum', 'minimum'), or
 * along `axis`: 'concatenate' puts them side by side, 'dot' gives Σ aᵢbᵢ of two, [batch, rest of a, rest of b], or [batch, 1]
 * where nothing is left. Element by element, sizes are equal or 1, and a tensor with fewer axes gets some of size 1 behind the
 * batch.
 */
export function merge(how: Merging, options: MergeOptions = {}): Merge {
  return new Merge({ how, ...options })
}
