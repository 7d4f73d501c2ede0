import type { Shape, Tensor } from '../../../src/index.ts'
import { batchNormalize, moments } from '../../../src/ops/batch-normalization.ts'
import { groupNormalize } from '../../../src/ops/group-normalization.ts'
import { resize } from '../../../src/ops/resize.ts'
import { type RowNormalization, rowNormalize } from '../../../src/ops/row-normalization.ts'
import { build, get, type Nd, product, total } from '../../support/oracle.ts'
import { uniform } from '../../support/random.ts'
import { lanes, type Row } from '../../support/rows.ts'

const epsilon = 1e-3
const widths = [...new Set([1, 3, 7, 8, 9, 16, 17, lanes - 1 || 1, lanes, lanes + 1, 5 * lanes + 3])]
const mean = (list: readonly number[]) => total(list) / list.length
const variance = (list: readonly number[]) => {
  const center = mean(list)
  return mean(list.map((x) => (x - center) ** 2))
}

interface Scale {
  readonly mean: number
  readonly root: number
}

/** Each element by mean and root of all that are normalised with it, which `groupOf` names. */
function normalized(x: Nd, groupOf: (index: readonly number[]) => string, scaleOf: (list: number[]) => Scale): Nd {
  const lists = new Map<string, number[]>()
  build(x.shape, (index) => {
    const key = groupOf(index)
    if (!lists.has(key)) lists.set(key, [])
    return lists.get(key)!.push(get(x, index))
  })
  const scales = new Map([...lists].map(([key, list]) => [key, scaleOf(list)]))
  return build(x.shape, (index) => {
    const { mean, root } = scales.get(groupOf(index))!
    return (get(x, index) - mean) * root
  })
}

const weighted = (y: Nd, gamma: Nd, beta: Nd): Nd =>
  build(y.shape, (index) => get(y, index) * gamma.data[index.at(-1)!]! + beta.data[index.at(-1)!]!)
const standard = (list: number[]): Scale => ({ mean: mean(list), root: 1 / Math.sqrt(variance(list) + epsilon) })

const withWeights = (shapes: Shape[]): Shape[][] => shapes.map((s) => [s, [s.at(-1)!], [s.at(-1)!]])
const pictures: Shape[] = [...widths.map((c) => [11, c]), [2, 3, 5, 4], [90, 2]]

const shared = { effort: 20, data: uniform(-1, 2), relative: 2e-6, gradientError: 2e-5 }

const batch: Row = {
  ...shared,
  op: 'batchNormalize',
  shapes: withWeights(pictures),
  compute: (x, gamma, beta) => batchNormalize(x, moments(x), { gamma: gamma!, beta: beta! }, { epsilon, own: true }),
  oracle: (x, gamma, beta) =>
    weighted(
      normalized(x!, (at) => `${at.at(-1)}`, standard),
      gamma!,
      beta!,
    ),
}
const given: Row = {
  ...shared,
  op: 'batchNormalize',
  title: 'batchNormalize, by moments of others',
  shapes: pictures.map((s) => [s, ...[1, 2, 3, 4].map(() => [s.at(-1)!])]),
  data: uniform(0.5, 2),
  compute: (...t) => {
    const [x, m, v, gamma, beta] = t as [Tensor, Tensor, Tensor, Tensor, Tensor]
    return batchNormalize(x, { mean: m, variance: v }, { gamma, beta }, { epsilon, own: false })
  },
  oracle: (...t) => {
    const [x, m, v, gamma, beta] = t as [Nd, Nd, Nd, Nd, Nd]
    const at = (list: Nd, index: readonly number[]) => list.data[index.at(-1)!]!
    const own = build(x.shape, (i) => (get(x, i) - at(m, i)) / Math.sqrt(at(v, i) + epsilon))
    return weighted(own, gamma, beta)
  },
}
const perChannel = (title: string, of: 'mean' | 'variance', f: (list: number[]) => number): Row => ({
  ...shared,
  op: 'moments',
  title: `moments: ${title}`,
  shapes: [...pictures, [3000, 3]].map((s) => [s]),
  compute: (x) => moments(x)[of],
  oracle: (x) => {
    const c = x!.shape.at(-1)!
    return build([c], ([j]) => f(Array.from({ length: x!.data.length / c }, (_, r) => x!.data[r * c + j!]!)))
  },
})

