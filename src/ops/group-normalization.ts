/** Normalisation in groups of channels: of each picture [..., channels], over its positions and the channels of a group. */
import { applyAll } from '../tensor/apply.ts'
import type { Instruction, Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { add, mul, reciprocal, sqrt, square, sub } from './elementwise.ts'
import { broadcastTo, reshape } from './movement.ts'
import { behindRelu, gatedByRelu, isRelu, operandOf, orNull, orOne, orZero } from './normalized.ts'
import { mean, sum } from './reduce.ts'

interface Attributes {
  readonly groups: number
  readonly epsilon: number
}
interface Back extends Attributes {
  readonly relu: boolean
}

const positions = (x: Tensor) => x.shape.slice(1, -1).reduce((a, b) => a * b, 1)
const attributesOf = (x: Tensor, { groups, epsilon }: Attributes, relu: boolean) => [
  ...[x.shape[0]!, positions(x), x.size(-1), groups],
  ...[epsilon, relu ? 1 : 0],
]

// As [batch, positions, groups, channels of a group]; means and roots are [batch, 1, groups, 1].
const grouped = (x: Tensor, groups: number) => reshape(x, [x.shape[0]!, positions(x), groups, x.size(-1) / groups])
const within = { axis: [1, 3], keepdims: true }
const alike = (weight: Tensor | number, groups: number) =>
  typeof weight === 'number' ? weight : reshape(weight, [groups, weight.size() / groups])

const normalizeOperation: Operation<Attributes> = defineOperation({
  name: 'groupNormalization',
  infer: ([x], { groups }) => {
    const [batch] = x!.shape
    const each = { shape: [batch!, 1, groups, 1], dtype: 'float32' } as const
    return [
      { shape: x!.shape, dtype: 'float32' },
      ...[each, each],
      { shape: [batch!, 2, x!.size(-1)], dtype: 'float64' },
    ]
  },
  emit: ({ inputs, attributes }, _, next) => ({
    kernel: 'normalizeGroups',
    attributes: attributesOf(inputs[0]!, attributes, next !== undefined),
  }),
  fuses: (_, next) => isRelu(next),
  inPlace: [[0, 0]],
  flops: ({ inputs: [x] }) => 7 * x!.size(),
  gradient: ({ inputs, outputs, attributes }, [dy, dm, dr]) => {
    const [x, gamma, beta] = inputs as [Tensor, Tensor, Tensor]
    const [y, m, root] = outputs as [Tensor, Tensor, Tensor]
    const share = attributes.groups / (positions(x) * x.size(-1))
    const parts: Tensor[] = []
    const weights: (Tensor | null)[] = [null, null]
    if (dy) {
      const [behind, relu] = behindRelu(y, dy)
      const back = applyAll(gradientOperation, [x, behind, m, root, gamma, beta], { ...attributes, relu })
      parts.push(back[0]!)
      weights.splice(0, 2, orNull(gamma, back[1]!), orNull(beta, back[2]!))
    }
    // For second derivatives: what comes back through the groups' means and roots.
    const x4 = grouped(x, attributes.groups)
    if (dm) parts.push(reshape(broadcastTo(mul(dm, share), x4.shape), x.shape))
    if (dr) parts.push(reshape(mul(sub(x4, m), mul(mul(dr, mul(root, square(root))), -share)), x.shape))
    return [parts.length > 0 ? parts.reduce((a, b) => add(a, b)) : null, ...weights]
  },
  reference: ([x, gamma, beta], { groups, epsilon }) => {
    const x4 = grouped(x!, groups)
    const m = mean(x4, within)
    const root = reciprocal(sqrt(add(mean(square(sub(x4, m)), within), epsilon)))
    const own = mul(sub(x4, m), root)
    return [reshape(add(mul(own, alike(orOne(gamma!), groups)), alike(orZero(beta!), groups)), x!.shape), m, root]
  },
})

const gradientOperation: Operation<Back> = defineOperation({
  name: 'groupNormalizationGradient',
  infer: ([x]) => {
    const each = { shape: [x!.size(-1)], dtype: 'float32' } as const
    return [
      { shape: x!.shape, dtype: 'float32' },
      ...[each, each],
      { shape: [x!.shape[0]!, 2, x!.size(-1)], dtype: 'float64' },
    ]
  },
  emit: ({ inputs, outputs: [dx, dgamma, dbeta, parts], attributes }): readonly Instruction[] => {
    const [x] = inputs
    return [
      {
        kernel: 'normalizeGroupsGradient',
        attributes: attributesOf(x!, attributes, attributes.relu),
        operands: [dx!, parts!, ...inputs],
      },
      { kernel: 'joinColumns', attributes: [x!.size(-1)], operands: [dgamma!, dbeta!, parts!] },
    ]
  },
  inPlace: [
    [0, 1],
    [0, 0],
  ],
  flops: ({ inputs: [x] }) => 14 * x!.size(),
  reference: (inputs, { groups, relu }) => {
    const [x, dy, m, root, gamma, beta] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    const own = mul(sub(grouped(x, groups), m), root)
    const [weight, shift] = [alike(orOne(gamma), groups), alike(orZero(beta), groups)]
    const d = grouped(dy, groups)
    const dz = relu ? gatedByRelu(add(mul(own, weight), shift), d) : d
    const weighted = mul(dz, weight)
    const rest = sub(sub(weighted, mean(weighted, within)), mul(own, mean(mul(weighted, own), within)))
    const total = (t: Tensor) => reshape(sum(t, { axis: [0, 1] }), [x.size(-1)])
    return [reshape(mul(root, rest), x.shape), total(mul(dz, own)), total(dz)]
  },
})

/** (x − mean) / √(variance + epsilon)·gamma + beta, with mean and variance of each picture's groups of channels. */
export function groupNormalize(
  x: Tensor,
  weights: { gamma: Tensor | null; beta: Tensor | null },
  attributes: Attributes,
): Tensor {
  return applyAll(normalizeOperation, [x, operandOf(weights.gamma), operandOf(weights.beta)], attributes)[0]!
}
