import { ChainruleError } from './errors.ts'

/** The option that is being checked: `where` is the function as the user wrote it, `name` the option. */
export interface Subject {
  readonly where: string
  readonly name: string
}

/**
 * Returns the checked value, or throws ERR_OPTION (see {@link optionError}).
 * `undefined` means that the option was not given: only {@link optional} accepts that.
 */
export type Check<T> = (value: unknown, subject: Subject) => T

export type CheckTable = Readonly<Record<string, Check<unknown>>>

/** The options that a table of checks lets through; an optional one without a default may be missing. */
export type Checked<Table extends CheckTable> = { readonly [Name in keyof Table]: ReturnType<Table[Name]> }

/** Other libraries' words for ours, without underscores and in lower case. Used only where ours is known. */
const otherWords: ReadonlyMap<string, readonly string[]> = new Map([
  ['lr', ['learningRate']],
  ['eps', ['epsilon']],
  ['decay', ['weightDecay']],
  ['dim', ['axis']],
  ['keepdim', ['keepdims']],
  ['numepochs', ['epochs']],
  ['nbepoch', ['epochs']],
  ['bs', ['batchSize']],
  ['verbose', ['progress']],
  ['validationdata', ['validation']],
  ['bias', ['useBias']],
  ['outfeatures', ['units']],
  ['size', ['units', 'batchSize']],
  ['p', ['rate']],
  ['activationfn', ['activation']],
  ['sampleweights', ['sampleWeight']],
  ['randomstate', ['seed']],
])

/** Names that mean something else elsewhere, in lower case: none of them is a misspelling of ours. */
const otherThings = new Set(
  (
    'elu celu gelu selu prelu crelu relu6 silu swish mish exponential softplus nadam radam adamax adamp adafactor adadelta ' +
    'lamb lars lion ftrl mape msle rmse nll auc mcc lrelu leakyrelu hardtanh logsigmoid softmin softsign'
  ).split(' '),
)

/**
 * Checks an options object against a table of checks, and returns what they made of it (defaults filled in;
 * options that are neither given nor have a default are absent).
 * Throws ERR_OPTION for something that is not an options object, an unknown name (with the closest right one),
 * a missing option, or a value that its check refuses.
 */
export function checkOptions<Table extends CheckTable>(where: string, given: unknown, table: Table): Checked<Table> {
  const known = Object.keys(table)
  const options = optionsObject(where, given, known)
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(table, name)) throw unknownOption(where, name, known)
  }
  const checked: Record<string, unknown> = {}
  for (const [name, check] of Object.entries(table)) {
    // hasOwn: an option that is absent must not be found on a prototype.
    const value = check(Object.hasOwn(options, name) ? options[name] : undefined, { where, name })
    if (value !== undefined) checked[name] = value
  }
  return checked as Checked<Table>
}

function optionsObject(where: string, given: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (given === undefined) return {}
  if (typeof given === 'object' && given !== null && !Array.isArray(given) && !ArrayBuffer.isView(given)) {
    return given as Record<string, unknown>
  }
  const example = known[0] === undefined ? '{}' : `{ ${known[0]}: ... }`
  throw new ChainruleError(
    'ERR_OPTION',
    `${where}: expected an options object such as ${example}, got ${describeValue(given)}. Known: ${listed(known)}`,
  )
}

function unknownOption(where: string, name: string, known: readonly string[]): ChainruleError {
  const closest = otherWords.get(plain(name))?.find((word) => known.includes(word)) ?? suggest(name, known)
  const hint = closest === undefined ? '' : ` Did you mean '${closest}'?`
  const list = known.length === 0 ? 'It takes no options' : `Known: ${listed(known)}`
  return new ChainruleError('ERR_OPTION', `${where}: unknown option '${clip(name)}'.${hint} ${list}`)
}

/** The error for a value that was refused. `expected` completes "must be", `advice` is a sentence: what to do. */
export function optionError(subject: Subject, expected: string, value: unknown, advice: string): ChainruleError {
  const { where, name } = subject
  const text =
    value === undefined
      ? `${where}: option '${name}' is missing. It must be ${expected}. ${advice}`
      : `${where}: option '${name}' must be ${expected}, got ${describeValue(value)}. ${advice}`
  return new ChainruleError('ERR_OPTION', text)
}

/** 1, 2, 3, ... */
export const positiveInteger: Check<number> = (value, subject) => integerFrom(1, 'a positive integer', value, subject)

/** 0, 1, 2, ... */
export const nonNegativeInteger: Check<number> = (value, subject) =>
  integerFrom(0, 'an integer of 0 or more', value, subject)

function integerFrom(least: number, expected: string, value: unknown, subject: Subject): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number
  throw optionError(subject, expected, value, numberAdvice(value) ?? `Give a whole number of ${least} or more.`)
}

/** Bounds of a number: `min` and `max` are allowed themselves, `above` and `below` are not. */
export interface Range {
  readonly min?: number
  readonly max?: number
  readonly above?: number
  readonly below?: number
}

