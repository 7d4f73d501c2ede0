/** Columns of a CSV file as samples and targets. */
import { ChainruleError } from '../errors.ts'
import { type CsvOptions, parseCsv } from '../files/csv.ts'
import { readText } from '../files/read.ts'
import { checkOptions, describeValue, optional } from '../options.ts'
import { type DatasetOptions, datasetTable } from './options.ts'

type Name = string | number

export interface CsvDatasetOptions extends DatasetOptions, Pick<CsvOptions, 'delimiter' | 'header'> {
  /** The column of the labels or targets, by name or number, or several. */
  target: Name | readonly Name[]
}

// `parseCsv` checks its own options.
const table = {
  ...datasetTable,
  target: (value: unknown) => value,
  delimiter: optional((value) => value),
  header: optional((value) => value),
}

interface Matrix {
  readonly data: Float32Array
  readonly shape: number[]
}

/** What a data set is made of. A single target is y [samples], several are y [samples, targets]. */
export async function readCsv(
  path: string | URL,
  options: CsvDatasetOptions,
): Promise<[{ x: Matrix; y: Matrix }, DatasetOptions]> {
  const { target, scale, shift, ...format } = checkOptions('fromCsv', options, table)
  if (typeof path !== 'string' && !(typeof path === 'object' && path !== null && 'href' in path))
    throw new ChainruleError('ERR_OPTION', `fromCsv: expected a path or file URL, got ${describeValue(path)}`)
  const name = String(path)
  const { header, values, rows, cols } = parseCsv(await readText(path), name, {
    ...(format as CsvOptions),
    dtype: 'float32',
  })
  const targets = (Array.isArray(target) ? target : [target]).map((t) => columnOf(t, header, cols, name))
  const others = Array.from({ length: cols }, (_, i) => i).filter((i) => !targets.includes(i))
  const pick = (columns: readonly number[]) => {
    const data = new Float32Array(rows * columns.length)
    for (let i = 0, to = 0; i < rows; i++) for (const k of columns) data[to++] = values[i * cols + k]!
    return { data, shape: [rows, columns.length] }
  }
  const y = pick(targets)
  return [
    { x: pick(others), y: Array.isArray(target) ? y : { data: y.data, shape: [rows] } },
    { scale, shift },
  ]
}

function columnOf(target: unknown, header: readonly string[] | null, cols: number, name: string): number {
  const at =
    typeof target === 'number' ? (target < 0 ? target + cols : target) : (header?.indexOf(target as string) ?? -1)
  if (Number.isInteger(at) && at >= 0 && at < cols) return at
  throw new ChainruleError(
    'ERR_OPTION',
    `fromCsv: ${name} has no column ${describeValue(target)}; columns: ${header?.join(', ') ?? `0 to ${cols - 1}`}`,
  )
}
