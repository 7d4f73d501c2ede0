import { attention, composedAttention } from '../../ops/attention.ts'
import { mul } from '../../ops/elementwise.ts'
import { reshape } from '../../ops/movement.ts'
import { randomDropout } from '../../ops/random.ts'
import { rotary } from '../../ops/rotary.ts'
import { boolean, checkOptions, number, optional, optionError, positiveInteger } from '../../options.ts'
import { describeError, shapeError } from '../../tensor/describing.ts'
import { Tensor } from '../../tensor/graph.ts'
import { formatShape, type Shape, sameShape } from '../../tensor/shape.ts'
import type { Context } from '../context.ts'
import { Layer, type ShapeOf } from '../layer.ts'
import { checkedMask, maskOf, refuseOtherKinds, zerosAndOnes } from '../masks.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { type KernelOptions, weightTable } from '../weights.ts'
import { Projection } from './projection.ts'

/** Self-attention for one tensor; cross-attention for named ones (`key` is `value` where it is not given). */
export type AttentionInput =
  | Tensor
  | { readonly query: Tensor; readonly value: Tensor }
  | { readonly query: Tensor; readonly value: Tensor; readonly key: Tensor }

export interface MultiHeadAttentionOptions extends LayerOptions, Omit<KernelOptions, 'activation'> {
  /** Of a head's values; default `keyDim`. */
  valueDim?: number
  /** Heads of keys and values, each for numHeads / numKeyValueHeads heads of queries; default `numHeads`. */
  numKeyValueHeads?: number
  /** Of the weights that values get, in training; default 0. */
  dropout?: number
  /** Whether step i sees only steps 0 to i; default false. */
  causal?: boolean
  /** Whether queries and keys are turned by their positions; default false. */
  rotary?: boolean
}

const table = {
  numHeads: positiveInteger,
  keyDim: positiveInteger,
  valueDim: optional(positiveInteger),
  numKeyValueHeads: optional(positiveInteger),
  dropout: optional(number({ min: 0, below: 1 }), 0),
  useBias: optional(boolean, true),
  causal: optional(boolean, false),
  rotary: optional(boolean, false),
  ...weightTable('kernel'),
  ...weightTable('bias'),
  ...layerTable,
}

interface Parts {
  readonly query: Tensor
  readonly key: Tensor
  readonly value: Tensor
}

export class MultiHeadAttention extends Layer<AttentionInput, Tensor> {
  static readonly type = 'multiHeadAttention'
  /** Lists, or tensors by name, too. */
  static readonly takesSeveral: boolean = true
  readonly query: Projection
  readonly key: Projection
  readonly value: Projection
  attentionOutput: Projection | null = null
  readonly #checked

  constructor(options: MultiHeadAttentionOptions & { numHeads: number; keyDim: number }) {
    const checked = checkOptions('multiHeadAttention', options, table)
    const { numHeads, keyDim, valueDim = keyDim, numKeyValueHeads = numHeads } = checked
    if (numHeads % numKeyValueHeads !== 0)
      throw optionError(
        { where: 'multiHeadAttention', name: 'numKeyValueHeads' },
        `a number that divides the ${numHeads} heads`,
        numKeyValueHeads,
        'Each head of keys and values serves as many heads of queries.',
      )
    if (checked.rotary && keyDim % 2 !== 0)
      throw optionError(
        { where: 'multiHeadAttention', name: 'keyDim' },
        'even with rotary positions',
        keyDim,
        'They turn pairs of numbers.',
      )
    super(checked)
    this.#checked = checked
    this.query = new Projection('query', 1, [numHeads, keyDim], checked)
    this.key = new Projection('key', 1, [numKeyValueHeads, keyDim], checked)
    this.value = new Projection('value', 1, [numKeyValueHeads, valueDim], checked)
  }

