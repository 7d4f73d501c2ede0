import { concat, type Shape, topK } from '../../../src/index.ts'
import { build, get, type Nd, transpose } from '../../support/oracle.ts'
import { type Draw, distinct, integers, uniform } from '../../support/random.ts'
import { lanes, type Row, sizes } from '../../support/rows.ts'

const lines: Shape[][] = sizes.map((n) => [[n]])
const flat: Shape[][] = [...new Set([1, 2, 7, 9, 16, 17, 31, 33, 63, 65, lanes + 1, 130])].flatMap((n) => [
  [[3, n]],
  [[n, 3]],
])
const deep: Shape[][] = [[[2, 3, 4]], [[3, 1, 5]], [[2, 40, 17]], [[70, 2, 70]]]

/** A function of each line along an axis, to a line. */
function alongAxis(x: Nd, axis: number, f: (line: number[]) => number[]): Nd {
  const i = axis < 0 ? axis + x.shape.length : axis
  const order = [...x.shape.keys()].filter((d) => d !== i)
  const turned = transpose(x, [...order, i])
  const n = x.shape[i]!
  const results = Array.from({ length: turned.data.length / n }, (_, r) =>
    f([...turned.data.slice(r * n, (r + 1) * n)]),
  )
  const made = { shape: [...turned.shape.slice(0, -1), results[0]!.length], data: Float64Array.from(results.flat()) }
  return transpose(
    made,
    x.shape.map((_, d) => (d === i ? x.shape.length - 1 : d < i ? d : d - 1)),
  )
}

const sums = (line: number[]) => {
  let sum = 0
  return line.map((x) => (sum += x))
}
const placed = (line: number[], sign: 1 | -1) => [...line.keys()].sort((a, b) => sign * (line[a]! - line[b]!) || a - b)

const axes: [Shape[][], number | undefined][] = [
  [[...lines, ...flat.slice(0, 6)], undefined],
  [flat, 0],
  [[...flat, ...deep], -1],
  [deep, 1],
  [deep, 0],
]
const scans = axes.flatMap(([shapes, axis]) =>
  [uniform(-1, 2), integers(-99, 99)].map(
    (data): Row => ({
      op: 'cumsum',
      title: `cumsum of ${data.dtype}, axis ${axis}`,
      shapes,
      data,
      relative: data.dtype === 'float32' ? 1e-6 : 0,
      compute: (x) => x.cumsum(axis === undefined ? {} : { axis }),
      oracle: (x) =>
        axis === undefined
          ? { shape: [x!.data.length], data: Float64Array.from(sums([...x!.data])) }
          : alongAxis(x!, axis, sums),
    }),
  ),
)

const few: Draw = { dtype: 'float32', draw: (n, r) => Float64Array.from({ length: n }, () => r.integer(-3, 4) / 4) }
const wild: Draw = {
  dtype: 'float32',
  draw: (n, r) => Float64Array.from({ length: n }, () => Math.fround((r.next() - 0.5) * 2 ** r.integer(-90, 120))),
}
const kinds = [
  { data: distinct(), of: 'all different', gradient: true },
  { data: few, of: 'with equal values', gradient: false },
  { data: wild, of: 'of all sizes', gradient: false },
  { data: integers(-50, 50), of: 'int32', gradient: false },
]
const sorts = kinds.flatMap(({ data, of, gradient }) =>
  [-1, 0, 1].flatMap((axis): Row[] => {
    const shapes = axis === -1 ? [...lines, ...flat] : axis === 0 ? [...flat.slice(0, 8), ...deep] : deep
    return [
      {
        op: 'sort',
        title: `sort, axis ${axis}, ${of}`,
        shapes,
        data,
        gradient,
        kinks: 'equal values',
        compute: (x) => x.sort(axis === -1 ? {} : { axis }),
        oracle: (x) => alongAxis(x!, axis, (line) => placed(line, 1).map((i) => line[i]!)),
      },
      {
        op: 'argsort',
        title: `argsort, axis ${axis}, ${of}`,
        shapes,
        data,
        gradient: false,
        compute: (x) => x.argsort(axis === -1 ? {} : { axis }),
        oracle: (x) => alongAxis(x!, axis, (line) => placed(line, 1)),
      },
    ]
  }),
)

// Small and large k for their rows, which are found in different ways.
const chosen: Shape[][] = [[[5]], [[9]], [[3, 17]], [[40, 33]], [[2, 3, 100]], [[1, 40_001]], [[2, 1000]], [[300, 70]]]
const tops = kinds.flatMap(({ data, of, gradient }) =>
  [1, 2, 5, 33].map(
    (k): Row => ({
      op: 'topK',
      title: `topK, ${k}, ${of}`,
      shapes: chosen.filter(([s]) => s!.at(-1)! >= k),
      data,
      gradient,
      kinks: 'equal values',
      compute: (x) => {
        const { values, indices } = topK(x, k)
        return concat([values, gradient ? values.mul(2) : indices.cast(values.dtype)], -1)
      },
      oracle: (x) =>
        alongAxis(x!, -1, (line) => {
          const places = placed(line, -1).slice(0, k)
          return [...places.map((i) => line[i]!), ...places.map((i) => (gradient ? 2 * line[i]! : i))]
        }),
    }),
  ),
)

// The last value of a row stays.
const set = (x: Nd, rows: Nd, values: Nd): Nd => {
  const last = new Map(Array.from(rows.data, (row, i) => [row, i]))
  const size = x.data.length / x.shape[0]!
  const flatValues = build([rows.data.length, ...x.shape.slice(1)], (index) => get(values, index))
  return build(x.shape, (index) => {
    const i = last.get(index[0]!)
    if (i === undefined) return get(x, index)
    const inner = index.slice(1).reduce((sum, j, d) => sum * x.shape[d + 1]! + j, 0)
    return flatValues.data[i * size + inner]!
  })
}
const scatters: Row[] = [
  {
    op: 'scatter',
    title: 'scatter rows',
    shapes: [
      ...[1, 7, 8, 9, 17, 130].map((n): Shape[] => [[5, n], [3], [3, n]]),
      [[5], [4], [4]],
      [[6, 2, 3], [9], [9, 2, 3]],
    ],
    data: [uniform(-3, 3), integers(0, 5), uniform(-3, 3)],
    compute: (x, rows, values) => x.scatter(rows, values),
    oracle: (x, rows, values) => set(x!, rows!, values!),
  },
  {
    op: 'scatter',
    title: 'scatter rows of int32, one value for all',
    shapes: [[[5, 4], [3], [1]]],
    data: [integers(-9, 9), integers(0, 5), integers(50, 60)],
    compute: (x, rows, values) => x.scatter(rows, values),
    oracle: (x, rows, values) =>
      set(
        x!,
        rows!,
        build([rows!.data.length, ...x!.shape.slice(1)], () => values!.data[0]!),
      ),
  },
]

export const rows: Row[] = [...scans, ...sorts, ...tops, ...scatters]
