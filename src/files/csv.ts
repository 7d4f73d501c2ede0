import { ChainruleError } from '../errors.ts'
import { boolean, type Check, checkOptions, describeValue, oneOf, optional, optionError } from '../options.ts'

export interface CsvOptions {
  /** One character between values; `','` unless given. */
  readonly delimiter?: string
  /** Whether the first line holds names. Unless given: it does if none of its values is a number. */
  readonly header?: boolean
  /** `'float64'` unless given; `'float32'` takes half the memory, and rounds. */
  readonly dtype?: 'float32' | 'float64'
}

export interface CsvTable {
  /** The names of the columns; null if the file has none. */
  readonly header: string[] | null
  /** Row-major [rows, cols]. */
  readonly values: Float32Array | Float64Array
  readonly rows: number
  readonly cols: number
}

const [TAB, LF, CR, SPACE, QUOTE, PLUS, MINUS, DOT, ZERO, NINE] = [9, 10, 13, 32, 34, 43, 45, 46, 48, 57] as const
// Up to 10^15 a mantissa is exact in float64, as is the power of ten, so that one division rounds correctly.
const exactDigits = 15
const powers = Float64Array.from({ length: exactDigits + 1 }, (_, exponent) => Number(`1e${exponent}`))
const numberPattern = /^[ \t]*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[ \t]*$/i
const exponentPattern = /e[+-]?\d+/iy

interface Scanner {
  readonly text: string
  readonly name: string
  readonly delimiter: number
  readonly dtype: 'float32' | 'float64'
  readonly header: string[] | null
  readonly cols: number
  /** The line of row 0, from 1. */
  readonly firstLine: number
  at: number
}

interface Fields {
  readonly fields: string[]
  /** Where the next line starts, and how many line ends lie before it. */
  readonly next: number
  readonly lines: number
}

/**
 * Parses a table of numbers: values may be quoted, lines may end in LF or CRLF, blank lines may follow the last one.
 * `name` is the file's name for errors. Throws ERR_DATA, with line and column, for a value that is not a finite
 * number, lines of different length, and text without rows; ERR_OPTION for wrong options.
 */
export function parseCsv(text: string, name: string, options: CsvOptions = {}): CsvTable {
  const {
    delimiter,
    header: asked,
    dtype,
  } = checkOptions('parseCsv', options, {
    delimiter: optional(oneCharacter, ','),
    header: optional(boolean),
    dtype: optional(oneOf(['float32', 'float64']), 'float64'),
  })
  // Old Mac files end lines with CR alone.
  if (!text.includes('\n') && text.includes('\r')) return parseCsv(text.replaceAll('\r', '\n'), name, options)
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  const code = delimiter.charCodeAt(0)
  const first = readFields(text, start, code, `${name} line 1`)
  const cols = first.fields.length
  const named = asked ?? looksLikeHeader(first.fields, name)
  const header = named ? first.fields.map((field) => field.trim()) : null
  const [at, firstLine] = named ? [first.next, 1 + first.lines] : [start, 1]
  const scanner: Scanner = { text, name, delimiter: code, dtype, header, cols, firstLine, at }
  if (onlyBlanksFollow(scanner)) {
    throw new ChainruleError('ERR_DATA', `${name} has no rows of numbers. Check that it is the right file`)
  }
  const size = countLines(text, at) * cols
  const values = dtype === 'float32' ? new Float32Array(size) : new Float64Array(size)
  const rows = readRows(scanner, values)
  return { header, values: values.length === rows * cols ? values : values.slice(0, rows * cols), rows, cols }
}

