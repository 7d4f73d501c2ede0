/** Normalisation along the last axis: of layers, by the root mean square, to unit length. */
import { applyAll } from '../tensor/apply.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Instruction, Node, Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'
import { add, less, minimum, mul, reciprocal, sqrt, square, sub, where } from './elementwise.ts'
import { broadcastTo, reshape } from './movement.ts'
import { behindRelu, gatedByRelu, isRelu, operandOf, orNull, orOne, orZero } from './normalized.ts'
import { mean, sum } from './reduce.ts'

/** Which mean is subtracted, and by what is divided: the numbers are the kernels'. */
const kinds = { layer: 0, meanSquare: 1, unit: 2 } as const
export type RowNormalization = keyof typeof kinds

interface Attributes {
  readonly kind: RowNormalization
  readonly epsilon: number
}
interface Back extends Attributes {
  readonly relu: boolean
}

const last = { axis: -1, keepdims: true }
const rowsOf = (shape: Shape) => shape.slice(0, -1).reduce((a, b) => a * b, 1)
const rowsPerTile = (shape: Shape) => Math.ceil(Math.max(16_384 / shape.at(-1)!, rowsOf(shape) / 256) / 32) * 32

const attributesOf = (x: Tensor, { kind, epsilon }: Attributes, relu: boolean) => [
  x.size(-1),
  kinds[kind],
  epsilon,
  relu ? 1 : 0,
]

const normalizeOperation: Operation<Attributes> = defineOperation({
  name: 'rowNormalization',
  infer: ([x]) => {
    if (!x!.rank || x!.size(-1) === 0)
      throw shapeError('rowNormalization', `an input of shape ${formatShape(x!.shape)} has no rows to normalise`)
    const each = { shape: [...x!.shape.slice(0, -1), 1], dtype: 'float32' } as const
    return [{ shape: x!.shape, dtype: 'float32' }, each, each]
  },
  emit: ({ inputs: [x], attributes }, _, next) => ({
    kernel: 'normalizeRows',
    attributes: attributesOf(x!, attributes, next !== undefined),
  }),
  spare: [1, 2],
  fuses: (_, next) => isRelu(next),
  inPlace: [[0, 0]],
  flops: ({ inputs: [x] }) => 7 * x!.size(),
  gradient: (node, [dy, dm, dr]) => {
    const [dx, ...weights] = dy ? backwards(node, dy) : [null, null, null]
    const more = throughScales(node, dm ?? null, dr ?? null)
    return [dx && more ? add(dx, more) : (dx ?? more), ...weights]
  },
  reference: ([x, gamma, beta], { kind, epsilon }) => {
    const m = kind === 'layer' ? mean(x!, last) : mul(sum(x!, last), 0)
    const squares = square(sub(x!, m))
    const root =
      kind === 'unit'
        ? minimum(reciprocal(sqrt(sum(squares, last))), 1 / epsilon)
        : reciprocal(sqrt(add(mean(squares, last), epsilon)))
    return [add(mul(mul(sub(x!, m), root), orOne(gamma!)), orZero(beta!)), m, root]
  },
})

function backwards({ inputs, outputs, attributes }: Node<Attributes>, dy: Tensor): (Tensor | null)[] {
  const [x, gamma, beta] = inputs as [Tensor, Tensor, Tensor]
  const [y, m, root] = outputs as [Tensor, Tensor, Tensor]
  const [behind, relu] = behindRelu(y, dy)
  const [dx, dgamma, dbeta] = applyAll(gradientOperation, [x, behind, m, root, gamma, beta], { ...attributes, relu })
  return [dx!, orNull(gamma, dgamma!), orNull(beta, dbeta!)]
}

/** For second derivatives: what comes back through the rows' means and roots. */
function throughScales({ inputs: [x], outputs, attributes }: Node<Attributes>, dm: Tensor | null, dr: Tensor | null) {
  const [, m, root] = outputs
  const share = attributes.kind === 'unit' ? 1 : 1 / x!.size(-1)
  const ofMean = dm && attributes.kind === 'layer' ? mul(dm, share) : null
  if (!dr) return ofMean && broadcastTo(ofMean, x!.shape)
  // A root that epsilon bounds does not change.
  const moving = attributes.kind === 'unit' ? where(less(root!, 1 / attributes.epsilon), dr, 0) : dr
  const ofRoot = mul(sub(x!, m!), mul(mul(moving, mul(root!, square(root!))), -share))
  return ofMean ? add(ofRoot, ofMean) : ofRoot
}

const gradientOperation: Operation<Back> = defineOperation({
  name: 'rowNormalizationGradient',
  infer: ([x, , , , gamma, beta]) => {
    const weighted = gamma!.size() + beta!.size() > 0
    const tiles = Math.ceil(rowsOf(x!.shape) / rowsPerTile(x!.shape))
    const each = { shape: [weighted ? x!.size(-1) : 0], dtype: 'float32' } as const
    const parts = { shape: weighted ? [tiles, 2, x!.size(-1)] : [0], dtype: 'float64' } as const
    return [{ shape: x!.shape, dtype: 'float32' }, each, each, parts]
  },
  emit: ({ inputs, outputs: [dx, dgamma, dbeta, parts], attributes }): readonly Instruction[] => {
    const [x] = inputs
    const own = [...attributesOf(x!, attributes, attributes.relu), rowsPerTile(x!.shape)]
    const back = { kernel: 'normalizeRowsGradient', attributes: own, operands: [dx!, parts!, ...inputs] }
    if (dgamma!.size() === 0) return [back]
    return [back, { kernel: 'joinColumns', attributes: [x!.size(-1)], operands: [dgamma!, dbeta!, parts!] }]
  },
  inPlace: [
    [0, 1],
    [0, 0],
  ],
  flops: ({ inputs: [x] }) => 16 * x!.size(),
  reference: (inputs, { kind, epsilon, relu }) => {
    const [x, dy, m, root, gamma, beta] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    const own = mul(sub(x, m), root)
    const dz = relu ? gatedByRelu(add(mul(own, orOne(gamma)), orZero(beta)), dy) : dy
    const weighted = mul(dz, orOne(gamma))
    const b =
      kind === 'unit'
        ? where(less(root, 1 / epsilon), sum(mul(weighted, own), last), 0)
        : mean(mul(weighted, own), last)
    const rest = kind === 'layer' ? sub(weighted, mean(weighted, last)) : weighted
    const dx = mul(root, sub(rest, mul(own, b)))
    if (gamma.size() + beta.size() === 0) return [dx, operandOf(null), operandOf(null)]
    const total = (t: Tensor) => sum(reshape(t, [-1, x.size(-1)]), { axis: 0 })
    return [dx, total(mul(dz, own)), total(dz)]
  },
})

/**
 * Each row of the last axis by its own mean and size, times gamma, plus beta:
 * 'layer' (x − mean) / √(variance + epsilon); 'meanSquare' x / √(mean of x² + epsilon); 'unit' x / max(√Σ x², epsilon).
 */
export function rowNormalize(
  x: Tensor,
  weights: { gamma: Tensor | null; beta: Tensor | null },
  attributes: Attributes,
): Tensor {
  return applyAll(normalizeOperation, [x, operandOf(weights.gamma), operandOf(weights.beta)], attributes)[0]!
}
