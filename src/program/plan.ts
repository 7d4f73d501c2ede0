/**
 * Where each value of a program lies in one block of memory. Pure: lifetimes in, offsets out.
 */

/** A value that needs `bytes` from the instruction `from` that writes it to the last one, `to`, that reads it. */
export interface Lifetime {
  readonly bytes: number
  readonly from: number
  readonly to: number
  /** The index of a value whose memory this one takes over: it dies where this one is written. */
  readonly over?: number
}

export interface Plan {
  /** Byte offset of each value. */
  readonly offsets: readonly number[]
  /** Size of the whole block. */
  readonly bytes: number
  /** The most bytes that live at one time: no plan for these values can do with less. */
  readonly live: number
}

export const alignment = 64

export function align(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}

/**
 * Places values, the largest first, each at the lowest offset where it meets no value that lives at the same time.
 * With `reuse` off every value gets memory of its own, for ever (debug mode).
 */
export function plan(values: readonly Lifetime[], reuse = true): Plan {
  const offsets = new Array<number>(values.length).fill(0)
  if (!reuse) {
    let bytes = 0
    for (const [i, v] of values.entries()) {
      offsets[i] = bytes
      bytes += align(v.bytes)
    }
    return { offsets, bytes, live: bytes }
  }
  const groups = joined(values).sort((a, b) => b.bytes - a.bytes || a.from - b.from)
  const placed: { group: Group; offset: number }[] = []
  let bytes = 0
  for (const group of groups) {
    const offset = lowestGap(group, placed)
    insert(placed, { group, offset })
    for (const i of group.members) offsets[i] = offset
    bytes = Math.max(bytes, offset + align(group.bytes))
  }
  return { offsets, bytes, live: liveBytes(groups) }
}

interface Group extends Lifetime {
  readonly members: number[]
}

/** Values that take over each other's memory, as one that lives as long as all of them. */
function joined(values: readonly Lifetime[]): Group[] {
  const groups: { members: number[]; bytes: number; from: number; to: number }[] = []
  const groupOf = new Map<number, (typeof groups)[number]>()
  for (const [i, v] of values.entries()) {
    const before = v.over === undefined ? undefined : groupOf.get(v.over)
    if (before) {
      before.members.push(i)
      before.to = Math.max(before.to, v.to)
      before.bytes = Math.max(before.bytes, v.bytes)
      groupOf.set(i, before)
    } else {
      const group = { members: [i], bytes: v.bytes, from: v.from, to: v.to }
      groups.push(group)
      groupOf.set(i, group)
    }
  }
  return groups
}

function liveBytes(groups: readonly Group[]): number {
  const changes = groups.flatMap(({ bytes, from, to }) => [
    { at: from, bytes: align(bytes) },
    { at: to + 0.5, bytes: -align(bytes) },
  ])
  let [now, most] = [0, 0]
  for (const { bytes } of changes.sort((a, b) => a.at - b.at)) most = Math.max(most, (now += bytes))
  return most
}

function lowestGap(group: Group, placed: readonly { group: Group; offset: number }[]): number {
  let offset = 0
  for (const other of placed) {
    if (other.group.from > group.to || other.group.to < group.from) continue
    if (other.offset >= offset + align(group.bytes)) break
    offset = Math.max(offset, other.offset + align(other.group.bytes))
  }
  return offset
}

// Sorted by offset, so that a gap is found in one pass.
function insert(placed: { group: Group; offset: number }[], item: { group: Group; offset: number }): void {
  let i = placed.length
  while (i > 0 && placed[i - 1]!.offset > item.offset) i--
  placed.splice(i, 0, item)
}
