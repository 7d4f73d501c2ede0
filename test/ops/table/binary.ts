import type { Shape, Tensor } from '../../../src/index.ts'
import * as ops from '../../../src/index.ts'
import { each } from '../../support/oracle.ts'
import { awayFromZero, type Draw, distinct, integers, uniform } from '../../support/random.ts'
import { pairs, type Row } from '../../support/rows.ts'

type Options = Partial<Row> & { data: Row['data'] }

const binary = (
  op: string,
  compute: (a: Tensor, b: Tensor) => Tensor,
  value: (a: number, b: number) => number,
  options: Options,
): Row => ({
  op,
  shapes: pairs,
  compute,
  oracle: (...x) => each(value as (...x: number[]) => number, ...x),
  ...options,
})

const both = uniform(-3, 3)

const arithmetic: Row[] = [
  binary('add', ops.add, (a, b) => a + b, { data: both }),
  binary('sub', ops.sub, (a, b) => a - b, { data: both }),
  binary('mul', ops.mul, (a, b) => a * b, { data: both }),
  binary('div', ops.div, (a, b) => a / b, { data: [both, awayFromZero(0.5, 3)], kinks: 'b = 0' }),
  binary('pow', ops.pow, (a, b) => a ** b, { data: [uniform(0.3, 3), uniform(-2, 2)], ulps: 8, kinks: 'a ≤ 0' }),
  binary(
    'pow',
    (a) => ops.pow(a, 2),
    (a) => a * a,
    { title: 'pow, squares', data: both, ulps: 1, shapes: oneEach(pairs) },
  ),
  binary(
    'pow',
    (a) => ops.pow(a, 3),
    (a) => a ** 3,
    { title: 'pow, cubes', data: both, ulps: 8, shapes: oneEach(pairs) },
  ),
  binary('maximum', ops.maximum, Math.max, { data: [distinct(), distinct(0.005)], kinks: 'a = b' }),
  binary('minimum', ops.minimum, Math.min, { data: [distinct(), distinct(0.005)], kinks: 'a = b' }),
]

/** The first of each pair of shapes. */
function oneEach(list: readonly (readonly Shape[])[]): Shape[][] {
  return list.slice(0, 12).map(([a]) => [a!])
}

const comparisons: Row[] = (
  [
    ['equal', ops.equal, (a: number, b: number) => a === b],
    ['notEqual', ops.notEqual, (a: number, b: number) => a !== b],
    ['greater', ops.greater, (a: number, b: number) => a > b],
    ['greaterEqual', ops.greaterEqual, (a: number, b: number) => a >= b],
    ['less', ops.less, (a: number, b: number) => a < b],
    ['lessEqual', ops.lessEqual, (a: number, b: number) => a <= b],
  ] as const
).flatMap(([op, compute, holds]) => {
  const value = (a: number, b: number) => (holds(a, b) ? 1 : 0)
  const few: Draw = { dtype: 'float32', draw: (n, r) => Float64Array.from({ length: n }, () => r.integer(-2, 3) / 2) }
  return [
    binary(op, compute, value, { data: few, gradient: false }),
    binary(op, compute, value, { title: `${op} of int32`, data: integers(-2, 3), gradient: false }),
  ]
})

const wholes: Row[] = [
  binary('add', ops.add, (a, b) => a + b, { title: 'add of int32', data: integers(-99, 99) }),
  binary('sub', ops.sub, (a, b) => a - b, { title: 'sub of int32', data: integers(-99, 99) }),
  binary('mul', ops.mul, (a, b) => a * b + 0, { title: 'mul of int32', data: integers(-99, 99) }),
  binary('maximum', ops.maximum, Math.max, { title: 'maximum of int32', data: integers(-9, 9) }),
  binary('minimum', ops.minimum, Math.min, { title: 'minimum of int32', data: integers(-9, 9) }),
  binary('div', ops.div, (a, b) => Math.fround(a / b), { title: 'div of int32', data: integers(1, 99) }),
  binary('mul', ops.mul, (a, b) => a * b, { title: 'mul of float32 and int32', data: [both, integers(-9, 9)] }),
]

const condition = integers(-1, 2)
const choices: Row[] = [
  {
    op: 'where',
    shapes: [...pairs.map(([a, b]) => [a!, a!, b!]), [[], [3, 5], [3, 5]], [[3, 1], [5], [1]], [[2, 3, 4], [], [4]]],
    data: [condition, both, both],
    compute: ops.where,
    oracle: (c, a, b) => each((i, x, y) => (i !== 0 ? x : y), c!, a!, b!),
  },
  {
    op: 'where',
    title: 'where, float32 condition',
    shapes: pairs.slice(0, 12).map(([a]) => [a!, a!, a!]),
    data: [uniform(-1, 1), both, both],
    // The condition has a gradient of zero; the oracle's differences see none either, so only a and b are asked for.
    compute: (c, a, b) => ops.where(c.greater(0).cast('float32'), a, b),
    oracle: (c, a, b) => each((i, x, y) => (i > 0 ? x : y), c!, a!, b!),
  },
]

export const rows: Row[] = [...arithmetic, ...comparisons, ...wholes, ...choices]
