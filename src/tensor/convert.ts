/** From JavaScript's numbers to flat values of a dtype: each number arrives, or the error names it and its place. */
import { ChainruleError } from '../errors.ts'
import { describeValue } from '../options.ts'
import { allocate, isDetached, isTypedArray, typedArrayName } from './arrays.ts'
import type { Values } from './graph.ts'
import { type DType, largestRank } from './shape.ts'

const isNumber = (x: unknown): x is number | bigint => typeof x === 'number' || typeof x === 'bigint'
const isList = (x: unknown): x is ArrayLike<unknown> => Array.isArray(x) || isTypedArray(x)

function dataError(where: string, text: string): ChainruleError {
  return new ChainruleError('ERR_DATA', `${where}: ${text}`)
}

/** The shape of a number ([]) or of nested arrays, of which every level must be even. */
export function nestedShape(values: unknown, where: string): number[] {
  const shape: number[] = []
  for (let level = values; isList(level); level = level[0]) {
    shape.push(level.length)
    if (shape.length > largestRank)
      throw dataError(where, `the arrays are nested more than ${largestRank} deep, the most axes that a tensor has`)
    if (level.length === 0) break
  }
  checkLevel(values, shape, 0, where, [])
  return shape
}

function checkLevel(x: unknown, shape: readonly number[], depth: number, where: string, path: number[]): void {
  const expected = shape[depth]
  if (expected === undefined) {
    if (isNumber(x)) return
    const hint = isList(x) ? 'The array is ragged: all rows need the same length.' : 'Convert it to a number first.'
    throw dataError(where, `expected a number at ${placeOf(path)}, got ${described(x)}. ${hint}`)
  }
  const list = isList(x) ? x : undefined
  if (list?.length !== expected) {
    const got = list === undefined ? described(x) : `${list.length} values`
    throw dataError(where, `the array is ragged: ${placeOf(path)} has ${got}, expected ${expected} as in the first row`)
  }
  if (isTypedArray(x)) {
    checkAttached(x, where, path)
    return
  }
  if (depth + 1 === shape.length) {
    const at = firstOther(list)
    if (at >= 0) checkLevel(list[at], shape, depth + 1, where, [...path, at])
    return
  }
  for (let i = 0; i < expected; i++) {
    path.push(i)
    checkLevel(list[i], shape, depth + 1, where, path)
    path.pop()
  }
}

/**
 * The place of the first item that is no number, or −1.
 *
 * Rows of numbers and lists of rows are read in different functions: where V8 sees both in one place, it turns every
 * row of doubles that comes along into a row of boxed numbers, three times as large and slow to collect.
 */
function firstOther(row: ArrayLike<unknown>): number {
  for (let i = 0; i < row.length; i++) if (!isNumber(row[i])) return i
  return -1
}

function checkAttached(x: ArrayBufferView, where: string, path: readonly number[]): void {
  if (!isDetached(x)) return
  const what = path.length === 0 ? 'the array' : `the array at ${placeOf(path)}`
  throw dataError(where, `${what} is detached: its memory was transferred elsewhere. Pass a copy there: slice()`)
}

function placeOf(path: readonly number[]): string {
  return path.length === 0 ? 'the top' : path.map((i) => `[${i}]`).join('')
}

// Of a list only that it is one: its length is not what is wrong.
function described(x: unknown): string {
  return Array.isArray(x) ? 'an array' : typeof x === 'string' ? JSON.stringify(x) : describeValue(x)
}

/** What values are by nature: int32 where a typed array of integers or a bigint holds the first number. */
export function naturalDtype(values: unknown): DType {
  let first = values
  while (Array.isArray(first)) first = first[0]
  return typeof first === 'bigint' || /int/i.test(typedArrayName(first) ?? '') ? 'int32' : 'float32'
}

/**
 * The shape and the flat values of a number or of nested arrays. NaN and infinities are values of float32.
 * @param where the function or column, for errors
 * @throws ERR_DATA for what is no number, ragged arrays, and numbers that the dtype cannot hold: for int32 fractions
 *   and what is beyond ±2³¹, for float32 what is beyond ±3.4e38. Digits that float32 does not have are rounded away.
 */
