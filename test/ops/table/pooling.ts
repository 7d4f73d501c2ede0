import type { Shape } from '../../../src/index.ts'
import { averagePool, maxPool, type Windows, windowsOf } from '../../../src/ops/pooling.ts'
import { build, each, get, largest, type Nd, total } from '../../support/oracle.ts'
import { distinct, uniform } from '../../support/random.ts'
import { lanes, type Row } from '../../support/rows.ts'

interface Case {
  readonly shape: Shape
  readonly size: readonly number[]
  readonly strides: readonly number[]
  readonly padding: 'valid' | 'same'
}

const of = (shape: Shape, size: number[], strides = size, padding: Case['padding'] = 'valid'): Case => ({
  shape,
  size,
  strides,
  padding,
})

const channels = [...new Set([1, 3, lanes - 1 || 1, lanes, lanes + 1, 2 * lanes + 5])]

/** Windows that touch, meet, leave gaps, are cut at the edges; sizes with kernels of their own, and others. */
const cases: Case[] = [
  ...channels.map((c) => of([2, 4, 6, c], [2, 2])),
  ...channels.map((c) => of([2, 5, 7, c], [3, 3], [2, 2], 'same')),
  of([1, 5, 7, 3], [2, 2]),
  of([1, 5, 7, 3], [2, 2], [2, 2], 'same'),
  of([2, 7, 8, 5], [3, 3], [1, 1]),
  of([2, 7, 8, 5], [3, 3], [1, 1], 'same'),
  of([2, 9, 9, 4], [2, 2], [3, 4]),
  of([2, 9, 9, 4], [2, 2], [3, 4], 'same'),
  of([1, 6, 9, 2], [1, 3], [1, 2]),
  of([1, 9, 6, 2], [4, 1], [2, 1], 'same'),
  of([1, 4, 4, 2], [4, 4]),
  of([3, 2, 2, 2], [1, 1]),
  of([1, 3, 2, 2], [5, 7], [1, 1], 'same'),
  of([3, 9, 2], [2]),
  of([3, 9, 17], [3], [1]),
  of([3, 10, 2], [4], [3], 'same'),
  of([2, 4, 4, 6, 3], [2, 2, 2]),
  of([2, 3, 5, 4, 2], [2, 3, 2], [1, 2, 3], 'same'),
  of([2, 3, 5, 4, 2], [3, 3, 3], [1, 1, 1], 'same'),
]

/** From the definition: all cells of each window that lie inside. */
function pooled(x: Nd, { size, strides, padding }: Case, f: (cells: number[]) => number): Nd {
  const sizes = x.shape.slice(1, -1)
  const counts = sizes.map((n, i) =>
    padding === 'same' ? Math.ceil(n / strides[i]!) : Math.floor((n - size[i]!) / strides[i]!) + 1,
  )
  const missing = sizes.map((n, i) =>
    padding === 'same' ? Math.max(0, (counts[i]! - 1) * strides[i]! + size[i]! - n) : 0,
  )
  return build([x.shape[0]!, ...counts, x.shape.at(-1)!], (at) => {
    const cells: number[] = []
    build(size, (cell) => {
      const place = cell.map((k, i) => at[i + 1]! * strides[i]! - Math.floor(missing[i]! / 2) + k)
      if (place.every((p, i) => p >= 0 && p < sizes[i]!)) cells.push(get(x, [at[0]!, ...place, at.at(-1)!]))
      return 0
    })
    return f(cells)
  })
}

const windows = (of: Case): Windows => windowsOf(of.shape.slice(1, -1), of)
const title = ({ shape, size, strides, padding }: Case) => `[${shape}] by [${size}], step [${strides}], ${padding}`

export const rows: readonly Row[] = cases.flatMap((of): Row[] => [
  {
    op: 'maxPool',
    title: `maxPool ${title(of)}`,
    shapes: [[of.shape]],
    data: distinct(),
    compute: (x) => maxPool(x, windows(of)),
    oracle: (x) => pooled(x!, of, largest),
    kinks: 'equal values in a window',
  },
  {
    op: 'averagePool',
    title: `averagePool ${title(of)}`,
    shapes: [[of.shape]],
    data: uniform(-2, 2),
    compute: (x) => averagePool(x, windows(of)),
    oracle: (x) => pooled(x!, of, (cells) => total(cells) / cells.length),
    relative: 3e-7,
  },
  // Where the way back meets that of an activation.
  {
    op: 'maxPool',
    title: `maxPool of tanh, ${title(of)}`,
    shapes: [[of.shape]],
    data: distinct(),
    compute: (x) => maxPool(x.mul(1 / 64).tanh(), windows(of)),
    oracle: (x) =>
      pooled(
        each((v) => Math.tanh(v / 64), x!),
        of,
        largest,
      ),
    ulps: 3,
    kinks: 'equal values in a window',
  },
])
