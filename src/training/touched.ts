/** Updates of tables of which a step touches a few rows: what is zeroed, added up and checked costs the batch. */
import { reshape } from '../ops/movement.ts'
import { isWorthIt, putRows, type Touched, takeRows, touchedRows } from '../ops/touched.ts'
import type { Update } from '../optimizers/optimizer.ts'
import type { ParameterRange } from '../parameters/block.ts'
import { placeOf, rangeOf } from '../parameters/block.ts'
import type { Parameter } from '../parameters/parameter.ts'
import type { Target } from '../program/compile.ts'
import { backThrough } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import type { Segment } from '../tensor/segment.ts'

/** The rows of a parameter's gradient, where they are all that is not 0 in it and few; else null. */
export function touchedOf(parameter: Parameter, gradient: Tensor): Touched | null {
  const { node } = gradient
  const parts = node?.operation.rows?.(node)
  if (!parts || parameter.constraint || !isWorthIt(parts.places, parameter.shape)) return null
  return backThrough(node!, () => touchedRows(parts.values, parts.places, parameter.shape[0]!))
}

/** Where a table lies in its segments: parameters, then slots. */
export interface TablePlaces {
  readonly range: ParameterRange
  readonly segments: readonly Segment[]
  readonly width: number
}

type Formula = (update: Update) => readonly Tensor[]

/** The formula for the touched rows alone, by optimizers that leave alone what has no gradient. */
export function updateRows(
  { ids, rows }: Touched,
  { range, segments, width }: TablePlaces,
  scalars: Tensor,
  f: Formula,
) {
  const tables = segments.map((segment) => rangeOf(segment, range))
  const [parameters, ...slots] = tables.map((table) => flat(takeRows(table, ids, width)))
  const results = f({ parameters: parameters!, gradients: flat(rows), slots, scalars })
  return results.map((changed, i): Target => {
    return { tensor: putRows(tables[i]!, ids, width, changed), place: placeOf(segments[i]!, range) }
  })
}

/**
 * The formula for the whole table, whose gradient is put into zeros and taken out again. All of that is one update, so a
 * step that fails leaves the zeros as they are.
 * @param zeros a segment of zeros, which nobody else writes
 */
export function updateTable(
  { ids, rows }: Touched,
  { range, segments, width }: TablePlaces,
  scalars: Tensor,
  f: Formula,
  zeros: Segment,
): Target[] {
  const place = { segment: zeros, offset: 0 }
  const gradients = putRows(rangeOf(zeros, { ...range, first: 0 }), ids, width, rows)
  const [parameters, ...slots] = segments.map((segment) => rangeOf(segment, range))
  const results = f({ parameters: parameters!, gradients, slots, scalars })
  return [
    { tensor: gradients, place },
    ...results.map((tensor, i): Target => ({ tensor, place: placeOf(segments[i]!, range) })),
    { tensor: putRows(gradients, ids, width), place },
  ]
}

function flat(x: Tensor): Tensor {
  return reshape(x, [x.size()])
}
