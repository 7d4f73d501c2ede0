/** Softmax over the last axis, and cross-entropy, which meet in one short derivative. */

import { apply } from '../tensor/apply.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Node, Operation, Tensor } from '../tensor/graph.ts'
import { behindReshapes } from '../tensor/meaning.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts'
import { add, clip, clipThrough, div, exp, log, mul, neg, sub, toFloat, where } from './elementwise.ts'
import { oneHot } from './lookup.ts'
import { reshape, transpose } from './movement.ts'
import { max, type Reduce, reduceOptions, sum } from './reduce.ts'

const lastAxis = { axis: -1, keepdims: true }

function rowwise(name: string, x: Tensor | undefined): { shape: Shape; dtype: 'float32' }[] {
  if (!x?.rank) throw shapeError(name, 'expected at least one axis')
  return [{ shape: x.shape, dtype: 'float32' }]
}

const rowLength = (node: Node) => node.inputs[0]!.size(-1)

const softmaxOperation: Operation<null> = defineOperation({
  name: 'softmax',
  meaning: () => 'distribution',
  infer: ([x]) => rowwise('softmax', x),
  emit: (node) => ({ kernel: 'softmax', attributes: [rowLength(node)] }),
  // Behind a cross-entropy of this very output both derivatives together are p − y.
  gradient: ({ outputs: [p] }, [dy]) => [afterSoftmax(p!, dy!) ?? apply(softmaxGradientOperation, [p!, dy!], null)],
  inPlace: [[0, 0]],
  reference: ([x]) => {
    const e = exp(sub(x!, max(x!, lastAxis)))
    return [div(e, sum(e, lastAxis))]
  },
})

const softmaxGradientOperation: Operation<null> = defineOperation({
  name: 'softmaxGradient',
  infer: ([p]) => rowwise('softmaxGradient', p),
  emit: (node) => ({ kernel: 'softmaxGradient', attributes: [rowLength(node)] }),
  inPlace: [
    [0, 1],
    [0, 0],
  ],
  reference: ([p, dy]) => [mul(p!, sub(dy!, sum(mul(dy!, p!), lastAxis)))],
})

/** e^(x − max) / Σ over the last axis: each row becomes probabilities. */
export function softmax(x: TensorLike): Tensor {
  return apply(softmaxOperation, [toFloat(toTensor(x))], null)
}

const logSoftmaxOperation: Operation<null> = defineOperation({
  name: 'logSoftmax',
  meaning: () => 'logDistribution',
  infer: ([x]) => rowwise('logSoftmax', x),
  emit: (node) => ({ kernel: 'logSoftmax', attributes: [rowLength(node)] }),
  gradient: ({ outputs: [y] }, [dy]) => [apply(logSoftmaxGradientOperation, [y!, dy!], null)],
  inPlace: [[0, 0]],
  reference: ([x]) => {
    const shifted = sub(x!, max(x!, lastAxis))
    return [sub(shifted, log(sum(exp(shifted), lastAxis)))]
  },
})

const logSoftmaxGradientOperation: Operation<null> = defineOperation({
  name: 'logSoftmaxGradient',
  infer: ([y]) => rowwise('logSoftmaxGradient', y),
  emit: (node) => ({ kernel: 'logSoftmaxGradient', attributes: [rowLength(node)] }),
  inPlace: [
    [0, 1],
    [0, 0],
  ],
  reference: ([y, dy]) => [sub(dy!, mul(exp(y!), sum(dy!, lastAxis)))],
})

/** log(softmax(x)) over the last axis, without overflow. */
export function logSoftmax(x: TensorLike): Tensor {
  return apply(logSoftmaxOperation, [toFloat(toTensor(x))], null)
}

// ---- the logarithm of a sum

