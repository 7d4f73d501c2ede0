import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ChainruleError } from '../../src/errors.ts'
import { type CsvOptions, parseCsv } from '../../src/files/csv.ts'

function refusal(text: string, options?: CsvOptions): string {
  try {
    parseCsv(text, 'digits.csv', options)
  } catch (error) {
    expect(error).toBeInstanceOf(ChainruleError)
    expect((error as ChainruleError).code).toBe('ERR_DATA')
    return (error as ChainruleError).message
  }
  throw new Error('it was accepted')
}

describe('what is read', () => {
  test.each<[string, string, number[], number, CsvOptions?]>([
    ['plain', '1,2,3\n4,5,6\n', [1, 2, 3, 4, 5, 6], 3],
    ['no line end at the end', '1,2\n3,4', [1, 2, 3, 4], 2],
    ['CRLF', '1,2\r\n3,4\r\n', [1, 2, 3, 4], 2],
    ['blank lines at the end', '1,2\n3,4\n\n \r\n\n', [1, 2, 3, 4], 2],
    ['blanks around values', ' 1 ,\t2\n3, 4 \r\n', [1, 2, 3, 4], 2],
    ['quotes', '"1","2.5"\r\n" 3 ",4\n', [1, 2.5, 3, 4], 2],
    ['byte order mark', '\ufeff1,2\n', [1, 2], 2],
    ['one column', '1\n2\n3', [1, 2, 3], 1],
    ['one value', '7', [7], 1],
    ['signs and forms', '+1,-2,.5,-5.,1e3,-1.5E-3,007\n', [1, -2, 0.5, -5, 1000, -0.0015, 7], 7],
    ['semicolons', '1;2\n3;4', [1, 2, 3, 4], 2, { delimiter: ';' }],
    ['tabs', '1\t 2\n3\t4', [1, 2, 3, 4], 2, { delimiter: '\t' }],
    ['spaces', '1 2\n3 4', [1, 2, 3, 4], 2, { delimiter: ' ' }],
    ['bars', '1|2\n3|4', [1, 2, 3, 4], 2, { delimiter: '|' }],
  ])('%s', (_, text, values, cols, options) => {
    const table = parseCsv(text, 'a.csv', options)
    expect(table).toEqual({ header: null, values: Float64Array.from(values), rows: values.length / cols, cols })
  })

  test.each<[string, string, string[]]>([
    ['names', 'x,y\n1,2\n', ['x', 'y']],
    ['quoted names', '"x, ""the"" first","two\nlines"\r\n1,2\n', ['x, "the" first', 'two\nlines']],
    ['blanks and CRLF', ' x , y\t\r\n1,2', ['x', 'y']],
    ['an unnamed column', ',y\n1,2', ['', 'y']],
  ])('header: %s', (_, text, header) => {
    expect(parseCsv(text, 'a.csv')).toEqual({ header, values: Float64Array.of(1, 2), rows: 1, cols: 2 })
  })

  test('header by option', () => {
    expect(parseCsv('0,1\n2,3', '', { header: true })).toMatchObject({ header: ['0', '1'], rows: 1 })
    expect(parseCsv('x,1\n2,3', '', { header: true })).toMatchObject({ header: ['x', '1'], rows: 1 })
    expect(parseCsv('0,1\n2,3', '', { header: false })).toMatchObject({ header: null, rows: 2 })
  })

  test('float32', () => {
    expect(parseCsv('0.1,16777217', '', { dtype: 'float32' }).values).toEqual(Float32Array.of(0.1, 16777217))
  })

  test('every number has the bits that Number gives', () => {
    let state = 1
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    }
    const words: string[] = ['0', '-0', '999999999999999', '9999999999999999', '9007199254740993', '0.000000000000001']
    words.push('123456789012345.6', '5e-324', '1.7976931348623157e308', '0.30000000000000004', '1e22', '1e23')
    for (let i = 0; i < 50_000; i++) {
      const value = (random() - 0.5) * 10 ** Math.floor(random() * 30 - 15)
      const forms = [
        String(value),
        value.toFixed(Math.floor(random() * 10)),
        value.toPrecision(5),
        value.toExponential(),
      ]
      words.push(forms[i % 4] ?? '')
    }
    const { values } = parseCsv(words.join('\n'), '')
    const wrong = words.filter((word, i) => !Object.is(values[i], Number(word)))
    expect(wrong).toEqual([])
  })

  test('the digits', (context) => {
    const path = ['../../data/', '../../../shared/data/']
      .map((folder) => new URL(`${folder}digits.csv.gz`, import.meta.url))
      .find((url) => readOrNull(url) !== null)
    if (path === undefined) return context.skip('digits.csv.gz is neither in data/ nor in ../shared/data/')
    const { rows, cols, header, values } = parseCsv(gunzipSync(readFileSync(path)).toString(), 'digits.csv')
    expect({ rows, cols, header }).toEqual({ rows: 1797, cols: 65, header: null })
    expect([...values.subarray(0, 6)]).toEqual([0, 0, 5, 13, 9, 1])
    expect(values.at(-1)).toBe(8)
  })
})

function readOrNull(url: URL): Buffer | null {
  try {
    return readFileSync(url)
  } catch {
    return null
  }
}

