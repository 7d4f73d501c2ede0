import { tensor } from '../../../src/index.ts'
import { type Sampling, sample } from '../../../src/ops/sampling.ts'
import { type Nd, product } from '../../support/oracle.ts'
import { uniform } from '../../support/random.ts'
import type { Row } from '../../support/rows.ts'

/** Where a coordinate lies that is outside of 0..size − 1, by walking. */
function folded(at: number, size: number, mode: Sampling['fillMode']): number {
  let x = at
  if (mode === 'reflect') while (x < -0.5 || x > size - 0.5) x = x < -0.5 ? -1 - x : 2 * size - 1 - x
  if (mode === 'wrap') {
    while (x < 0) x += size
    while (x >= size) x -= size
  }
  return mode === 'constant' ? x : Math.min(size - 1, Math.max(0, x))
}

function sampled(x: Nd, maps: readonly (readonly number[])[], s: Sampling): Nd {
  const [n, rows, columns, c] = x.shape as [number, number, number, number]
  const at = (i: number, row: number, column: number, channel: number) => {
    if (row < 0 || row >= rows || column < 0 || column >= columns) return s.fillMode === 'constant' ? s.fillValue : 0
    return x.data[((i * rows + row) * columns + column) * c + channel]!
  }
  const shape = [n, s.height, s.width, c]
  const data = Float64Array.from({ length: product(shape) }, (_, flat) => {
    const channel = flat % c
    const column = Math.floor(flat / c) % s.width
    const row = Math.floor(flat / c / s.width) % s.height
    const i = Math.floor(flat / c / s.width / s.height)
    const [a0, a1, a2, b0, b1, b2] = maps[maps.length === 1 ? 0 : i] as [number, number, number, number, number, number]
    const u = folded(a0 * column + a1 * row + a2, columns, s.fillMode)
    const v = folded(b0 * column + b1 * row + b2, rows, s.fillMode)
    if (s.interpolation === 'nearest') return at(i, Math.floor(v + 0.5), Math.floor(u + 0.5), channel)
    const [left, top] = [Math.floor(u), Math.floor(v)]
    const [right, down] = [u - left, v - top]
    const line = (r: number) =>
      (1 - right) * at(i, r, left, channel) + (right > 0 ? right * at(i, r, left + 1, channel) : 0)
    return (1 - down) * line(top) + (down > 0 ? down * line(top + 1) : 0)
  })
  return { shape, data }
}

// Numbers that float32 holds, so that both sides look at the same points, none of them on the way between two.
const moves = [0.625, -0.28125, 3.3125, 0.40625, 0.8125, -4.5625]
const turns = [-1.1875, 0.15625, 9.6875, 0.09375, -0.84375, 11.4375]
const far = [3.28125, 0, -7.15625, 0, 2.53125, -9.34375]

const rowOf = (title: string, maps: readonly (readonly number[])[], s: Sampling, shapes: Row['shapes']): Row => ({
  op: 'sample',
  title: `sample, ${title}`,
  shapes,
  data: uniform(-1, 1),
  relative: 1e-5,
  effort: 4,
  compute: (x) => sample(x, tensor(maps.map((map) => [...map])), s),
  oracle: (x) => sampled(x!, maps, s),
})
const pictures = [[[3, 9, 7, 1]], [[3, 6, 17, 2]], [[3, 16, 33, 1]], [[3, 1, 1, 5]]]

const how = { height: 8, width: 19, fillValue: 0.75 }
export const rows: Row[] = [
  ...(['constant', 'nearest', 'reflect', 'wrap'] as const).flatMap((fillMode) =>
    (['bilinear', 'nearest'] as const).map((interpolation) =>
      rowOf(`${interpolation}, ${fillMode}`, [moves, turns, far], { ...how, fillMode, interpolation }, pictures),
    ),
  ),
  rowOf('one map for all', [moves], { ...how, fillMode: 'reflect', interpolation: 'bilinear' }, pictures),
]
