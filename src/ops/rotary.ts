/** Rotary positions (Su et al., "RoFormer", 2021): pairs of numbers turned by an angle that grows with the position. */
import { shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { formatShape } from '../tensor/shape.ts'
import { add, mul, sub } from './elementwise.ts'
import { at, concat } from './slice.ts'

function table(t: number, half: number, wave: (angle: number) => number): Tensor {
  const values = new Float32Array(t * half)
  for (let p = 0; p < t; p++) for (let i = 0; i < half; i++) values[p * half + i] = wave(p / 10000 ** (i / half))
  return constant(values, [t, 1, half])
}

/**
 * Heads [batch, t, heads, d]: the numbers i and i + d/2 of step p are turned by p / 10000^(2i/d). So products of queries
 * and keys depend on the distance of their steps.
 */
export function rotary(x: Tensor): Tensor {
  const [, t = 0, , d = 0] = x.shape
  if (x.rank !== 4 || d % 2 !== 0)
    throw shapeError('rotary', `expected [batch, t, heads, d] with an even d, got ${formatShape(x.shape)}`)
  const half = d / 2
  const [first, second] = [at(x, ':', ':', ':', `:${half}`), at(x, ':', ':', ':', `${half}:`)]
  const [c, s] = [table(t, half, Math.cos), table(t, half, Math.sin)]
  return concat([sub(mul(first, c), mul(second, s)), add(mul(second, c), mul(first, s))], 3)
}
