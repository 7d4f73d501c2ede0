import type { Reduce, Shape } from '../../../src/index.ts'
import { each, reduce, total } from '../../support/oracle.ts'
import { awayFromZero, type Draw, integers, uniform } from '../../support/random.ts'
import { lanes, pairs, type Row, vectors } from '../../support/rows.ts'

const widths = [...new Set([2, 7, 9, 16, 17, lanes, lanes + 1, 37])]
const flat: Shape[][] = widths.flatMap((n) => [[[3, n]], [[n, 3]], [[n, n]]])
const deep: Shape[][] = [[[2, 3, 4]], [[3, 1, 5]], [[2, 9, 17]]]
const axes: { shapes: Shape[][]; options: Reduce }[] = [
  { shapes: [[[5]], [[17]], ...flat.slice(0, 4), ...deep], options: {} },
  { shapes: flat, options: { axis: 0 } },
  { shapes: [...flat, ...deep], options: { axis: -1, keepdims: true } },
  { shapes: deep, options: { axis: [0, 2] } },
  { shapes: deep, options: { axis: 1 } },
]

const squares = (list: number[]) => {
  const mean = total(list) / list.length
  return total(list.map((x) => (x - mean) ** 2)) / list.length
}
const factors = (list: number[]) => list.reduce((a, b) => a * b, 1)
const exponentials = (list: number[]) => {
  const top = Math.max(...list)
  return top + Math.log(total(list.map((x) => Math.exp(x - top))))
}
const near: Draw = { ...uniform(0.8, 1.25) }
const someZeros: Draw = {
  dtype: 'float32',
  draw: (n, r) => Float64Array.from({ length: n }, () => (r.next() < 0.1 ? 0 : Math.fround(r.uniform(0.8, 1.25)))),
}
const booleans: Draw = { dtype: 'float32', draw: (n, r) => Float64Array.from({ length: n }, () => r.integer(0, 3) % 2) }
const truth = (x: boolean) => (x ? 1 : 0)

const kinds = [
  { op: 'variance', data: uniform(-2, 3), fold: squares, relative: 1e-6 },
  { op: 'std', data: uniform(-2, 3), fold: (l: number[]) => Math.sqrt(squares(l)), relative: 1e-6, kinks: 'one value' },
  { op: 'prod', data: near, fold: factors, relative: 1e-5 },
  { op: 'prod', of: 'some zeros', data: someZeros, fold: factors, relative: 1e-5 },
  { op: 'logSumExp', data: uniform(-9, 9), fold: exponentials, relative: 1e-6 },
  { op: 'any', data: booleans, fold: (l: number[]) => truth(l.some((x) => x !== 0)), gradient: false },
  { op: 'all', data: booleans, fold: (l: number[]) => truth(l.every((x) => x !== 0)), gradient: false },
  { op: 'any', of: 'int32', data: integers(0, 2), fold: (l: number[]) => truth(l.some((x) => x !== 0)) },
  { op: 'all', of: 'int32', data: integers(0, 2), fold: (l: number[]) => truth(l.every((x) => x !== 0)) },
  { op: 'prod', of: 'int32', data: integers(-1, 3), fold: (l: number[]) => l.reduce((a, b) => Math.imul(a, b), 1) },
] as const

const reductions = kinds.flatMap((kind) =>
  axes.map(({ shapes, options }): Row => {
    const { op, fold, of, ...rest } = { of: '', ...kind }
    // The root has no derivative where all values are one.
    const own = op === 'std' ? shapes.filter(([s]) => !s!.includes(1)) : shapes
    return {
      op,
      title: `${op} ${of} ${JSON.stringify(options)}`,
      shapes: own,
      compute: (x) => x[op](options),
      oracle: (x) => reduce(x!, options, fold),
      ...rest,
    }
  }),
)

const logic: Row[] = [booleans, integers(-1, 2), awayFromZero(0.5, 2)].flatMap((data): Row[] => [
  {
    op: 'logicalAnd',
    title: `logicalAnd of ${data.dtype}`,
    shapes: pairs.filter(([a]) => a!.length !== 1 || a![0]! < 2000),
    data,
    gradient: false,
    compute: (a, b) => a.logicalAnd(b),
    oracle: (a, b) => each((x, y) => truth(x !== 0 && y !== 0), a!, b!),
  },
  {
    op: 'logicalOr',
    title: `logicalOr of ${data.dtype}`,
    shapes: pairs.filter(([a]) => a!.length !== 1 || a![0]! < 2000),
    data,
    gradient: false,
    compute: (a, b) => a.logicalOr(b),
    oracle: (a, b) => each((x, y) => truth(x !== 0 || y !== 0), a!, b!),
  },
  {
    op: 'logicalNot',
    title: `logicalNot of ${data.dtype}`,
    shapes: vectors,
    data,
    gradient: false,
    compute: (a) => a.logicalNot(),
    oracle: (a) => each((x) => truth(x === 0), a!),
  },
])

export const rows: Row[] = [...reductions, ...logic]
