// Data sets from CSV files: what a message names as an option is one, and its advice works.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CsvDatasetOptions, Dataset } from '../../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'csv-'))
let files = 0

/** The first sample, or the error without the folder. */
async function first(text: string, options: CsvDatasetOptions): Promise<unknown> {
  const file = join(folder, `${files++}.csv`)
  writeFileSync(file, text)
  try {
    const { x, y } = (await Dataset.fromCsv(file, options)).samples(0)
    return [x.toArray(), y?.toArray()]
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message.replace(`${folder}/`, '')}`
  }
}

describe('what the message says to write is taken', () => {
  test.each<[string, string, CsvDatasetOptions, RegExp, string, CsvDatasetOptions, unknown]>([
    [
      'semicolons',
      '"acidity";"sugar";"quality"\n7.5;2;5\n',
      { target: 0 },
      /say so with \{ delimiter \}|has no column|no rows|expected/,
      '"acidity";"sugar";"quality"\n7.5;2;5\n',
      { target: 'quality', delimiter: ';' },
      [[[7.5, 2]], [5]],
    ],
    [
      'names that are numbers',
      'a,b,1990\n1,2,3\n',
      { target: 'b' },
      /Say whether line 1 holds names: \{ header: true \}/,
      'a,b,1990\n1,2,3\n',
      { target: 'b', header: true },
      [[[1, 3]], [2]],
    ],
    [
      'too large',
      'a,b\n1e39,2\n',
      { target: 'b' },
      /Scale it first, by dividing/,
      'a,b\n10,2\n',
      { target: 'b' },
      [[[10]], [2]],
    ],
    ['a gap', 'a,b\n?,2\n', { target: 'b' }, /missing value: fill it in/, 'a,b\n0,2\n', { target: 'b' }, [[[0]], [2]]],
    ['True', 'a,b\n1,True\n', { target: 'b' }, /Write 1 and 0 for it/, 'a,b\n1,1\n', { target: 'b' }, [[[1]], [1]]],
    [
      'a class',
      'a,b\n5,setosa\n',
      { target: 'b' },
      /0, 1, 2 for the names of classes/,
      'a,b\n5,0\n',
      { target: 'b' },
      [[[5]], [0]],
    ],
  ])('%s', async (_, wrong, options, message, right, better, sample) => {
    expect(await first(wrong, options)).toMatch(message)
    expect(await first(right, better)).toEqual(sample)
  })
})

test('several targets', async () => {
  expect(await first('a,b,c\n1,2,3\n', { target: ['b', 'c'] })).toEqual([[[1]], [[2, 3]]])
  expect(await first('1,2,3\n', { target: [-1, 0] })).toEqual([[[2]], [[3, 1]]])
})

test('lines that end with CR alone, and CRLF with a byte order mark', async () => {
  expect(await first('a,b\r1,2\r', { target: 'b' })).toEqual([[[1]], [2]])
  expect(await first('\ufeffa,b\r\n"1"," 2 "\r\n\r\n', { target: 'b' })).toEqual([[[1]], [2]])
})

test.each<[string, unknown, RegExp]>([
  ['an unknown option', { target: 'b', separator: ';' }, /ERR_OPTION fromCsv: unknown option 'separator'/],
  ['no target', {}, /ERR_OPTION fromCsv: .* has no column undefined; columns: a, b/],
  ['a column that is not there', { target: ['a', 'c'] }, /has no column 'c'; columns: a, b/],
  ['a delimiter of two', { target: 'b', delimiter: '::' }, /ERR_OPTION .*'delimiter' must be one character/],
])('%s is refused', async (_, options, message) => {
  expect(await first('a,b\n1,2\n', options as CsvDatasetOptions)).toMatch(message)
})
