/** Normalisation of each channel, the last axis, over all others: with the moments of x itself or with given ones. */
import { apply, applyAll } from '../tensor/apply.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Instruction, Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'
import { add, div, mul, neg, sqrt, square, sub } from './elementwise.ts'
import { broadcastTo } from './movement.ts'
import { behindRelu, gatedByRelu, isRelu, operandOf, orNull, orOne, orZero } from './normalized.ts'
import { mean, sum } from './reduce.ts'

/** Rows of a tile, so that there are enough tiles for many threads and few sums to join. */
function rowsPerTile(rows: number, channels: number): number {
  return Math.ceil(Math.max(32_768 / channels, rows / 256) / 32) * 32
}

function cut(shape: Shape): { rows: number; channels: number; tile: number; tiles: number } {
  const channels = shape.at(-1)!
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1)
  const tile = rowsPerTile(rows, channels)
  return { rows, channels, tile, tiles: Math.ceil(rows / tile) }
}

const overRows = (x: Tensor) => ({ axis: x.shape.map((_, i) => i).slice(0, -1) })

const momentsOperation: Operation<null> = defineOperation({
  name: 'moments',
  infer: ([x]) => {
    const { rows, channels, tiles } = cut(x!.shape)
    if (x!.rank < 2 || rows * channels === 0)
      throw shapeError('moments', `an input of shape ${formatShape(x!.shape)} has no mean and variance per channel`)
    const each = { shape: [channels], dtype: 'float32' } as const
    return [each, each, { shape: [tiles, 2, channels], dtype: 'float64' }]
  },
  emit: ({ inputs: [x], outputs: [m, v, parts] }): readonly Instruction[] => {
    const { rows, channels, tile } = cut(x!.shape)
    const attributes = [rows, channels, tile]
    return [
      { kernel: 'columnMoments', attributes, operands: [parts!, x!] },
      { kernel: 'joinMoments', attributes, operands: [m!, v!, parts!] },
    ]
  },
  flops: ({ inputs: [x] }) => 4 * x!.size(),
  gradient: ({ inputs: [x], outputs: [m] }, [dm, dv]) => {
    const share = 1 / cut(x!.shape).rows
    const ofMean = dm ? mul(dm, share) : null
    const ofVariance = dv ? mul(sub(x!, m!), mul(dv, 2 * share)) : null
    if (!ofVariance) return [ofMean && broadcastTo(ofMean, x!.shape)]
    return [ofMean ? add(ofVariance, ofMean) : ofVariance]
  },
  reference: ([x]) => {
    const m = mean(x!, overRows(x!))
    return [m, mean(square(sub(x!, m)), overRows(x!))]
  },
})

/** Mean and variance Σ (x − mean)² / n of each channel, the last axis, over all n numbers of it. */
export function moments(x: Tensor): { mean: Tensor; variance: Tensor } {
  const [m, v] = applyAll(momentsOperation, [x], null)
  return { mean: m!, variance: v! }
}

interface Attributes {
  readonly epsilon: number
  /** Mean and variance are those of x: the derivative goes through them. Else they are numbers of their own. */
  readonly own: boolean
}
interface Back extends Attributes {
  readonly relu: boolean
}

function attributesOf(x: Tensor, epsilon: number, relu: boolean): number[] {
  const { rows, channels } = cut(x.shape)
  return [rows, channels, epsilon, relu ? 1 : 0]
}

const normalizeOperation: Operation<Attributes> = defineOperation({
  name: 'batchNormalization',
  infer: ([x]) => [{ shape: x!.shape, dtype: 'float32' }],
  emit: ({ inputs: [x], attributes: { epsilon } }, _, next) => ({
    kernel: 'normalizeColumns',
    attributes: attributesOf(x!, epsilon, next !== undefined),
  }),
  fuses: (_, next) => isRelu(next),
  inPlace: [[0, 0]],
  flops: ({ inputs: [x] }) => 3 * x!.size(),
  gradient: ({ inputs, outputs: [y], attributes }, [dy]) => {
    const [x, m, v, gamma, beta] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor]
    const [behind, relu] = behindRelu(y!, dy!)
    const back = { ...attributes, relu }
    const [dgamma, dbeta] = applyAll(sumsOperation, [x, behind, m, v, gamma, beta], back) as [Tensor, Tensor]
    const dx = apply(gradientOperation, [x, behind, m, v, gamma, beta, dgamma, dbeta], back)
    const weights = [orNull(gamma, dgamma), orNull(beta, dbeta)]
    if (attributes.own) return [dx, null, null, ...weights]
    const power = add(v, attributes.epsilon)
    const dm = neg(mul(dbeta, div(orOne(gamma), sqrt(power))))
    return [dx, dm, mul(mul(dgamma, orOne(gamma)), div(-0.5, power)), ...weights]
  },
  reference: (inputs, { epsilon, own }) => {
    const [x, m, v, gamma, beta] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor]
    const [center, power] = own ? momentsOperation.reference!([x], null) : [m, v]
    return [affine(centered(x, center!, power!, epsilon), gamma, beta)]
  },
})