  protected override build(shape: ShapeOf<AttentionInput>): void {
    const query = (Array.isArray(shape) ? shape : (shape as { readonly query: Shape }).query) as Shape
    if (!Array.isArray(query) || query.length !== 3)
      throw shapeError('multiHeadAttention', `expected queries [batch, t, features], got ${formatShape(query ?? [])}`)
    this.attentionOutput = new Projection('attentionOutput', 2, [query[2]!], this.#checked)
  }

  protected forward(x: AttentionInput, { mode, mask }: Context): Tensor {
    const parts = partsOf(x)
    refuseOtherParts(parts)
    const { keyDim, dropout, causal, rotary: turns } = this.#checked
    const heads = { query: this.query.apply(parts.query), key: this.key.apply(parts.key) }
    const [q, k] = turns ? [rotary(heads.query), rotary(heads.key)] : [heads.query, heads.key]
    const v = this.value.apply(parts.value)
    const seen = sightOf(parts, mask)
    const attributes = { scale: 1 / Math.sqrt(keyDim), causal }
    const drops = mode === 'train' && dropout > 0
    const inputs = seen ? [q, k, v, seen] : [q, k, v]
    const y = drops
      ? composedAttention(inputs, attributes, (p) => randomDropout(p, dropout))
      : attention(q, k, v, attributes, seen)
    return this.attentionOutput!.apply(y)
  }

  protected override computeMask(x: AttentionInput): Tensor | undefined {
    return maskOf(partsOf(x).query)
  }

  protected override acceptMask(x: AttentionInput, mask: Tensor): Tensor {
    const { query, value } = partsOf(x)
    refuseOtherKinds(mask)
    if (mask.rank !== 3) {
      const steps = checkedMask(mask, value)
      // Of one tensor it is what that carries; else it is about the keys, whatever the query carries.
      return x instanceof Tensor ? steps : reshape(steps, [steps.shape[0]!, 1, steps.shape[1]!])
    }
    const pairs = [query.shape[0]!, query.shape[1]!, value.shape[1]!]
    if (sameShape(mask.shape, pairs)) return zerosAndOnes(mask)
    throw shapeError(
      'mask',
      `expected a mask ${formatShape(pairs)}, [batch, queries, keys], or of steps, [batch, keys], got ${formatShape(mask.shape)}`,
    )
  }
}

function partsOf(x: AttentionInput): Parts {
  if (x instanceof Tensor) return { query: x, key: x, value: x }
  const { query, value, key = value } = x as Parts
  const given = Object.keys(x)
  if (query && value && given.every((name) => ['query', 'value', 'key'].includes(name))) return { query, key, value }
  throw describeError(
    'ERR_DATA',
    'multiHeadAttention',
    `expected one tensor, or { query, value } or { query, value, key }, got { ${given.join(', ')} }`,
  )
}

function refuseOtherParts({ query, key, value }: Parts): void {
  const shapes = [query, key, value].map(({ shape }) => shape)
  const [q, k, v] = shapes as [Shape, Shape, Shape]
  const fits = shapes.every((s) => s.length === 3) && q[0] === k[0] && sameShape(k.slice(0, 2), v.slice(0, 2))
  if (fits) return
  throw shapeError(
    'multiHeadAttention',
    'expected queries [batch, t, features], and keys and values of one batch and as many steps, got query ' +
      `${formatShape(q)}, key ${formatShape(k)}, value ${formatShape(v)}`,
  )
}

/** Which query sees which key, as far as masks say; it broadcasts to [batch, heads, queries, keys]. */
function sightOf({ query, key, value }: Parts, given: Tensor | undefined): Tensor | undefined {
  const [batch, queries] = query.shape as [number, number]
  const keys = value.shape[1]!
  const own = given?.rank === 3 ? given : undefined
  const masks: Tensor[] = []
  const add = (mask: Tensor | undefined, shape: Shape) => mask && masks.push(reshape(mask, shape))
  add(maskOf(query), [batch, 1, queries, 1])
  add(maskOf(value), [batch, 1, 1, keys])
  if (key !== value) add(maskOf(key), [batch, 1, 1, keys])
  add(own, [batch, 1, own?.shape[1] ?? 1, keys])
  return masks.length > 0 ? masks.reduce((a, b) => mul(a, b)) : undefined
}

/**
 * Attention with several heads (Vaswani et al., "Attention is all you need", 2017): for each head
 * softmax(q·kᵀ / √keyDim)·v, and a projection of all heads together. Of one tensor [batch, t, features] it is
 * self-attention; of { query, value } the queries look at the values ([batch, keys, features]), with `key` for keys of
 * their own. The output is [batch, t, features of the query].
 *
 * Parameters as in Keras: `query.kernel` [features, numHeads, keyDim], `key.kernel` and `value.kernel` [features,
 * numKeyValueHeads, keyDim or valueDim], `attentionOutput.kernel` [numHeads, valueDim, features], and biases. PyTorch's
 * `nn.MultiheadAttention` has q, k and v in one matrix, of heads that divide the features.
 *
 * Masks: steps that the mask of the value (or key) leaves out are not seen; those that the mask of the query leaves out see
 * nothing, and get the mean of all values, as in Keras. `apply(x, { mask })` takes int32 [batch, keys], or [batch, queries,
 * keys] for pairs. The output carries the mask of the query. With fewer key/value heads it is Keras's
 * GroupedQueryAttention (Ainslie et al., "GQA", 2023). `rotary`: see Su et al., "RoFormer", 2021, the halves of a head
 * turned as in GPT-NeoX.
 */
export function multiHeadAttention(
  numHeads: number,
  keyDim: number,
  options: MultiHeadAttentionOptions = {},
): MultiHeadAttention {
  return new MultiHeadAttention({ numHeads, keyDim, ...options })
}
