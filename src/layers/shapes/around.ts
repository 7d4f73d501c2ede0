/** How much is put around pictures, or cut off: a number, one per axis, or one per side. */
import { type Check, optionError } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape } from '../../tensor/shape.ts'

/** For all sides; per axis, the same on both sides; or per axis [before, after]. */
export type Around<N extends 1 | 2 | 3> =
  | number
  | [
      readonly [number] | readonly [number, number],
      readonly [number, number] | readonly [readonly [number, number], readonly [number, number]],
      (
        | readonly [number, number, number]
        | readonly [readonly [number, number], readonly [number, number], readonly [number, number]]
      ),
    ][N extends 1 ? 0 : N extends 2 ? 1 : 2]

export type Pair = readonly [before: number, after: number]

const isCount = (n: unknown): n is number => Number.isInteger(n) && (n as number) >= 0 && (n as number) <= 2 ** 20
const isPair = (list: unknown): list is Pair =>
  Array.isArray(list) && list.length === 2 && Array.from(list).every(isCount)

/** [before, after] for each axis. Of one axis [1, 2] are its two sides, as in Keras. */
export function aroundOption(axes: 1 | 2 | 3): Check<readonly Pair[]> {
  const examples = ['1 or [1, 2]', '1, [1, 2] or [[1, 1], [2, 0]]', '1, [1, 2, 0] or [[1, 1], [2, 0], [0, 0]]']
  return (value, subject) => {
    if (isCount(value)) return Array.from({ length: axes }, () => [value, value] as const)
    const list: unknown[] = Array.isArray(value) ? Array.from(value) : []
    if (axes === 1 && isPair(list)) return [list]
    if (list.length === axes && list.every(isCount)) return list.map((n) => [n, n] as const)
    if (list.length === axes && list.every(isPair)) return list.map(([before, after]) => [before, after] as const)
    throw optionError(
      subject,
      'an integer of 0 or more, one per axis, or a pair [before, after] per axis',
      value,
      `Write ${examples[axes - 1]}.`,
    )
  }
}

/** Per axis of x: nothing around batch and channels. */
export const everyAxis = (pairs: readonly Pair[]): readonly Pair[] => [[0, 0], ...pairs, [0, 0]]

/** Refuses to cut off all that there is. */
export function checkCropping(where: string, x: Tensor, pairs: readonly Pair[]): void {
  for (const [i, [before, after]] of pairs.entries())
    if (before + after >= x.shape[i + 1]!)
      throw shapeError(
        where,
        `cutting off ${before} and ${after} of axis ${i + 1} of ${formatShape(x.shape)} leaves nothing of ${x.shape[i + 1]}. ` +
          'Give a smaller cropping.',
      )
}
