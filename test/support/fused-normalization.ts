/** Forms of the normalisations: rows in all sizes around a vector's length, weights that are there or not, relu. */
import { type Form, form, type Input } from './form.ts'
import { seeded, uniform } from './random.ts'

type Shape = readonly number[]
const size = (shape: Shape) => shape.reduce((a, b) => a * b, 1)
const drawn = (shape: Shape, seed: number, low = -1, high = 2): Input => ({
  shape,
  dtype: 'float32',
  values: [...uniform(low, high).draw(size(shape), seeded(seed))],
})

const channels = [1, 3, 7, 8, 15, 16, 17, 33, 70, 130]
const pictures: Shape[] = [...channels.map((c) => [9, c]), [2, 3, 5, 12], [70, 40], [3000, 3]]
const none: Shape = [0]
const present = (c: number): Shape[][] => [[[c], [c]], [none, [c]], [[c], none], [none, none]] // biome-ignore format: pairs

/** gamma and beta: both for all shapes, all combinations for one. */
const weightsOf = (c: number) => (c === 17 ? present(c) : present(c).slice(0, 1))

/** The same numbers as float64 gives them, for statistics that must be those of x. */
function momentsOf({ shape, values }: Input): [Input, Input] {
  const c = shape.at(-1)!
  const rows = values.length / c
  const column = (j: number) => Array.from({ length: rows }, (_, r) => values[r * c + j]!)
  const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length
  const means = Array.from({ length: c }, (_, j) => mean(column(j)))
  const variances = means.map((m, j) => mean(column(j).map((x) => (x - m) ** 2)))
  const one = (list: number[]): Input => ({ shape: [c], dtype: 'float32', values: list.map(Math.fround) })
  return [one(means), one(variances)]
}

const batches = (own: boolean): Form[] =>
  pictures.flatMap((s) =>
    weightsOf(s.at(-1)!).map(([g, b]) => {
      const x = drawn(s, 1)
      const given = own ? momentsOf(x) : [drawn([s.at(-1)!], 2), drawn([s.at(-1)!], 3, 0.5, 2)]
      return form('', { epsilon: 1e-3, own }, [x, ...given, drawn(g!, 4), drawn(b!, 5)])
    }),
  )

const batchBack = (relu: boolean, own: boolean, sums: boolean): Form[] =>
  pictures.flatMap((s) =>
    weightsOf(s.at(-1)!).map(([g, b]) => {
      const c = s.at(-1)!
      const x = drawn(s, 1)
      const extra = sums ? [] : [drawn([c], 6), drawn([c], 7)]
      const inputs = [x, drawn(s, 8), ...momentsOf(x), drawn(g!, 4, 0.5, 1), drawn(b!, 5, -0.2, 0.3), ...extra]
      return form(`relu ${relu}, own ${own}`, { epsilon: 1e-3, own, relu }, inputs)
    }),
  )

const kinds = ['layer', 'meanSquare', 'unit'] as const
// Of one number the derivative is 0, but for rounding, unless it is by its square.
const rows: Form[] = kinds.flatMap((kind) =>
  pictures
    .slice(kind === 'meanSquare' ? 0 : 1)
    .flatMap((s) =>
      weightsOf(s.at(-1)!).map(([g, b]) =>
        form(kind, { kind, epsilon: 1e-3 }, [drawn(s, 1, 0.1, 2), drawn(g!, 2), drawn(b!, 3)]),
      ),
    ),
)
const rowsBack = (relu: boolean): Form[] =>
  kinds.flatMap((kind) =>
    pictures.flatMap((s) =>
      weightsOf(s.at(-1)!).map(([g, b]) => {
        const each = [...s.slice(0, -1), 1]
        const scales = [drawn(each, 6, kind === 'layer' ? 0.5 : 0, kind === 'layer' ? 1 : 0), drawn(each, 7, 0.5, 1)]
        const inputs = [drawn(s, 1), drawn(s, 2), ...scales, drawn(g!, 4, 0.5, 1), drawn(b!, 5, -0.2, 0.3)]
        return form(`${kind}, relu ${relu}`, { kind, epsilon: 1e-3, relu }, inputs)
      }),
    ),
  )

const grouped: [Shape, number][] = [
  ...channels.flatMap((c): [Shape, number][] => [[[3, 5, c], 1], [[3, 5, c], c]]), // biome-ignore format: pairs
  [[2, 3, 4, 12], 4],
  [[2, 40, 40], 8],
  [[4, 34], 2],
  [[1, 70, 96], 32],
]
const groups = grouped.map(([s, n]) => {
  const c = [s.at(-1)!]
  return form(`${n} groups`, { groups: n, epsilon: 1e-3 }, [drawn(s, 1), drawn(c, 2), drawn(c, 3)])
})
const groupsBack = (relu: boolean) =>
  grouped.map(([s, n]) => {
    const c = [s.at(-1)!]
    const each = [s[0]!, 1, n, 1]
    const inputs = [drawn(s, 1), drawn(s, 2), drawn(each, 6), drawn(each, 7, 0.5, 1), drawn(c, 4, 0.5, 1), drawn(c, 5)]
    return form(`${n} groups, relu ${relu}`, { groups: n, epsilon: 1e-3, relu }, inputs)
  })

const both = <T>(f: (relu: boolean) => T[]): T[] => [...f(false), ...f(true)]

export const normalizations: Readonly<Record<string, readonly Form[]>> = {
  moments: pictures.map((s) => form('', null, [drawn(s, 1)])),
  batchNormalization: [...batches(true), ...batches(false)],
  batchNormalizationSums: both((relu) => batchBack(relu, true, true)),
  batchNormalizationGradient: both((relu) => [...batchBack(relu, true, false), ...batchBack(relu, false, false)]),
  rowNormalization: rows,
  rowNormalizationGradient: both(rowsBack),
  groupNormalization: groups,
  groupNormalizationGradient: both(groupsBack),
}
