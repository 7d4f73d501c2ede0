import type { Tensor } from '../../../src/index.ts'
import * as ops from '../../../src/index.ts'
import { each, erf } from '../../support/oracle.ts'
import { awayFrom, awayFromZero, type Draw, distinct, integers, uniform } from '../../support/random.ts'
import { type Row, vectors } from '../../support/rows.ts'

type Options = Partial<Row> & { data: Draw }

const unary = (
  op: string,
  compute: (x: Tensor) => Tensor,
  value: (x: number) => number,
  derivative: ((x: number) => number) | null,
  options: Options,
): Row => ({
  op,
  shapes: vectors,
  compute,
  oracle: (x) => each(value, x!),
  ...(derivative ? { derivative } : { gradient: false }),
  ...options,
})

/** Halves go to the even neighbour. */
function halfToEven(x: number): number {
  const low = Math.floor(x)
  if (x - low !== 0.5) return Math.round(x)
  return low % 2 === 0 ? low : low + 1
}

const halves: Draw = {
  dtype: 'float32',
  draw: (n, random) => Float64Array.from({ length: n }, () => random.integer(-20, 20) / 2),
}

const functions: Row[] = [
  unary(
    'neg',
    ops.neg,
    (x) => -x,
    () => -1,
    { data: uniform(-3, 3) },
  ),
  unary('exp', ops.exp, Math.exp, Math.exp, { data: uniform(-4, 4), ulps: 2 }),
  unary('exp', ops.exp, Math.exp, null, { title: 'exp, wide', data: uniform(-80, 80), ulps: 2 }),
  unary('log', ops.log, Math.log, (x) => 1 / x, { data: uniform(0.3, 5), ulps: 3 }),
  unary('log', ops.log, Math.log, null, { title: 'log, wide', data: uniform(1e-30, 1e30), ulps: 3 }),
  unary('log1p', ops.log1p, Math.log1p, (x) => 1 / (1 + x), { data: uniform(-0.6, 4), ulps: 2 }),
  unary('log1p', ops.log1p, Math.log1p, null, { title: 'log1p, small', data: uniform(-1e-5, 1e-5), ulps: 2 }),
  unary('expm1', ops.expm1, Math.expm1, Math.exp, { data: uniform(-4, 4), ulps: 2 }),
  unary('expm1', ops.expm1, Math.expm1, null, { title: 'expm1, small', data: uniform(-1e-5, 1e-5), ulps: 2 }),
  unary('erf', ops.erf, erf, (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x), { data: uniform(-3, 3), ulps: 1 }),
  unary('erf', ops.erf, erf, null, { title: 'erf, wide', data: uniform(-9, 9), ulps: 1 }),
  unary('erf', ops.erf, erf, null, { title: 'erf, small', data: uniform(-1e-5, 1e-5), ulps: 1 }),
  unary('sqrt', ops.sqrt, Math.sqrt, (x) => 0.5 / Math.sqrt(x), { data: uniform(0.3, 9) }),
  unary(
    'square',
    ops.square,
    (x) => x * x,
    (x) => 2 * x,
    { data: uniform(-3, 3) },
  ),
  unary('abs', ops.abs, Math.abs, Math.sign, { data: awayFromZero(0.05, 3), kinks: '0' }),
  unary('sign', ops.sign, Math.sign, null, { data: integers(-1, 2) }),
  unary('sign', ops.sign, Math.sign, null, { title: 'sign of floats', data: uniform(-1, 1) }),
  unary(
    'reciprocal',
    ops.reciprocal,
    (x) => 1 / x,
    (x) => -1 / (x * x),
    { data: awayFromZero(0.5, 4), kinks: '0' },
  ),
  unary('sin', ops.sin, Math.sin, Math.cos, { data: uniform(-6, 6), ulps: 2 }),
  unary('cos', ops.cos, Math.cos, (x) => -Math.sin(x), { data: uniform(-6, 6), ulps: 2 }),
  unary('floor', ops.floor, Math.floor, null, { data: uniform(-9, 9) }),
  unary('ceil', ops.ceil, (x) => Math.ceil(x), null, { data: uniform(-9, 9) }),
  unary('round', ops.round, halfToEven, null, { data: uniform(-9, 9) }),
  unary('round', ops.round, halfToEven, null, { title: 'round of halves', data: halves }),
  unary(
    'clip',
    (x) => ops.clip(x, -0.5, 1.25),
    (x) => Math.min(Math.max(x, -0.5), 1.25),
    (x) => (x > -0.5 && x < 1.25 ? 1 : 0),
    { data: awayFrom([-0.5, 1.25], 0.01, -2, 2), kinks: 'the limits' },
  ),
]

const wholes: Row[] = [
  unary('neg', ops.neg, (x) => 0 - x, null, { title: 'neg of int32', data: integers(-99, 99) }),
  unary('abs', ops.abs, Math.abs, null, { title: 'abs of int32', data: integers(-99, 99) }),
  unary('square', ops.square, (x) => x * x, null, { title: 'square of int32', data: integers(-99, 99) }),
  unary(
    'clip',
    (x) => ops.clip(x, -2.5, 3),
    (x) => Math.min(Math.max(x, -2), 3),
    null,
    {
      title: 'clip of int32',
      data: integers(-9, 9),
    },
  ),
  unary(
    'cast',
    (x) => ops.cast(x, 'int32'),
    (x) => Math.trunc(x) + 0,
    null,
    { data: uniform(-9, 9) },
  ),
  unary(
    'cast',
    (x) => ops.cast(x, 'float32'),
    (x) => x,
    null,
    {
      title: 'cast to float32',
      data: integers(-(2 ** 24), 2 ** 24),
    },
  ),
  unary(
    'cast',
    (x) => ops.cast(x, 'float32'),
    (x) => x,
    () => 1,
    { title: 'cast of float32 to itself', data: distinct() },
  ),
]

export const rows: Row[] = [...functions, ...wholes]
