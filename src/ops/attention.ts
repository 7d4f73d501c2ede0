/**
 * Attention: softmax(scale·q·kᵀ)·v for each head. Fused it is one pass over tiles of keys, forward and back (Dao et al.,
 * "FlashAttention", 2022): the scores are never all there.
 *
 * q [batch, queries, heads, d], k [batch, keys, shared, d], v [batch, keys, shared, w], as projections write them; the
 * result is [batch, queries, heads, w]. With fewer heads of keys and values each serves heads / shared heads of queries.
 */
import { apply, applyAll } from '../tensor/apply.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Node, Operation, Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { defineOperation } from '../tensor/operations.ts'
import { broadcastShapes, formatShape, type Shape, sameShape, stridesOf } from '../tensor/shape.ts'
import { add, exp, log, mul, notEqual, sub, where } from './elementwise.ts'
import { matmul } from './matmul.ts'
import { broadcastTo, reshape, transpose } from './movement.ts'
import { max, sum } from './reduce.ts'
import { softmax } from './softmax.ts'

export interface Attention {
  readonly scale: number
  /** Query i sees keys 0 to i. */
  readonly causal: boolean
}

/** The longest head that the kernel takes. */
const largestHead = 128

// As Keras: where a query sees no key, all keys count the same.
const hidden = -1e9
const lastAxis = { axis: -1, keepdims: true }

interface Sizes {
  readonly batch: number
  readonly queries: number
  readonly keys: number
  readonly heads: number
  readonly shared: number
  readonly d: number
  readonly w: number
}

function sizesOf([q, k, v]: readonly Tensor[]): Sizes {
  const [batch, queries, heads, d] = q!.shape as [number, number, number, number]
  const [, keys, shared] = k!.shape as [number, number, number]
  return { batch, queries, keys, heads, shared, d, w: v!.shape[3]! }
}

function refuseOthers([q, k, v, mask]: readonly Tensor[]): void {
  const [a, b, c] = [q!, k!, v!].map(({ shape }) => shape) as [Shape, Shape, Shape]
  const fits =
    [a, b, c].every((s) => s.length === 4) &&
    a[0] === b[0] &&
    a[3] === b[3] &&
    sameShape(b.slice(0, 3), c.slice(0, 3)) &&
    a[2]! % b[2]! === 0
  if (!fits)
    throw shapeError(
      'attention',
      `expected queries [batch, queries, heads, d], keys [batch, keys, shared, d] and values [batch, keys, shared, w] with ` +
        `heads a multiple of shared, got ${[a, b, c].map(formatShape).join(', ')}`,
    )
  if (!mask) return
  const scores = [a[0]!, a[2]!, a[1]!, b[1]!]
  const both = mask.rank === 4 ? broadcastShapes(mask.shape, scores) : null
  if (mask.dtype !== 'int32' || !both || !sameShape(both, scores))
    throw shapeError(
      'attention',
      `expected an int32 mask that broadcasts to ${formatShape(scores)}, got ${mask.dtype} ${formatShape(mask.shape)}`,
    )
}

// ---- composed of other operations

/** [batch, n, heads, d] by head: [batch, heads, n, d], a head of keys for each head of queries. */
function byHead(x: Tensor, heads: number): Tensor {
  const [batch, n, shared, d] = x.shape as [number, number, number, number]
  const turned = transpose(x, [0, 2, 1, 3])
  if (heads === shared) return turned
  const repeated = broadcastTo(reshape(turned, [batch, shared, 1, n, d]), [batch, shared, heads / shared, n, d])
  return reshape(repeated, [batch, heads, n, d])
}

/** And back, summed over the heads of queries that a head of keys serves. */
function shared(x: Tensor, heads: number): Tensor {
  const [batch, all, n, d] = x.shape as [number, number, number, number]
  const own = all === heads ? x : sum(reshape(x, [batch, heads, all / heads, n, d]), { axis: 2 })
  return transpose(own, [0, 2, 1, 3])
}

/** 1 where a query sees a key, [.., queries, keys] of four axes; null where all see all. */
function sight(queries: number, keys: number, causal: boolean, mask: Tensor | undefined): Tensor | null {
  const given = mask ? notEqual(mask, 0) : null
  if (!causal) return given
  const values = new Int32Array(queries * keys)
  for (let i = 0; i < queries; i++) values.fill(1, i * keys, i * keys + Math.min(i + 1, keys))
  const earlier = constant(values, [1, 1, queries, keys])
  return given ? mul(given, earlier) : earlier
}

function scoresOf(inputs: readonly Tensor[], { scale, causal }: Attention): Tensor {
  const { queries, keys, heads } = sizesOf(inputs)
  const [q, k, , mask] = inputs
  const products = matmul(byHead(q!, heads), transpose(byHead(k!, heads), [0, 1, 3, 2]))
  const seen = sight(queries, keys, causal, mask)
  return seen ? where(seen, mul(products, scale), hidden) : mul(products, scale)
}

/** The same by products and a softmax. `change` is applied to the probabilities, as dropout is. */
export function composedAttention(
  inputs: readonly Tensor[],
  attributes: Attention,
  change: (p: Tensor) => Tensor = (p) => p,
): Tensor {
  refuseOthers(inputs)
  const { heads } = sizesOf(inputs)
  const weights = change(softmax(scoresOf(inputs, attributes)))
  return transpose(matmul(weights, byHead(inputs[2]!, heads)), [0, 2, 1, 3])
}