/** A finite number within bounds. */
export function number(range: Range = {}): Check<number> {
  const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity } = range
  const bounds = Object.entries(range).map(([kind, bound]) => `${boundWords[kind as keyof Range]} ${bound}`)
  const expected = ['a finite number', bounds.join(' and ')].join(' ').trimEnd()
  const advice = bounds.length === 0 ? 'Give a finite number.' : `Give a number ${bounds.join(' and ')}.`
  return (value, subject) => {
    const fits = typeof value === 'number' && value >= min && value <= max && value > above && value < below
    if (fits && Number.isFinite(value)) return value
    throw optionError(subject, expected, value, numberAdvice(value) ?? advice)
  }
}

const boundWords: Readonly<Record<keyof Range, string>> = {
  min: 'of at least',
  max: 'of at most',
  above: 'above',
  below: 'below',
}

function numberAdvice(value: unknown): string | undefined {
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) {
    return `Write ${value.trim()} without the quotes, or convert it with Number().`
  }
  if (typeof value === 'bigint') return `Write ${value} without the n, or convert it with Number().`
  if (Number.isNaN(value)) return 'Look at the calculation that it comes from.'
  return undefined
}

export const boolean: Check<boolean> = (value, subject) => {
  if (typeof value === 'boolean') return value
  throw optionError(subject, 'true or false', value, 'Give true or false, without quotes.')
}

/** A function, whatever it takes and gives. */
// biome-ignore lint/suspicious/noExplicitAny: its caller knows
export const functionOption: Check<(...args: any[]) => unknown> = (value, subject) => {
  // biome-ignore lint/suspicious/noExplicitAny: its caller knows
  if (typeof value === 'function') return value as (...args: any[]) => unknown
  throw optionError(subject, 'a function', value, 'Give a function.')
}

/** Known by what it can do: test runners have a second class of this name in their own realm. */
export const abortSignal: Check<AbortSignal> = (value, subject) => {
  const signal = value as AbortSignal | null
  if (typeof signal === 'object' && typeof signal?.aborted === 'boolean' && 'addEventListener' in signal) return signal
  throw optionError(subject, 'an AbortSignal', value, 'Give the signal of an AbortController.')
}

/** One of a list of literals; a misspelled string gets the closest one in the error. */
export function oneOf<const T extends string | number | boolean>(list: readonly T[]): Check<T> {
  const strings = list.filter((entry) => typeof entry === 'string')
  return (value, subject) => {
    if (list.includes(value as T)) return value as T
    const closest = typeof value === 'string' ? suggest(value, strings) : undefined
    const advice = closest === undefined ? 'Give one of these.' : `Did you mean '${closest}'?`
    throw optionError(subject, `one of ${list.map((entry) => describeValue(entry)).join(', ')}`, value, advice)
  }
}

/** A list, whatever is in it; `example` is one. */
export function listOf(value: unknown, subject: Subject, example: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw optionError(subject, 'a list', value, `Write it in brackets, for example ${example}.`)
}

/** Lets an option be left out (or be `undefined`): it is then `fallback`, or absent without one. */
export function optional<T>(check: Check<T>): Check<T | undefined>
export function optional<T>(check: Check<T>, fallback: T): Check<T>
export function optional<T>(check: Check<T>, fallback?: T): Check<T | undefined> {
  return (value, subject) => (value === undefined ? fallback : check(value, subject))
}

/**
 * The candidate that `word` most likely means, or `undefined` if none is near: the same word in another spelling
 * (`learning_rate`, `keepDims`), then the smallest number of typing errors, then the only one that contains it.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(word)
  // Nobody misspells a name of this length; comparing it would only cost time.
  if (wanted === '' || wanted.length > 64 || otherThings.has(wanted)) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate))
    // A word of one or two letters is "one error away" from every other: demand a common letter.
    if (distance < least && distance < wanted.length) [best, least] = [candidate, distance]
  }
  if (best !== undefined || wanted.length < 3) return best
  const containing = candidates.filter((candidate) => plain(candidate).includes(wanted))
  return containing.length === 1 ? containing[0] : undefined
}

function plain(name: string): string {
  return name.replace(/[_\-\s]/g, '').toLowerCase()
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, at(before, j - 2) + 1)
      row.push(cost)
    }
    before = above
    above = row
  }
  return at(above, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0
}

/** A value in a few words, for error messages: `'relu'`, `0.5`, `an array of 3`, `a function`, `null`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${clip(value)}'`
  if (typeof value === 'bigint') return `${value}n`
  if (isDescription(value)) return `the ${clip(value.kind)} '${clip(value.type)}'`
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function '${clip(value.name)}'`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (ArrayBuffer.isView(value))
    return `${Object.prototype.toString.call(value).slice(8, -1)} (${value.byteLength} bytes)`
  if (typeof value === 'object' && value !== null) return describeObject(value)
  return Object.is(value, -0) ? '-0' : String(value)
}

function isDescription(value: unknown): value is { kind: string; type: string } {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const { kind, type } = value as { kind?: unknown; type?: unknown }
  return typeof kind === 'string' && typeof type === 'string'
}

function describeObject(value: object): string {
  const maker: unknown = value.constructor
  const name = typeof maker === 'function' ? maker.name : ''
  if (name !== '' && name !== 'Object') return `a value of type ${clip(name)}`
  const keys = Object.keys(value)
  return keys.length === 0 ? 'an empty object' : `an object with ${clip(keys.join(', '))}`
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'no options' : names.join(', ')
}