const centered = (x: Tensor, m: Tensor, v: Tensor, epsilon: number) => div(sub(x, m), sqrt(add(v, epsilon)))
const affine = (own: Tensor, gamma: Tensor, beta: Tensor) => add(mul(own, orOne(gamma)), orZero(beta))

/** Σ dy·x̂ and Σ dy per channel: the gradients of gamma and beta. */
const sumsOperation: Operation<Back> = defineOperation({
  name: 'batchNormalizationSums',
  infer: ([x]) => {
    const { channels, tiles } = cut(x!.shape)
    const each = { shape: [channels], dtype: 'float32' } as const
    return [each, each, { shape: [tiles, 2, channels], dtype: 'float64' }]
  },
  emit: ({ inputs, outputs: [dgamma, dbeta, parts], attributes: { epsilon, relu } }): readonly Instruction[] => {
    const { channels, tile } = cut(inputs[0]!.shape)
    const attributes = [...attributesOf(inputs[0]!, epsilon, relu), tile]
    return [
      { kernel: 'normalizeColumnsSums', attributes, operands: [parts!, ...inputs] },
      { kernel: 'joinColumns', attributes: [channels], operands: [dgamma!, dbeta!, parts!] },
    ]
  },
  flops: ({ inputs: [x] }) => 4 * x!.size(),
  reference: (inputs, { epsilon, relu }) => {
    const [x, dy, m, v, gamma, beta] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    const own = centered(x, m, v, epsilon)
    const dz = relu ? gatedByRelu(affine(own, gamma, beta), dy) : dy
    return [sum(mul(dz, own), overRows(x)), sum(dz, overRows(x))]
  },
})

const gradientOperation: Operation<Back> = defineOperation({
  name: 'batchNormalizationGradient',
  infer: ([x]) => [{ shape: x!.shape, dtype: 'float32' }],
  emit: ({ inputs: [x], attributes: { epsilon, relu, own } }) => ({
    kernel: 'normalizeColumnsGradient',
    attributes: [...attributesOf(x!, epsilon, relu), own ? 1 : 0],
  }),
  inPlace: [
    [0, 1],
    [0, 0],
  ],
  flops: ({ inputs: [x] }) => 6 * x!.size(),
  reference: (inputs, { epsilon, relu, own }) => {
    const [x, dy, m, v, gamma, beta, dgamma, dbeta] = inputs as [
      ...[Tensor, Tensor, Tensor, Tensor],
      ...[Tensor, Tensor, Tensor, Tensor],
    ]
    const point = centered(x, m, v, epsilon)
    const dz = relu ? gatedByRelu(affine(point, gamma, beta), dy) : dy
    const share = 1 / cut(x.shape).rows
    const rest = own ? sub(dz, mul(add(dbeta, mul(point, dgamma)), share)) : dz
    return [mul(div(orOne(gamma), sqrt(add(v, epsilon))), rest)]
  },
})

/**
 * (x − mean) / √(variance + epsilon)·gamma + beta per channel, the last axis of x.
 * @param own whether mean and variance are `moments(x)`; the derivative then goes through them
 * @param gamma [channels], or nothing for 1; `beta` or nothing for 0
 */
export function batchNormalize(
  x: Tensor,
  { mean: m, variance }: { mean: Tensor; variance: Tensor },
  weights: { gamma: Tensor | null; beta: Tensor | null },
  attributes: Attributes,
): Tensor {
  const { gamma, beta } = weights
  return apply(normalizeOperation, [x, m, variance, operandOf(gamma), operandOf(beta)], attributes)
}
