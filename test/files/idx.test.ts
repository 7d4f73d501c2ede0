import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readIdx } from '../../src/datasets.ts'
import { ChainruleError, Dataset } from '../../src/index.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-idx-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function write(content: Uint8Array | number[]): string {
  const path = join(folder, 'a.idx')
  writeFileSync(path, Uint8Array.from(content))
  return path
}

async function refusal(content: Uint8Array | number[]): Promise<string> {
  const path = write(content)
  const error = await readIdx(path).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ChainruleError)
  expect((error as ChainruleError).code).toBe('ERR_FILE')
  expect((error as ChainruleError).message).toContain(`cannot read ${path}: `)
  return (error as ChainruleError).message.slice(`cannot read ${path}: `.length)
}

const sizes = (...shape: number[]) => shape.flatMap((n) => [(n >>> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255])
const bytes2x3 = [0, 0, 8, 2, ...sizes(2, 3), 1, 2, 3, 250, 251, 252]

describe('reads', () => {
  // The bytes as IEEE 754 and two's complement write them.
  test.each<[string, number[], unknown]>([
    ['uint8', [0, 0, 0x08, 1, ...sizes(3), 0, 127, 255], Uint8Array.of(0, 127, 255)],
    ['int8', [0, 0, 0x09, 1, ...sizes(3), 0, 127, 255], Int8Array.of(0, 127, -1)],
    ['int16', [0, 0, 0x0b, 1, ...sizes(2), 1, 2, 0xff, 0xfe], Int16Array.of(258, -2)],
    ['int32', [0, 0, 0x0c, 1, ...sizes(2), 0, 1, 0, 2, 0xff, 0xff, 0xff, 0xfd], Int32Array.of(65538, -3)],
    ['float32', [0, 0, 0x0d, 1, ...sizes(2), 0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0], Float32Array.of(1, -2.5)],
    ['float64', [0, 0, 0x0e, 1, ...sizes(1), 0xbf, 0xe8, 0, 0, 0, 0, 0, 0], Float64Array.of(-0.75)],
  ])('%s', async (name, content, data) => {
    const { data: found, shape, dtype } = await readIdx(write(content))
    expect(found).toEqual(data)
    expect(shape).toEqual([found.length])
    expect(dtype).toBe(name)
  })

  test('any number of axes, gzip or not, by path and by URL', async () => {
    const expected = { data: Uint8Array.of(1, 2, 3, 250, 251, 252), shape: [2, 3] }
    const path = write(gzipSync(Uint8Array.from(bytes2x3)))
    const { data, shape } = await readIdx(new URL(`file://${path}`))
    expect({ data: Uint8Array.from(data), shape }).toEqual(expected)
    const four = await readIdx(write([0, 0, 8, 4, ...sizes(1, 2, 1, 2), 9, 8, 7, 6]))
    expect(four.shape).toEqual([1, 2, 1, 2])
    expect(four.data).toHaveLength(4)
  })

  test('what a data set takes as it is', async () => {
    const x = await readIdx(write(bytes2x3))
    const { x: values } = new Dataset({ x }, { scale: 0.5 }).samples(1)
    expect(values.toArray(2)).toEqual([[125, 125.5, 126]])
  })
})

describe('refuses', () => {
  test.each<[string, number[], string]>([
    ['nothing', [], 'expected an IDX file, which starts with 4 bytes, found 0 in all'],
    [
      'another magic number',
      [0x50, 0x4b, 3, 4, 0, 0],
      'expected the magic number of IDX, which starts with two zero bytes, found 0x504B0304: not an IDX file',
    ],
    [
      'an unknown type',
      [0, 0, 0x0a, 1, ...sizes(1), 0],
      'magic number 0x00000A01: expected one of the types 0x08 uint8, 0x09 int8, 0x0B int16, 0x0C int32, 0x0D float32, 0x0E float64, found 0x0A',
    ],
    ['no axes', [0, 0, 8, 0, 1], 'magic number 0x00000800: expected at least one axis, found none'],
    [
      'sizes cut short',
      [0, 0, 8, 3, ...sizes(1), 0, 0],
      'cut short: expected a header of 16 bytes for 3 axes, found 10',
    ],
    [
      'values cut short',
      bytes2x3.slice(0, -1),
      'cut short: uint8 of shape [2, 3] needs 6 bytes after the header, found 5. Get the file again',
    ],
    ['a byte too many', [...bytes2x3, 0], 'uint8 of shape [2, 3] needs 6 bytes after the header, found 7: 1 too many'],
    [
      'sizes that no memory holds',
      [0, 0, 0x0e, 3, ...sizes(2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1), 1],
      'cut short: float64 of shape [4294967295, 4294967295, 4294967295] needs 633825299671392843082401579000 bytes after the header, found 1. Get the file again',
    ],
  ])('%s', async (_, content, message) => {
    expect(await refusal(content)).toBe(message)
  })

  test('a missing file, broken gzip and a path that is none', async () => {
    await expect(readIdx(join(folder, 'none'))).rejects.toMatchObject({ code: 'ERR_FILE' })
    expect(await refusal(gzipSync(Uint8Array.from(bytes2x3)).subarray(0, 20))).toMatch(/^the gzip data is cut short/)
    await expect(readIdx(3 as never)).rejects.toMatchObject({ code: 'ERR_OPTION' })
  })
})