const logSumExpOperation: Operation<null> = defineOperation({
  name: 'logSumExp',
  infer: ([x]) => [{ shape: x!.shape.slice(0, -1), dtype: 'float32' }],
  emit: (node) => ({ kernel: 'logSumExp', attributes: [rowLength(node)] }),
  gradient: ({ inputs: [x] }, [dy]) => [mul(column(dy!, x!), softmax(x!))],
  reference: ([x]) => {
    const top = max(x!, { axis: -1 })
    return [add(log(sum(exp(sub(x!, column(top, x!))), { axis: -1 })), top)]
  },
})

/**
 * log Σ eˣ along the axes, without overflow: the largest x is taken out first. −Infinity of nothing else, Infinity where
 * one is Infinity, NaN where one is NaN, as in NumPy's `logaddexp.reduce`. Its derivative is the softmax.
 */
export function logSumExp(input: TensorLike, given?: Reduce): Tensor {
  const x = toFloat(toTensor(input))
  const { axis, keepdims } = reduceOptions('logSumExp', x, given)
  if (axis.length === 0) return x
  const others = x.shape.flatMap((_, i) => (axis.includes(i) ? [] : [i]))
  const kept = others.map((i) => x.shape[i]!)
  const n = sizeOf(axis.map((i) => x.shape[i]!))
  if (n === 0) throw shapeError('logSumExp', `shape ${formatShape(x.shape)} has nothing to reduce`)
  const y = apply(logSumExpOperation, [reshape(transpose(x, [...others, ...axis]), [...kept, n])], null)
  return keepdims
    ? reshape(
        y,
        x.shape.map((size, i) => (axis.includes(i) ? 1 : size)),
      )
    : y
}

// ---- cross-entropy of probabilities [..., classes] against labels: int32 [...] or float32 [..., classes]

interface CrossEntropy {
  epsilon: number
}

// Class numbers touch one element of a row, probabilities all of them.
const perLabel = ({ inputs: [p, y] }: Node, each: number) => each * (y!.dtype === 'int32' ? y! : p!).size()

const badLabel = (node: Node, row: number, value: number) =>
  `label ${value} in row ${row}: expected an integer from 0 to ${rowLength(node) - 1}`

const crossEntropyOperation: Operation<CrossEntropy> = defineOperation({
  name: 'crossEntropy',
  infer: ([p, y]) => {
    const sparse = y!.dtype === 'int32'
    const fits = sparse ? sizeOf(p!.shape.slice(0, -1)) === y!.size() : p!.size() === y!.size()
    if (!p!.rank || !fits)
      throw shapeError(
        'crossEntropy',
        `predictions ${formatShape(p!.shape)} and labels ${formatShape(y!.shape)} do not fit`,
      )
    return [{ shape: p!.shape.slice(0, -1), dtype: 'float32' }]
  },
  emit: (node) => ({ kernel: 'crossEntropy', attributes: [rowLength(node), node.attributes.epsilon] }),
  gradient: ({ inputs: [p, y], attributes }, [dl]) => [
    apply(crossEntropyGradientOperation, [p!, y!, dl!], attributes),
    y!.dtype === 'int32' ? null : neg(mul(column(dl!, p!), log(clip(p!, attributes.epsilon, 1 - attributes.epsilon)))),
  ],
  flops: (node) => perLabel(node, 4),
  fault: badLabel,
  // The clip is straight-through for the gradient.
  reference: ([p, y], { epsilon }) => {
    const logs = log(clipThrough(counted(p!, y!), epsilon, 1 - epsilon))
    return [neg(sum(mul(dense(p!, y!), logs), { axis: -1 }))]
  },
})

const crossEntropyGradientOperation: Operation<CrossEntropy> = defineOperation({
  name: 'crossEntropyGradient',
  infer: ([p]) => [{ shape: p!.shape, dtype: 'float32' }],
  emit: (node) => ({ kernel: 'crossEntropyGradient', attributes: [rowLength(node), node.attributes.epsilon] }),
  flops: (node) => perLabel(node, 4),
  fault: badLabel,
  reference: ([p, y, dl], { epsilon }) => [
    neg(mul(div(dense(p!, y!), clip(counted(p!, y!), epsilon, 1 - epsilon)), column(dl!, p!))),
  ],
})