const oneCharacter: Check<string> = (value, subject) => {
  if (typeof value === 'string' && /^[^\r\n"0-9eE.+-]$/.test(value)) return value
  throw optionError(subject, 'one character that no number contains', value, "Give for example ';' or '\\t'.")
}

/** An upper bound for the number of rows. */
function countLines(text: string, from: number): number {
  let count = 1
  for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}

function looksLikeHeader(fields: readonly string[], name: string): boolean {
  const words = fields.filter((field) => !numberPattern.test(field))
  if (words.length === 0) return false
  if (words.length === fields.length) return fields.some((field) => field.trim() !== '')
  // A guess would either lose a row or hide a broken value.
  const column = fields.indexOf(words[0] ?? '') + 1
  const found = `${name} line 1, column ${column}: got ${shownField(words[0] ?? '')} among numbers`
  throw new ChainruleError(
    'ERR_DATA',
    `${found}. Say whether line 1 holds names: { header: true } or { header: false }`,
  )
}

/** Splits one line of any text; a quoted field may hold delimiters, line ends and doubled quotes. */
function readFields(text: string, from: number, delimiter: number, place: string): Fields {
  const fields: string[] = []
  let lines = 1
  for (let at = from; ; at++) {
    while (isBlank(codeAt(text, at), delimiter)) at++
    let field = ''
    if (codeAt(text, at) === QUOTE) {
      const close = closingQuote(text, at + 1)
      if (close < 0) throw unclosed(place, fields.length + 1)
      field = text.slice(at + 1, close).replaceAll('""', '"')
      lines += field.split('\n').length - 1
      at = close + 1
    }
    const start = at
    while (codeAt(text, at) !== delimiter && codeAt(text, at) !== LF) at++
    field += text.slice(start, codeAt(text, at) === LF && codeAt(text, at - 1) === CR ? at - 1 : at)
    fields.push(field)
    if (codeAt(text, at) === LF) return { fields, next: at + 1, lines }
  }
}

function unclosed(place: string, column: number): ChainruleError {
  const text = `${place}, column ${column}: expected a closing quote, got the end of the text. Close or remove the quote`
  return new ChainruleError('ERR_DATA', text)
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0 && codeAt(text, at + 1) === QUOTE) at = text.indexOf('"', at + 2)
  return at
}

// The end of the text counts as the end of a line: asking beyond it would yield NaN, and slow every comparison.
function codeAt(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) : LF
}

function isBlank(code: number, delimiter: number): boolean {
  return (code === SPACE || code === TAB) && code !== delimiter
}

function onlyBlanksFollow({ text, at }: Scanner): boolean {
  let code = at < text.length ? text.charCodeAt(at) : -1
  while (code === LF || code === CR || code === SPACE || code === TAB) {
    at++
    code = at < text.length ? text.charCodeAt(at) : -1
  }
  return code === -1
}

function readRows(scanner: Scanner, values: Float32Array | Float64Array): number {
  const { cols, delimiter } = scanner
  let row = 0
  for (; !onlyBlanksFollow(scanner); row++) {
    const start = scanner.at
    for (let col = 0; col < cols; col++) {
      const index = row * cols + col
      values[index] = scanNumber(scanner)
      const end = scanEnd(scanner)
      // Tested as stored: what float64 holds may be Infinity in float32.
      if (end < 0 || !Number.isFinite(values[index])) throw badField(scanner, start, row, col)
      if (end !== (col === cols - 1 ? LF : delimiter)) throw badLine(scanner, start, row)
      scanner.at++
    }
  }
  return row
}

/** Moves to what ends the field, past blanks; -1 if something else stands there. */
function scanEnd(scanner: Scanner): number {
  const { text, delimiter } = scanner
  let at = scanner.at
  let code = codeAt(text, at)
  while (isBlank(code, delimiter)) code = codeAt(text, ++at)
  if (code === CR && codeAt(text, at + 1) === LF) code = codeAt(text, ++at)
  scanner.at = at
  return code === delimiter || code === LF ? code : -1
}

