/** Copies that are meant to happen at once, in an order in which they can be made one after the other. Pure. */

/** A stretch of memory; `space` tells memories apart. */
export interface Stretch {
  readonly space: unknown
  readonly offset: number
  readonly bytes: number
}

export interface Move {
  readonly from: Stretch
  readonly to: Stretch
}

export function overlap(a: Stretch, b: Stretch): boolean {
  return a.space === b.space && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes
}

/**
 * No move writes what a later one still has to read. Where they wait for each other in a circle, one of the sources is
 * set aside first.
 * @param setAside where a source of so many bytes may lie until then
 */
export function inSequence(moves: readonly Move[], setAside: (bytes: number) => Stretch): Move[] {
  const left = moves.filter(({ from, to }) => from.space !== to.space || from.offset !== to.offset)
  const sequence: Move[] = []
  while (left.length > 0) {
    const free = left.findIndex((move) => !left.some((other) => other !== move && overlap(move.to, other.from)))
    if (free >= 0) sequence.push(...left.splice(free, 1))
    else {
      // Each waits for another: a source that is in somebody's way can be moved.
      const inTheWay = left.findIndex((move, i) => i > 0 && overlap(left[0]!.to, move.from))
      const { from, to } = left[inTheWay]!
      const aside = setAside(from.bytes)
      sequence.push({ from, to: aside })
      left[inTheWay] = { from: aside, to }
    }
  }
  return sequence
}