describe('what is refused', () => {
  const numbers = '1,2,3\n'
  test.each<[string, string, string, CsvOptions?]>([
    ['text', `${numbers.repeat(6)}1,2,abc\n`, "line 7, column 3: expected a number, got 'abc'. Turn text into numbers"],
    ['text after a number', '1,2 x\n', "line 1, column 2: got '2 x' among numbers. Say whether line 1 holds names"],
    ['text after a number, later', '1,2\n3,4 x\n', "line 2, column 2: expected a number, got '4 x'"],
    ['NaN', '1,2\n3,nan\n', "line 2, column 2: expected a number, got 'nan'"],
    ['Infinity', '1,2\n-Infinity,3\n', "line 2, column 1: expected a number, got '-Infinity'"],
    ['overflow', '1,2\n3,1e999\n', "line 2, column 2: expected a number that float64 can hold, got '1e999'. Scale it"],
    [
      'overflow of float32',
      '1\n1e39',
      "line 2, column 1: expected a number that float32 can hold, got '1e39'",
      { dtype: 'float32' },
    ],
    ['hexadecimal', '1\n0x10', "got '0x10'"],
    ['a lone sign', '1\n-', "got '-'"],
    ['a lone point', '1\n.', "got '.'"],
    ['two points', '1\n1.2.3', "got '1.2.3'"],
    ['an open exponent', '1\n1e', "got '1e'"],
    ['a decimal comma in quotes', '1,2\n"3,5",4', "line 2, column 1: expected a number, got '3,5'"],
    ['missing', '1,2,3\n4,,6', 'line 2, column 2: expected a number, got an empty field. Fill in'],
    ['missing at the end', '1,2,3\n4,5,\n', 'line 2, column 3: expected a number, got an empty field'],
    ['missing at the start', '1,2\n,4', 'line 2, column 1: expected a number, got an empty field'],
    ['too few', '1,2,3\n4,5\n', 'line 2 has 2 values, line 1 has 3. Correct or remove this line'],
    ['too few, empty ones', '1,2,3,4\n5,\n', 'line 2 has 2 values, line 1 has 4'],
    ['too many', '1,2\n1,2\n3,4,5,6\n', 'line 3 has 4 values, line 1 has 2'],
    ['a blank line', '1,2\n\n3,4\n', 'line 2 is empty, but lines with values follow'],
    ['a blank line, one column', '1\n \r\n3\n', 'line 2 is empty, but lines with values follow'],
    ['a blank first line', '\n3,4\n', 'line 1 is empty, but lines with values follow'],
    ['lone CR', '1,2\n3,4\r5,6', "line 2, column 2: expected a number, got '4\r5'"],
    [
      'under a header',
      'x,"age\nin years"\n1,2\n3,old',
      "line 4, column 2 (age\nin years): expected a number, got 'old'",
    ],
    ['too few under a header', 'x,y\n1', 'line 2 has 1 values, line 1 has 2'],
    [
      'names among numbers',
      'label,0,1\n1,2,3',
      "line 1, column 1: got 'label' among numbers. Say whether line 1 holds names: { header: true } or { header: false }",
    ],
    ['names, but no header', 'x,y\n1,2', "line 1, column 1: expected a number, got 'x'", { header: false }],
    [
      'other delimiter',
      '1;2\n3;4',
      'line 2, column 1 (1;2): expected a number, got \'3;4\'. If the values are separated by ";", say so with { delimiter }',
    ],
    ['an open quote', '"x,y\n1,2', 'line 1, column 1: expected a closing quote, got the end of the text'],
    ['an open quote, later', '1,2\n3,"4\n5,6', 'line 2, column 2: expected a closing quote'],
    ['a long field', `1\n${'x'.repeat(1000)}`, `got '${'x'.repeat(57)}...'`],
  ])('%s', (_, text, message, options) => {
    expect(refusal(text, options)).toContain(`digits.csv ${message}`.replace(/^digits\.csv (got)/, '$1'))
  })

  test.each(['', '\n\n', ' ', 'x,y\n', '\ufeff'])('no rows: %j', (text) => {
    expect(refusal(text)).toBe('digits.csv has no rows of numbers. Check that it is the right file')
  })

  test.each<[object, string]>([
    [{ delimeter: ';' }, "unknown option 'delimeter'. Did you mean 'delimiter'?"],
    [{ delimiter: '' }, "option 'delimiter' must be one character that no number contains, got ''"],
    [{ delimiter: '.' }, "got '.'"],
    [{ delimiter: ', ' }, "got ', '"],
    [{ header: 1 }, "option 'header' must be true or false, got 1"],
    [{ dtype: 'int32' }, "option 'dtype' must be one of 'float32', 'float64', got 'int32'"],
  ])('options %j', (options, message) => {
    expect(() => parseCsv('1', '', options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    expect(() => parseCsv('1', '', options)).toThrow(message)
  })
})

test('speed: far above 10 MB/s, so that a quadratic or slow path shows', () => {
  const text = `digit,pixel\n${'0,13\n7,255\n0.25,-1.5e-3\n'.repeat(100_000)}`
  const start = performance.now()
  parseCsv(text, '')
  expect(text.length / 1e6 / ((performance.now() - start) / 1e3)).toBeGreaterThan(5)
})
