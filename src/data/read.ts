/** From the object that a user gives, { x, y, sampleWeight }, to columns in native memory. */
import { ChainruleError } from '../errors.ts'
import { mapNamed, type Named, named, pathOf } from '../named.ts'
import { describeValue, suggest } from '../options.ts'
import { Tensor } from '../tensor/graph.ts'
import { type DType, formatShape } from '../tensor/shape.ts'
import { type Column, columnFrom, scan } from './column.ts'
import type { Sliced } from './slices.ts'
import { isArrayData } from './values.ts'

/** What a data set consists of; `rows` are the samples of a part, null for all. */
export interface Stored {
  readonly length: number
  readonly x: Named<Column>
  readonly y: Named<Column> | null
  /** By output; one for all outputs has the name ''. */
  readonly sampleWeight: Named<Column> | null
  readonly rows: Int32Array | null
}

export interface ReadOptions {
  readonly scale?: number
  readonly shift?: number
  /** The dtypes of x that the model takes, where they are known. */
  readonly wanted?: Named<DType> | null
}

const keys = ['x', 'y', 'sampleWeight']
const otherWords: Readonly<Record<string, string>> = {
  labels: 'y',
  label: 'y',
  targets: 'y',
  target: 'y',
  inputs: 'x',
  features: 'x',
  data: 'x',
  weights: 'sampleWeight',
  weight: 'sampleWeight',
}

export function* readData(where: string, given: unknown, options: ReadOptions = {}): Sliced<Stored> {
  const data = checkKeys(where, given)
  const { scale, shift, wanted } = options
  const x = new Map<string, Column>()
  let length = -1
  const read = function* (values: unknown, path: string, how: object): Sliced<Column> {
    const { column, samples } = yield* columnFrom(values, path, how)
    if (length < 0) length = samples
    if (samples === length) return column
    const [first = ''] = x.keys()
    throw new ChainruleError(
      'ERR_DATA',
      `${where}: ${pathOf('x', first)} has ${length} samples, but ${path} has ${samples}`,
    )
  }
  for (const [name, values] of columnsOf(where, data.x, 'x'))
    x.set(name, yield* read(values, pathOf('x', name), { scale, shift, bytes: 'float32', wanted: wanted?.get(name) }))
  const others = function* (values: unknown, of: string): Sliced<Named<Column> | null> {
    if (values === undefined) return null
    const columns = new Map<string, Column>()
    for (const [name, own] of columnsOf(where, values, of)) columns.set(name, yield* read(own, pathOf(of, name), {}))
    return columns
  }
  const y = yield* others(data.y, 'y')
  const weights = yield* others(data.sampleWeight, 'sampleWeight')
  return { length, x, y, sampleWeight: weights && (yield* checkWeights(where, weights, y, length)), rows: null }
}

function checkKeys(where: string, given: unknown): { x: unknown; y?: unknown; sampleWeight?: unknown } {
  if (
    typeof given !== 'object' ||
    given === null ||
    Array.isArray(given) ||
    ArrayBuffer.isView(given) ||
    given instanceof Tensor
  )
    throw new ChainruleError(
      'ERR_DATA',
      `${where}: expected { x, y } or a Dataset, got ${describeValue(given)}. Inputs and labels are one argument: ` +
        `${where === 'Dataset' ? 'new Dataset' : where}({ x, y })`,
    )
  for (const key of Object.keys(given)) {
    if (keys.includes(key)) continue
    const closest = otherWords[key] ?? suggest(key, keys)
    throw new ChainruleError(
      'ERR_DATA',
      `${where}: data have no '${key}'.${closest ? ` Did you mean '${closest}'?` : ''} Known: ${keys.join(', ')}`,
    )
  }
  const { x } = given as { x?: unknown }
  if (x === undefined)
    throw new ChainruleError('ERR_DATA', `${where}: the data have no x: expected { x, y }, got ${describeValue(given)}`)
  return given as { x: unknown }
}

function columnsOf(where: string, given: unknown, of: string): Named<unknown> {
  const columns = named<unknown>(given, isArrayData)
  const refuse = (what: string) =>
    new ChainruleError('ERR_DATA', `${where}: ${of} ${what}. Give arrays by name, such as { image, price }.`)
  if (columns.size === 0) throw refuse('is an empty object')
  for (const name of columns.keys())
    if (!isArrayData(given) && !/^[^.\s]+$/.test(name))
      throw refuse(`has a column named '${name}', with a dot or a space`)
  return columns
}

/** One number of at least 0 per sample, and not 0 for all of them. */
function* checkWeights(
  where: string,
  weights: Named<Column>,
  y: Named<Column> | null,
  length: number,
): Sliced<Named<Column>> {
  for (const [name, column] of weights) {
    const path = pathOf('sampleWeight', name)
    if (name !== '' && !y?.has(name))
      throw new ChainruleError(
        'ERR_DATA',
        `${where}: ${path} belongs to no output: y has ${y ? [...y.keys()].join(', ') || 'no names' : 'nothing'}`,
      )
    if (column.shape.some((n) => n !== 1))
      throw new ChainruleError(
        'ERR_SHAPE',
        `${where}: ${path} has shape ${formatShape([length, ...column.shape])}, expected one number per sample, [${length}]`,
      )
    yield* checkSigns(where, path, column, length)
  }
  return mapNamed(weights, (column) => ({ ...column, shape: [] }))
}

function* checkSigns(where: string, path: string, column: Column, length: number): Sliced<void> {
  let isZero = true
  const all = { length, at: (from: number, to: number) => upTo(from, to) }
  yield* scan(column, all, (values, first) => {
    for (let i = 0; i < values.length; i++) {
      if (values[i]! > 0) isZero = false
      if (values[i]! < 0)
        throw new ChainruleError(
          'ERR_DATA',
          `${where}: ${path} of sample ${first + i} is ${values[i]}; weights are 0 or more. To leave a sample out, give 0.`,
        )
    }
  })
  if (isZero) throw new ChainruleError('ERR_DATA', `${where}: ${path} is 0 for all samples: none of them would count`)
}

/** from, from + 1, ..., to − 1 */
export function upTo(from: number, to: number): Int32Array {
  const rows = new Int32Array(to - from)
  for (let i = 0; i < rows.length; i++) rows[i] = from + i
  return rows
}