// In place of the logarithm where a query sees no key: the largest float32, as Infinity is an error in debug mode.
const blind = 2 ** 128 - 2 ** 104

/** log Σ e^score of each query, [batch, heads, queries]. */
function logarithms(inputs: readonly Tensor[], attributes: Attention): Tensor {
  const scores = scoresOf(inputs, attributes)
  const top = max(scores, lastAxis)
  const all = add(top, log(sum(exp(sub(scores, top)), lastAxis)))
  return reshape(where(notEqual(top, hidden), all, blind), all.shape.slice(0, 3))
}

function composedGradient(inputs: readonly Tensor[], attributes: Attention): Tensor[] {
  const [q, k, v, , , dy, mask] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor?]
  const given = mask ? [q, k, v, mask] : [q, k, v]
  const { queries, keys, heads, shared: own } = sizesOf(given)
  const [queriesByHead, keysByHead, valuesByHead, dyByHead] = [q, k, v, dy].map((x) => byHead(x, heads)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]
  const last = [0, 1, 3, 2]
  const p = softmax(scoresOf(given, attributes))
  const dp = matmul(dyByHead, transpose(valuesByHead, last))
  const all = mul(mul(p, sub(dp, sum(mul(dp, p), lastAxis))), attributes.scale)
  const seen = sight(queries, keys, attributes.causal, mask)
  const ds = seen ? where(seen, all, 0) : all
  return [
    shared(matmul(ds, keysByHead), heads),
    shared(matmul(transpose(ds, last), queriesByHead), own),
    shared(matmul(transpose(p, last), dyByHead), own),
  ]
}

// ---- fused

/** Attributes of both kernels. A mask is walked by strides, 0 along axes of size 1. */
function attributesOf(inputs: readonly Tensor[], { scale, causal }: Attention, mask: Tensor | undefined): number[] {
  const { batch, queries, keys, heads, shared: own, d, w } = sizesOf(inputs)
  const strides = mask ? stridesOf(mask.shape).map((s, i) => (mask.shape[i] === 1 ? 0 : s)) : [0, 0, 0, 0]
  return [batch, queries, keys, heads, own, d, w, scale, causal ? 1 : 0, ...strides]
}

/** A product of two numbers per score and number of a head; half of the scores where a query sees none that are later. */
function flopsOf(inputs: readonly Tensor[], { causal }: Attention, d: number, w: number): number {
  const { batch, queries, keys, heads } = sizesOf(inputs)
  return batch * heads * queries * keys * (2 * d + 2 * w + 5) * (causal ? 0.5 : 1)
}

const attentionOperation: Operation<Attention> = defineOperation({
  name: 'attention',
  infer: (inputs) => {
    refuseOthers(inputs)
    const { batch, queries, heads, w } = sizesOf(inputs)
    return [
      { shape: [batch, queries, heads, w], dtype: 'float32' },
      { shape: [batch, heads, queries], dtype: 'float32' },
    ]
  },
  emit: ({ inputs, attributes }) => ({
    kernel: 'attention',
    attributes: attributesOf(inputs, attributes, inputs[3]),
  }),
  gradient: ({ inputs: [q, k, v, ...mask], outputs: [y, logs], attributes }: Node<Attention>, [dy]) =>
    dy
      ? [...applyAll(gradientOperation, [q!, k!, v!, y!, logs!, dy, ...mask], attributes), ...mask.map(() => null)]
      : [null, null, null, ...mask.map(() => null)],
  flops: ({ inputs, attributes }) => flopsOf(inputs, attributes, sizesOf(inputs).d, sizesOf(inputs).w),
  reference: (inputs, attributes) => [composedAttention(inputs, attributes), logarithms(inputs, attributes)],
})

const gradientOperation: Operation<Attention> = defineOperation({
  name: 'attentionGradient',
  infer: (inputs) => inputs.slice(0, 3).map(({ shape }) => ({ shape, dtype: 'float32' })),
  emit: ({ inputs, attributes }) => ({
    kernel: 'attentionGradient',
    attributes: attributesOf(inputs, attributes, inputs[6]),
  }),
  flops: ({ inputs, attributes }) => flopsOf(inputs, attributes, 3 * sizesOf(inputs).d, 2 * sizesOf(inputs).w),
  reference: (inputs, attributes) => composedGradient(inputs, attributes),
})

/**
 * softmax(scale·q·kᵀ)·v for each head.
 * @param mask int32, broadcasts to [batch, heads, queries, keys]: 0 where a query must not see a key. One that sees none
 *   gets the mean of all values, as in Keras.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, attributes: Attention, mask?: Tensor): Tensor {
  const inputs = mask ? [q, k, v, mask] : [q, k, v]
  refuseOthers(inputs)
  const isLarge = q.shape[3]! > largestHead || v.shape[3]! > largestHead
  const isEmpty = [q, k, v].some((x) => x.size() === 0)
  return isLarge || isEmpty ? composedAttention(inputs, attributes) : apply(attentionOperation, inputs, attributes)
}
