import { concat, type Shape, split } from '../../../src/index.ts'
import { build, get, type Nd } from '../../support/oracle.ts'
import { integers, uniform } from '../../support/random.ts'
import { lanes, type Row } from '../../support/rows.ts'

const data = uniform(-3, 3)
const widths = [...new Set([1, 7, 8, 9, 16, 17, lanes, lanes + 1, 37, 130])]
const flat: Shape[][] = widths.map((n) => [[n]])
const deep: Shape[][] = [[[2, 3]], [[5, 17]], [[3, 1]], [[16, 16]]]
const cubes: Shape[][] = [[[2, 3, 4]], [[3, 1, 5]], [[2, 9, 17]]]

const row = (op: string, title: string, shapes: Shape[][], f: Pick<Row, 'compute' | 'oracle'> & Partial<Row>): Row => ({
  op,
  title: `${op} ${title}`,
  shapes,
  data,
  ...f,
})

type Pairs = [number, number][]
const padded = (x: Nd, widths: Pairs, value: number): Nd =>
  build(
    x.shape.map((n, i) => widths[i]![0] + n + widths[i]![1]),
    (index) => {
      const at = index.map((j, i) => j - widths[i]![0])
      return at.every((j, i) => j >= 0 && j < x.shape[i]!) ? get(x, at) : value
    },
  )
const pads = (
  [
    [flat, [[2, 3]], 0],
    [flat, [[0, 1]], -1.5],
    [deep, [[1, 0], [0, 2]], 0], // biome-ignore format: pairs
    [cubes, [[0, 0], [3, 1], [0, 0]], 2], // biome-ignore format: pairs
    [cubes, [[1, 1], [1, 1], [1, 1]], 0], // biome-ignore format: pairs
    [cubes, [[0, 0], [0, 0], [0, 0]], 7], // biome-ignore format: pairs
  ] as [Shape[][], Pairs, number][]
).map(([shapes, pairs, value]) =>
  row('pad', `${JSON.stringify(pairs)} with ${value}`, shapes, {
    compute: (x) => x.pad(pairs, value),
    oracle: (x) => padded(x!, pairs, value),
  }),
)

const moved = (x: Nd, from: (index: readonly number[]) => number[]) => build(x.shape, (index) => get(x, from(index)))
const at = (index: readonly number[], axis: number, place: number) => index.map((j, i) => (i === axis ? place : j))
const turns = [0, 1, 2].flatMap((axis) => [
  row('flip', `axis ${axis}`, [...(axis === 0 ? flat : []), ...(axis < 2 ? deep : []), ...cubes], {
    compute: (x) => x.flip(axis),
    oracle: (x) => moved(x!, (index) => at(index, axis, x!.shape[axis]! - 1 - index[axis]!)),
  }),
  ...[1, -1, 2, 5, -100, 0].map((shift) =>
    row('roll', `${shift}, axis ${axis}`, [...(axis === 0 ? flat : []), ...(axis < 2 ? deep : []), ...cubes], {
      compute: (x) => x.roll(shift, axis),
      oracle: (x) => {
        const n = x!.shape[axis]!
        return moved(x!, (index) => at(index, axis, (((index[axis]! - shift) % n) + n) % n))
      },
    }),
  ),
])

const tiles = (
  [
    [flat, [3]],
    [flat, [2, 2]],
    [deep, [2]],
    [deep, [1, 3]],
    [deep, [2, 3]],
    [cubes, [2, 1, 2]],
    [cubes, [2, 2, 2, 2]],
    [deep, [0, 2]],
    [[[[2, 1, 2, 1, 2]]], [2, 2, 2, 2, 2]],
  ] as [Shape[][], number[]][]
).map(([shapes, times]) =>
  row('tile', `${JSON.stringify(times)}`, shapes, {
    compute: (x) => x.tile(times),
    oracle: (x) => {
      const rank = Math.max(times.length, x!.shape.length)
      const shape = [...new Array<number>(rank - x!.shape.length).fill(1), ...x!.shape]
      const full = [...new Array<number>(rank - times.length).fill(1), ...times]
      const whole = { shape, data: x!.data }
      return build(
        shape.map((n, i) => n * full[i]!),
        (index) =>
          get(
            whole,
            index.map((j, i) => j % shape[i]!),
          ),
      )
    },
  }),
)

// The parts in another order, so that each has its own place in the gradient.
const splits = (
  [
    [[[[6]], [[6, 4]], [[6, 17]]], [1, 3, 2], 0],
    [[[[3, 6]], [[17, 6]], [[2, 6, 5]]], [4, 2], 1],
    [[[[2, 3, 9]]], [2, 0, 7], -1],
    [[[[4, 5]]], [4], 0],
  ] as [Shape[][], number[], number][]
).map(([shapes, sizes, axis]) =>
  row('split', `${JSON.stringify(sizes)}, axis ${axis}`, shapes, {
    compute: (x) => concat(split(x, sizes, axis).reverse(), axis),
    oracle: (x) => {
      const i = axis < 0 ? axis + x!.shape.length : axis
      const places = sizes.map((size, p) => {
        const start = sizes.slice(0, p).reduce((a, b) => a + b, 0)
        return Array.from({ length: size }, (_, j) => start + j)
      })
      const order = places.reverse().flat()
      return moved(x!, (index) => at(index, i, order[index[i]!]!))
    },
  }),
)

const matrices: Shape[][] = [[[1, 1]], [[3, 3]], [[2, 5]], [[5, 2]], [[17, 16]], [[2, 4, 3]], [[33, 40]]]
const triangles = [0, 1, -1, 2, -3, 99].flatMap((k) => [
  row('triu', `${k}`, matrices, {
    compute: (x) => x.triu(k),
    oracle: (x) => build(x!.shape, (index) => (index.at(-1)! >= index.at(-2)! + k ? get(x!, index) : 0)),
  }),
  row('tril', `${k}`, matrices, {
    compute: (x) => x.tril(k),
    oracle: (x) => build(x!.shape, (index) => (index.at(-1)! <= index.at(-2)! + k ? get(x!, index) : 0)),
  }),
])

const wholes = [
  ...pads.slice(2, 5),
  ...turns.slice(0, 3),
  ...tiles.slice(2, 4),
  ...splits.slice(1, 2),
  ...triangles.slice(0, 2),
]
  .filter((r) => !r.title!.includes('1.5'))
  .map((r): Row => ({ ...r, title: `${r.title} of int32`, data: integers(-99, 99) }))

export const rows: Row[] = [...pads, ...turns, ...tiles, ...splits, ...triangles, ...wholes]
