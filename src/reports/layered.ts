/**
 * Where the boxes of a directed graph are drawn: in ranks, so that edges go down, with few crossings (Sugiyama, Tagawa and
 * Toda, "Methods for visual understanding of hierarchical system structures", 1981).
 */

export interface Box {
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Drawing {
  /** The centres of the boxes. */
  readonly boxes: readonly Point[]
  /** For each edge the points that it goes through, from box to box. */
  readonly edges: readonly (readonly Point[])[]
  readonly width: number
  readonly height: number
}

type Edge = readonly [from: number, to: number]

const between = { boxes: 28, ranks: 40 }
const sweeps = 12

/** A box, or a point where a long edge passes a rank. */
interface Place extends Box {
  readonly rank: number
  readonly above: number[]
  readonly below: number[]
  x: number
}

/** @param edges from earlier boxes to later ones */
export function layered(boxes: readonly Box[], edges: readonly Edge[]): Drawing {
  const ranks = ranksOf(boxes.length, edges)
  const places: Place[] = boxes.map((box, i) => ({ ...box, rank: ranks[i]!, above: [], below: [], x: 0 }))
  const chains = edges.map(([from, to]) => chained(places, from, to))
  const rows = ordered(places)
  for (let i = 0; i < sweeps; i++)
    for (const row of i % 2 === 0 ? rows : [...rows].reverse()) align(places, row, i % 2 === 0)
  const left = Math.min(...places.map(({ x, width }) => x - width / 2))
  const { centres, height } = heights(places, rows)
  const point = (i: number, dy = 0): Point => ({ x: places[i]!.x - left, y: centres[places[i]!.rank]! + dy })
  const ends = (chain: readonly number[]) =>
    chain.flatMap((i, k) => {
      const half = places[i]!.height / 2
      if (k === 0) return [point(i, half)]
      return k === chain.length - 1 ? [point(i, -half)] : [point(i)]
    })
  const right = Math.max(...places.map(({ x, width }) => x + width / 2))
  return { boxes: boxes.map((_, i) => point(i)), edges: chains.map(ends), width: right - left, height }
}

/** The longest way from a beginning; what begins stands right above what takes it. */
function ranksOf(count: number, edges: readonly Edge[]): number[] {
  const ranks = new Array<number>(count).fill(0)
  for (let i = 0; i < count; i++)
    for (const [from, to] of edges) if (to === i) ranks[i] = Math.max(ranks[i]!, ranks[from]! + 1)
  for (let i = 0; i < count; i++) {
    const users = edges.flatMap(([from, to]) => (from === i ? [ranks[to]!] : []))
    if (users.length > 0 && !edges.some(([, to]) => to === i)) ranks[i] = Math.min(...users) - 1
  }
  return ranks
}

/** The places that an edge goes through. */
function chained(places: Place[], from: number, to: number): number[] {
  const chain = [from]
  for (let rank = places[from]!.rank + 1; rank < places[to]!.rank; rank++)
    chain.push(places.push({ width: 8, height: 0, rank, above: [], below: [], x: 0 }) - 1)
  chain.push(to)
  for (const [i, place] of chain.slice(1).entries()) {
    places[chain[i]!]!.below.push(place)
    places[place]!.above.push(chain[i]!)
  }
  return chain
}

/** The places of each rank from left to right: each near the middle of those that it is connected to. */
function ordered(places: readonly Place[]): number[][] {
  let rows: number[][] = Array.from({ length: Math.max(...places.map(({ rank }) => rank)) + 1 }, () => [])
  for (const [i, { rank }] of places.entries()) rows[rank]!.push(i)
  let best = rows
  let least = crossings(places, rows)
  for (let sweep = 0; sweep < sweeps && least > 0; sweep++) {
    rows = rows.map((row) => [...row])
    const isDown = sweep % 2 === 0
    for (const row of isDown ? rows.slice(1) : rows.slice(0, -1).reverse()) {
      const at = positions(rows)
      const middle = (i: number) =>
        mean((isDown ? places[i]!.above : places[i]!.below).map((k) => at.get(k)!)) ?? at.get(i)!
      const middles = new Map(row.map((i) => [i, middle(i)]))
      row.sort((a, b) => middles.get(a)! - middles.get(b)!)
    }
    const count = crossings(places, rows)
    if (count < least) [best, least] = [rows, count]
  }
  return best
}

const positions = (rows: readonly number[][]) => new Map(rows.flatMap((row) => row.map((i, at) => [i, at] as const)))

const mean = (list: readonly number[]) => (list.length === 0 ? null : list.reduce((a, b) => a + b, 0) / list.length)

function crossings(places: readonly Place[], rows: readonly number[][]): number {
  const at = positions(rows)
  let count = 0
  for (const row of rows) {
    const lines = row.flatMap((i) => places[i]!.below.map((k) => [at.get(i)!, at.get(k)!] as const))
    for (const [i, [a, b]] of lines.entries())
      for (const [c, d] of lines.slice(i + 1)) if ((a - c) * (b - d) < 0) count++
  }
  return count
}

/** Moves a rank to where its neighbours are, as far as its boxes leave room: least squares in a given order. */
function align(places: readonly Place[], row: readonly number[], isDown: boolean): void {
  let offset = 0
  const groups: { sum: number; count: number }[] = []
  const offsets = row.map((i, k) => {
    if (k > 0) offset += (places[row[k - 1]!]!.width + places[i]!.width) / 2 + between.boxes
    return offset
  })
  for (const [k, i] of row.entries()) {
    const { above, below, x } = places[i]!
    const near = (isDown ? above : below).map((n) => places[n]!.x)
    groups.push({ sum: (mean(near) ?? x) - offsets[k]!, count: 1 })
    // What would overlap moves together.
    while (groups.length > 1 && middle(groups.at(-2)!) > middle(groups.at(-1)!)) {
      const last = groups.pop()!
      groups[groups.length - 1] = { sum: groups.at(-1)!.sum + last.sum, count: groups.at(-1)!.count + last.count }
    }
  }
  const starts = groups.flatMap((group) => new Array<number>(group.count).fill(middle(group)))
  for (const [k, i] of row.entries()) places[i]!.x = starts[k]! + offsets[k]!
}

const middle = ({ sum, count }: { sum: number; count: number }) => sum / count

function heights(places: readonly Place[], rows: readonly number[][]): { centres: number[]; height: number } {
  let y = 0
  const centres = rows.map((row) => {
    const height = Math.max(...row.map((i) => places[i]!.height))
    y += height + between.ranks
    return y - between.ranks - height / 2
  })
  return { centres, height: y - between.ranks }
}