const softmaxCrossEntropyGradientOperation: Operation<null> = defineOperation({
  name: 'softmaxCrossEntropyGradient',
  infer: ([p]) => [{ shape: p!.shape, dtype: 'float32' }],
  emit: (node) => ({ kernel: 'softmaxCrossEntropyGradient', attributes: [rowLength(node)] }),
  flops: ({ inputs: [p, y] }) => (y!.dtype === 'int32' ? 2 : 4) * p!.size(),
  fault: badLabel,
  inPlace: [[0, 0]],
  // The clip of the logarithm is straight-through: the derivative is p − y inside it and outside.
  reference: ([p, y, dl]) => {
    const labels = dense(p!, y!)
    return [mul(sub(mul(p!, sum(labels, lastAxis)), labels), column(dl!, p!))]
  },
})

function dense(p: Tensor, y: Tensor): Tensor {
  return y.dtype === 'int32' ? oneHot(y, p.size(-1)) : y
}

/** With class numbers only the label's probability counts: whatever the others are, a NaN too. */
function counted(p: Tensor, y: Tensor): Tensor {
  return y.dtype === 'int32' ? where(dense(p, y), p, 0.5) : p
}

function column(dl: Tensor, p: Tensor): Tensor {
  return reshape(dl, [...p.shape.slice(0, -1), 1])
}

/** The derivative for softmax's input, when `dp` comes from a cross-entropy of `p` itself. */
function afterSoftmax(p: Tensor, dp: Tensor): Tensor | null {
  const { node } = behindReshapes(dp)
  if (node?.operation !== crossEntropyGradientOperation) return null
  const [given] = node.inputs as [Tensor]
  if (behindReshapes(given) !== p || given.size(-1) !== p.size(-1)) return null
  return reshape(apply(softmaxCrossEntropyGradientOperation, node.inputs, null), p.shape)
}

/**
 * −Σ y·log(clip(p, epsilon, 1 − epsilon)) per row.
 * @param p probabilities [..., classes]
 * @param y int32 labels [...], or float32 probabilities [..., classes]
 */
export function crossEntropy(p: Tensor, y: Tensor, epsilon = 1e-7): Tensor {
  return apply(crossEntropyOperation, [toFloat(p), y], { epsilon })
}

const logitsOperation: Operation<null> = defineOperation({
  name: 'logitsCrossEntropy',
  infer: ([z, y]) => {
    const [loss] = crossEntropyOperation.infer([z!, y!], { epsilon: 0 })
    return [loss!, { shape: z!.shape, dtype: 'float32' }]
  },
  emit: (node) => ({ kernel: 'logitsCrossEntropy', attributes: [rowLength(node)] }),
  gradient: ({ inputs: [z, y], outputs: [, p] }, [dl]) => [
    dl ? apply(softmaxCrossEntropyGradientOperation, [p!, y!, dl], null) : null,
    dl && y!.dtype !== 'int32' ? neg(mul(column(dl, z!), logSoftmax(z!))) : null,
  ],
  flops: (node) => 4 * node.inputs[0]!.size() + perLabel(node, 2),
  fault: badLabel,
  inPlace: [[1, 0]],
  spare: [1],
  // With class numbers only the label's logarithm counts: the others may be −Infinity.
  reference: ([z, y]) => {
    const logs = logSoftmax(z!)
    const own = y!.dtype === 'int32' ? where(dense(z!, y!), logs, 0) : mul(y!, logs)
    return [neg(sum(own, { axis: -1 })), softmax(z!)]
  },
})

/** The same of what goes into the softmax, exact for all of it. */
export function logitsCrossEntropy(z: Tensor, y: Tensor): Tensor {
  return apply(logitsOperation, [toFloat(z), y], null)
}
