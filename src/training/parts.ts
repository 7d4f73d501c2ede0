import { type Data, type Dataset, datasetOf } from '../data/dataset.ts'
import { ChainruleError } from '../errors.ts'
import { number } from '../options.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'

/** The samples to train on, and those to validate on. */
export function trainingParts(data: Data, validation: Data | number | undefined): [Dataset, Dataset | null] {
  const all = datasetOf(data)
  if (validation === undefined) return [all, null]
  if (typeof validation !== 'number') {
    const other = datasetOf(validation)
    if (!sameShape(other.x.shape, all.x.shape))
      throw new ChainruleError(
        'ERR_SHAPE',
        `fit: samples have shape ${formatShape(all.x.shape)}, validation samples ${formatShape(other.x.shape)}`,
      )
    return [all, other]
  }
  number({ above: 0, below: 1 })(validation, { where: 'fit', name: 'validation' })
  const held = Math.max(1, Math.round(all.length * validation))
  if (held >= all.length)
    throw new ChainruleError('ERR_DATA', `fit: ${all.length} samples are too few to hold back ${validation} of them`)
  return [all.slice(0, all.length - held), all.slice(all.length - held)]
}