/** Reads a number and moves past it; NaN if there is none. */
function scanNumber(scanner: Scanner): number {
  const { text, delimiter } = scanner
  let at = scanner.at
  let code = codeAt(text, at)
  while (isBlank(code, delimiter)) code = codeAt(text, ++at)
  if (code === QUOTE) return scanQuoted(scanner, at)
  const negative = code === MINUS
  if (negative || code === PLUS) code = codeAt(text, ++at)
  const start = at
  let mantissa = 0
  let point = -1
  for (; ; code = codeAt(text, ++at)) {
    if (code >= ZERO && code <= NINE) mantissa = mantissa * 10 + (code - ZERO)
    else if (code === DOT && point < 0) point = at
    else break
  }
  scanner.at = at
  const digits = at - start - (point < 0 ? 0 : 1)
  if (digits === 0) return NaN
  const simple = digits <= exactDigits && code !== 69 && code !== 101
  const value = simple ? mantissa / (powers[point < 0 ? 0 : at - point - 1] as number) : scanLong(scanner, start)
  return negative ? -value : value
}

/** A number with an exponent or many digits: found by its parts, converted by the engine. */
function scanLong(scanner: Scanner, start: number): number {
  exponentPattern.lastIndex = scanner.at
  if (exponentPattern.test(scanner.text)) scanner.at = exponentPattern.lastIndex
  return Number(scanner.text.slice(start, scanner.at))
}

function scanQuoted(scanner: Scanner, open: number): number {
  const close = scanner.text.indexOf('"', open + 1)
  if (close < 0) return NaN
  const inner = scanner.text.slice(open + 1, close)
  scanner.at = close + 1
  return numberPattern.test(inner) ? Number(inner) : NaN
}

/** The error for a value; `start` is where its line starts. */
function badField(scanner: Scanner, start: number, row: number, col: number): ChainruleError {
  const { text, name, delimiter, dtype, header, cols, firstLine } = scanner
  const { fields } = readFields(text, start, delimiter, `${name} line ${firstLine + row}`)
  const field = fields[col]?.trim() ?? ''
  // A line that is too short is the likelier mistake than a missing value.
  if (field === '' && (fields.length !== cols || cols === 1)) return badLine(scanner, start, row)
  const title = header === null ? '' : ` (${header[col]})`
  const wanted = numberPattern.test(field) ? `a number that ${dtype} can hold` : 'a number'
  const place = `${name} line ${firstLine + row}, column ${col + 1}${title}`
  return new ChainruleError(
    'ERR_DATA',
    `${place}: expected ${wanted}, got ${shownField(field)}. ${advice(field, cols)}`,
  )
}

function badLine(scanner: Scanner, start: number, row: number): ChainruleError {
  const { text, name, delimiter, cols, firstLine } = scanner
  const place = `${name} line ${firstLine + row}`
  const { fields } = readFields(text, start, delimiter, place)
  const blank = fields.every((field) => field.trim() === '') && fields.length === 1
  const found = blank ? 'is empty, but lines with values follow' : `has ${fields.length} values, line 1 has ${cols}`
  return new ChainruleError('ERR_DATA', `${place} ${found}. Correct or remove this line`)
}

function shownField(field: string): string {
  return field.trim() === '' ? 'an empty field' : describeValue(field.trim())
}

function advice(field: string, cols: number): string {
  if (field === '') return 'Fill in or remove missing values first'
  if (numberPattern.test(field)) return 'Scale it first, by dividing the whole column'
  if (/^(\?|-|n\/?a|nan|null|none)$/i.test(field))
    return 'It stands for a missing value: fill it in, or remove its line, first'
  if (/^(true|false|yes|no)$/i.test(field)) return 'Write 1 and 0 for it'
  const other = cols === 1 ? /[;\t|, ]/.exec(field)?.[0] : undefined
  if (other !== undefined) return `If the values are separated by ${JSON.stringify(other)}, say so with { delimiter }`
  return 'Turn text into numbers (0, 1, 2 for the names of classes), or remove its column, first'
}
