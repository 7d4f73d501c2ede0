/**
 * Who reads and who writes which memory: the one place that every way to run goes through, and every read and write from
 * JavaScript. The engine takes one step at a time, and lets a job that changes something in between steps only; so
 * jobs in the background may share memory, and each of their steps sees that of a whole step. What JavaScript itself
 * does cannot wait for a step to end: it is refused.
 */
import { ChainruleError } from '../errors.ts'
import type { Resident, Segment, User } from '../tensor/segment.ts'

/** The segments that outlast a run, by what it does with them. */
export interface Uses {
  readonly reads: readonly Segment[]
  readonly writes: readonly Segment[]
}

export function usesOf(programs: readonly Uses[]): Uses {
  const writes = new Set(programs.flatMap((p) => p.writes))
  const reads = new Set(programs.flatMap((p) => p.reads).filter((s) => !writes.has(s)))
  return { reads: [...reads], writes: [...writes] }
}

function busy(call: string, { what }: User): ChainruleError {
  return new ChainruleError('ERR_BUSY', `${call}: ${what()}; await it first`)
}

const firstOf = (users: ReadonlySet<User>) => users.values().next().value

/** @throws ERR_BUSY while a job writes any of these segments: what is read now would be torn */
export function refuseWritten(call: string, segments: Iterable<Segment>): void {
  for (const segment of segments) {
    const writer = firstOf(segment.writers)
    if (writer) throw busy(call, writer)
  }
}

/** @throws ERR_BUSY while a job reads or writes any of these segments: what is written now would be seen by halves */
export function refuseUsed(call: string, segments: Iterable<Segment>): void {
  for (const segment of segments) {
    const user = firstOf(segment.writers) ?? firstOf(segment.readers)
    if (user) throw busy(call, user)
  }
}

/** Writes one tensor from this thread, at once. What was described with the old values keeps them. @throws ERR_BUSY */
export function writeNow(call: string, segment: Segment, changed: Resident, write: () => void): void {
  refuseUsed(call, [segment])
  changed.beforeChange()
  write()
}

/**
 * Claims what a job uses until the returned function is called.
 * @param isLong whether it takes many steps, between which another job could change what it reads
 * @throws ERR_BUSY beside a run that trains what it writes, or, where it is long, what it reads
 */
export function claim(call: string, { reads, writes }: Uses, user: User, isLong = false): () => void {
  const exclusive = (segment: Segment) => {
    for (const writer of segment.writers) if (writer.exclusive || user.exclusive) throw busy(call, writer)
  }
  for (const segment of writes) exclusive(segment)
  if (isLong) for (const segment of reads) for (const w of segment.writers) if (w.exclusive) throw busy(call, w)
  for (const segment of writes) for (const resident of segment.residents) resident.beforeChange()
  for (const segment of writes) segment.writers.add(user)
  const { reader, end } = isLong ? withAnEnd(user) : { reader: user, end: () => {} }
  for (const segment of reads) segment.readers.add(reader)
  return () => {
    end()
    for (const segment of reads) segment.readers.delete(reader)
    for (const segment of writes) {
      segment.writers.delete(user)
      for (const resident of segment.residents) resident.afterChange(user.what())
    }
  }
}

function withAnEnd(user: User): { reader: User; end: () => void } {
  let end = () => {}
  const finished = new Promise<void>((resolve) => {
    end = resolve
  })
  return { reader: { ...user, finished }, end }
}

/**
 * Until when a job of many steps reads one of these segments: training them meanwhile would mix weights in its result.
 * Undefined where there is none: then nobody waits, not even for a turn.
 */
export function evaluationOf(segments: readonly Segment[]): Promise<void> | undefined {
  for (const { readers } of segments) for (const { finished } of readers) if (finished) return finished
  return undefined
}