export function convert(values: unknown, where: string, dtype?: DType): { shape: number[]; flat: Values } {
  const shape = nestedShape(values, where)
  // The shape first: it refuses arrays that never end.
  const flat = allocate(dtype ?? naturalDtype(values), shape, where)
  convertInto(values, flat, where)
  return { shape, flat }
}

/** Writes values, of which `nestedShape` has made sure that they are even, into a flat array. */
export function convertInto(values: unknown, flat: Values, where: string): void {
  const whole = flat instanceof Int32Array
  if (holdsAll(values, whole)) flat.set(values)
  else if (fill(values, flat, 0, whole, depthOf(values)) < 0) throw misfit(values, whole, where)
}

function depthOf(values: unknown): number {
  let depth = 0
  for (let level = values; isList(level); level = level[0]) depth++
  return depth
}

/** Arrays of which every value fits by their type. */
function holdsAll(values: unknown, whole: boolean): values is ArrayLike<number> {
  const name = typedArrayName(values)
  if (name === undefined) return false
  return /^(Int|Uint)(8|16)|Uint8Clamped/.test(name) || name === (whole ? 'Int32Array' : 'Float32Array')
}

/** Fills `flat` from `at` on. Returns where the next value goes, or −1 after a number that the dtype cannot hold. */
function fill(values: unknown, flat: Values, at: number, whole: boolean, depth: number): number {
  if (depth === 0) return fillOne(values as number | bigint, flat, at, whole)
  const list = values as ArrayLike<unknown>
  if (depth === 1) return fillRow(list, flat, at, whole)
  for (let i = 0; i < list.length && at >= 0; i++) at = fill(list[i], flat, at, whole, depth - 1)
  return at
}

function fillRow(row: ArrayLike<unknown>, flat: Values, at: number, whole: boolean): number {
  for (let i = 0; i < row.length && at >= 0; i++) {
    const item = row[i]
    at = typeof item === 'number' ? put(item, flat, at, whole) : fillOne(item as number | bigint, flat, at, whole)
  }
  return at
}

function fillOne(given: number | bigint, flat: Values, at: number, whole: boolean): number {
  const value = Number(given)
  const lost = typeof given === 'bigint' && !Number.isFinite(value)
  return lost ? -1 : put(value, flat, at, whole)
}

function put(value: number, flat: Values, at: number, whole: boolean): number {
  flat[at] = value
  return fits(value, flat[at]!, whole) ? at + 1 : -1
}

// float32 rounds, but what is too large for it would become Infinity.
function fits(value: number, stored: number, whole: boolean): boolean {
  return stored === value || (!whole && (stored - stored === 0 || Number.isNaN(value)))
}

/** The error for the first number that does not fit. */
function misfit(values: unknown, whole: boolean, where: string): ChainruleError {
  const one = whole ? new Int32Array(1) : new Float32Array(1)
  const holds = (x: unknown): boolean =>
    isNumber(x) ? fillOne(x, one, 0, whole) > 0 : Array.from(x as ArrayLike<unknown>).every(holds)
  const path: number[] = []
  let value = values
  while (!isNumber(value)) {
    const list: unknown[] = Array.from(value as ArrayLike<unknown>)
    path.push(list.findIndex((item) => !holds(item)))
    value = list[path.at(-1)!]
  }
  const place = path.length === 0 ? '' : ` at ${placeOf(path)}`
  return dataError(where, `${describeValue(value)}${place} ${whole ? notWhole(Number(value)) : tooLarge}`)
}

const tooLarge =
  'is too large for float32, which goes to ±3.4e38. Scale the values, by dividing them or by taking logarithms.'

function notWhole(value: number): string {
  if (!Number.isInteger(value))
    return "is no whole number, which int32 demands. Use dtype 'float32', or round it first."
  return (
    'is outside int32, which goes from −2147483648 to 2147483647. Where rounding does no harm, convert to ' +
    'float32 first: Float32Array.from(values, Number).'
  )
}
