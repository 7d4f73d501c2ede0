import { argmax, argmin, max, mean, min, type Reduce, type Shape, sum } from '../../../src/index.ts'
import { largest, type Nd, reduce, smallest, total } from '../../support/oracle.ts'
import { type Draw, distinct, integers, uniform } from '../../support/random.ts'
import { lanes, type Row, sizes } from '../../support/rows.ts'

const ops = { argmax, argmin, max, mean, min, sum }

// Rows of one vector and around it, and more columns than one strip of the kernel.
const widths = [...new Set([1, 2, 7, 8, 9, 15, 16, 17, lanes - 1 || 1, lanes, lanes + 1, 37, 130])]
const long: Shape[][] = sizes.map((n) => [[n]])
const flat: Shape[][] = widths.flatMap((n) => [[[3, n]], [[n, 3]], [[n, n]]])
// Few columns are summed by vectors of several rows, in blocks of 32 of them.
flat.push([[300, 3]], [[1030, 2]], [[517, 4]], [[40, 5]])
const deep: Shape[][] = [[[2, 3, 4]], [[3, 1, 5]], [[2, 9, 17]], [[1, 1, 1]], [[4, 16, 2]]]

const axes: { shapes: Shape[][]; options: Reduce }[] = [
  { shapes: [[[]], ...long, ...flat.slice(0, 6), ...deep], options: {} },
  { shapes: flat, options: { axis: 0 } },
  { shapes: flat, options: { axis: -1 } },
  { shapes: flat.slice(0, 12), options: { axis: 1, keepdims: true } },
  { shapes: deep, options: { axis: 1 } },
  { shapes: deep, options: { axis: [0, 2] } },
  { shapes: deep, options: { axis: [-1, 0], keepdims: true } },
  { shapes: deep, options: { axis: [1, 2] } },
  { shapes: [...deep, ...flat.slice(0, 3)], options: { keepdims: true } },
  { shapes: [[[2, 3, 4, 5, 2]]], options: { axis: [0, 2, 4] } },
]

const kinds = [
  { op: 'sum', data: uniform(-1, 2), fold: total, relative: 1e-6 },
  { op: 'mean', data: uniform(-1, 2), fold: (l: number[]) => total(l) / l.length, relative: 1e-6 },
  { op: 'max', data: distinct(), fold: largest, kinks: 'equal extremes' },
  { op: 'min', data: distinct(), fold: smallest, kinks: 'equal extremes' },
] as const

const reductions = kinds.flatMap(({ op, data, fold, ...rest }) =>
  axes.map(
    ({ shapes, options }): Row => ({
      op,
      title: `${op} ${JSON.stringify(options)}`,
      shapes,
      data,
      compute: (x) => ops[op](x, options),
      oracle: (x) => reduce(x!, options, fold),
      ...rest,
    }),
  ),
)

const wholes = (['sum', 'max', 'min'] as const).flatMap((op) =>
  axes.slice(0, 6).map(
    ({ shapes, options }): Row => ({
      op,
      title: `${op} of int32 ${JSON.stringify(options)}`,
      shapes,
      data: integers(-99, 99),
      compute: (x) => ops[op](x, options),
      oracle: (x) => reduce(x!, options, { sum: total, max: largest, min: smallest }[op]),
    }),
  ),
)

const few: Draw = { dtype: 'float32', draw: (n, r) => Float64Array.from({ length: n }, () => r.integer(-3, 4) / 4) }
const firstOf = (list: number[], best: number) => list.indexOf(best)
const positions = (['argmax', 'argmin'] as const).flatMap((op) =>
  [undefined, 0, -1, 1].flatMap((axis) =>
    [
      { data: few, of: 'with equal values' },
      { data: distinct(), of: 'all different' },
      { data: integers(-50, 50), of: 'int32' },
    ].map(
      ({ data, of }): Row => ({
        op,
        title: `${op}, axis ${axis}, ${of}`,
        shapes: axis === undefined ? [...long, ...flat] : [...flat, ...deep],
        data,
        gradient: false,
        compute: (x) => ops[op](x, axis === undefined ? {} : { axis }),
        oracle: (x: Nd | undefined) =>
          reduce(x!, axis === undefined ? {} : { axis }, (l) => firstOf(l, op === 'argmax' ? largest(l) : smallest(l))),
      }),
    ),
  ),
)

export const rows: Row[] = [...reductions, ...wholes, ...positions]
