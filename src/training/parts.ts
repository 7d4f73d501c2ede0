import { type Dataset, datasetOf } from '../data/dataset.ts'
import type { ReadOptions } from '../data/read.ts'
import type { Sliced } from '../data/slices.ts'
import { ChainruleError } from '../errors.ts'
import { pathOf } from '../named.ts'
import { number } from '../options.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'

/** The samples to train on, and those to validate on. */
export function* trainingParts(
  data: unknown,
  validation: unknown,
  options: ReadOptions,
): Sliced<[Dataset, Dataset | null]> {
  const all = yield* datasetOf('fit', data, options)
  if (validation === undefined) return [all, null]
  if (typeof validation !== 'number') {
    const other = yield* datasetOf('fit: validation', validation, options)
    refuseOtherShapes(all, other)
    return [all, other]
  }
  number({ above: 0, below: 1 })(validation, { where: 'fit', name: 'validation' })
  const held = Math.max(1, Math.round(all.length * validation))
  if (held >= all.length)
    throw new ChainruleError('ERR_DATA', `fit: ${all.length} samples are too few to hold back ${validation} of them`)
  return [all.slice(0, all.length - held), all.slice(all.length - held)]
}

function refuseOtherShapes(all: Dataset, other: Dataset): void {
  for (const [name, { shape }] of all.x) {
    const own = other.x.get(name)?.shape
    if (own && sameShape(own, shape)) continue
    const of = name === '' ? '' : ` of ${pathOf('x', name)}`
    throw new ChainruleError(
      'ERR_SHAPE',
      `fit: samples${of} have shape ${formatShape(shape)}, validation samples ${own ? formatShape(own) : 'have none'}`,
    )
  }
}