const rowOf = (at: readonly number[]) => `${at.slice(0, -1)}`
const squares = (list: number[]) => list.map((v) => v * v)
const rowScales: Record<RowNormalization, (list: number[]) => Scale> = {
  layer: standard,
  meanSquare: (list) => ({ mean: 0, root: 1 / Math.sqrt(mean(squares(list)) + epsilon) }),
  unit: (list) => ({ mean: 0, root: 1 / Math.sqrt(total(squares(list))) }),
}
const alongRows = Object.entries(rowScales).map(
  ([kind, f]): Row => ({
    ...shared,
    op: 'rowNormalize',
    title: `rowNormalize: ${kind}`,
    // Of one number layers and unit rows leave nothing to differentiate.
    shapes: withWeights([...(kind === 'meanSquare' ? pictures : pictures.slice(1)), [2, 2500]]),
    compute: (x, gamma, beta) =>
      rowNormalize(
        x,
        { gamma: gamma!, beta: beta! },
        { kind: kind as RowNormalization, epsilon: kind === 'unit' ? 1e-12 : epsilon },
      ),
    oracle: (x, gamma, beta) => weighted(normalized(x!, rowOf, f), gamma!, beta!),
  }),
)

const groups = (
  [...widths.map((c) => [[2, 4, c], 1]), [[2, 4, 24], 3], [[1, 3, 3, 40], 8], [[2, 5, 6], 6]] as [Shape, number][]
).map(
  ([shape, n]): Row => ({
    ...shared,
    op: 'groupNormalize',
    title: `groupNormalize: ${n} groups of [${shape}]`,
    shapes: withWeights([shape]),
    compute: (x, gamma, beta) => groupNormalize(x, { gamma: gamma!, beta: beta! }, { groups: n, epsilon }),
    oracle: (x, gamma, beta) => {
      const size = x!.shape.at(-1)! / n
      const groupOf = (at: readonly number[]) => `${at[0]} ${Math.floor(at.at(-1)! / size)}`
      return weighted(normalized(x!, groupOf, standard), gamma!, beta!)
    },
  }),
)

// ---- pictures in another size

/** How much pixel i of `from` has of pixel o of `to`. */
function weight(o: number, i: number, from: number, to: number, interpolation: 'nearest' | 'bilinear'): number {
  const middle = ((o + 0.5) * from) / to - 0.5
  if (interpolation === 'nearest') return Math.min(from - 1, Math.floor(middle + 0.5)) === i ? 1 : 0
  const inside = Math.min(Math.max(middle, 0), from - 1)
  return Math.max(0, 1 - Math.abs(inside - i))
}

const sizes: [Shape, [number, number]][] = [
  ...widths.map((c): [Shape, [number, number]] => [[2, 3, 2, c], [6, 4]]), // biome-ignore format: pairs
  [[1, 5, 4, 2], [5, 4]],
  [[1, 5, 4, 3], [2, 9]],
  [[2, 1, 1, 3], [3, 2]],
  [[1, 7, 6, 2], [3, 2]],
] // biome-ignore format: pairs
const resizes = sizes.flatMap(([shape, size]) =>
  (['nearest', 'bilinear'] as const).map(
    (interpolation): Row => ({
      op: 'resize',
      title: `resize [${shape}] to [${size}], ${interpolation}`,
      shapes: [[shape]],
      data: uniform(-1, 2),
      relative: 2e-7,
      compute: (x) => resize(x, size, interpolation),
      oracle: (x) => {
        const [n, h, w, c] = x!.shape as [number, number, number, number]
        return build([n, ...size, c], (at) => {
          let sum = 0
          for (let i = 0; i < h; i++)
            for (let j = 0; j < w; j++) {
              const share = weight(at[1]!, i, h, size[0], interpolation) * weight(at[2]!, j, w, size[1], interpolation)
              if (share !== 0) sum += share * get(x!, [at[0]!, i, j, at[3]!])
            }
          return sum
        })
      },
      effort: product(shape) / 2,
    }),
  ),
)

export const rows: readonly Row[] = [
  batch,
  given,
  perChannel('means', 'mean', mean),
  perChannel('variances', 'variance', variance),
  ...alongRows,
  ...groups,
  ...resizes,
]
