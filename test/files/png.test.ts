import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodePng } from '../../src/files/png.ts'
import { ChainruleError } from '../../src/index.ts'
import { chunk, type Made, made } from '../support/png.ts'

interface Golden {
  name: string
  png: string
  width: number
  height: number
  tolerance: number
  grey: number[]
}

const golden: Golden[] = JSON.parse(readFileSync(new URL('../golden/pictures/png.json', import.meta.url), 'utf8'))
const bytesOf = (name: string) => Buffer.from(golden.find((entry) => entry.name === name)!.png, 'base64')

async function refusal(bytes: Uint8Array): Promise<string> {
  const error = await decodePng(bytes, 'p.png').then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ChainruleError)
  expect((error as ChainruleError).code).toBe('ERR_FILE')
  return (error as ChainruleError).message.replace(/^cannot read p\.png: /, '')
}

describe('decodes', () => {
  test.each(golden)('$name', async ({ png, width, height, tolerance, grey }) => {
    const picture = await decodePng(Buffer.from(png, 'base64'), 'p.png')
    expect([picture.width, picture.height]).toEqual([width, height])
    expect(picture.data).toHaveLength(grey.length)
    const off = grey.map((value, i) => Math.abs(value - picture.data[i]!))
    expect(Math.max(...off)).toBeLessThanOrEqual(tolerance)
  })

  test('bytes at any offset of a buffer, without changing them, and ignores what follows the end', async () => {
    const inner = bytesOf('RGB, 8 bits')
    const outer = Buffer.concat([Buffer.of(1, 2, 3), inner, Buffer.from('more')])
    const before = Buffer.from(outer)
    const plain = await decodePng(inner, 'p.png')
    expect((await decodePng(outer.subarray(3), 'p.png')).data).toEqual(plain.data)
    expect(outer.equals(before)).toBe(true)
  })

  test('large pictures, while the event loop turns', async () => {
    const [width, height] = [3000, 1200]
    const raw = new Uint8Array(height * (1 + width))
    for (let row = 0; row < height; row++) raw.fill(row, row * (1 + width) + 1, (row + 1) * (1 + width))
    for (let row = 0; row < height; row++) raw[row * (1 + width)] = 0
    let turns = 0
    let done = false
    const turn = () => {
      turns++
      if (!done) setImmediate(turn)
    }
    setImmediate(turn)
    const { data } = await decodePng(made({ width, height, raw }), 'p.png')
    done = true
    expect(data[700 * width + 2999]).toBe(700 % 256)
    expect(turns).toBeGreaterThan(3)
  })
})

describe('refuses', () => {
  test.each<[string, string | number[], string]>([
    ['nothing', [], 'expected a PNG picture, found an empty file'],
    ['a JPEG', [0xff, 0xd8, 0xff, 0xe0, 0, 16], 'expected a PNG picture, found a JPEG. Convert it to PNG'],
    ['a GIF', 'GIF89a', 'expected a PNG picture, found a GIF. Convert it to PNG'],
    ['a WebP', 'RIFF\x10\0\0\0WEBPVP8 ', 'expected a PNG picture, found a WebP. Convert it to PNG'],
    [
      'text',
      'hello world',
      'expected a PNG picture, which starts with the bytes 89 50 4e 47 0d 0a 1a 0a, found 68 65 6c 6c 6f 20 77 6f',
    ],
    ['half a signature', [0x89, 0x50, 0x4e], 'cut short: expected a PNG picture, found 3 bytes'],
  ])('%s', async (_, content, message) => {
    expect(await refusal(typeof content === 'string' ? Buffer.from(content, 'latin1') : Buffer.from(content))).toBe(
      message,
    )
  })

  test('a PNG cut short at any byte', async () => {
    const whole = bytesOf('palette, 4 bits')
    for (let length = 1; length < whole.length; length++)
      expect(await refusal(whole.subarray(0, length))).toMatch(/^cut short: /)
  })

  test('any single byte changed', async () => {
    const whole = bytesOf('grey, 8 bits, interlaced')
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 0x20
      expect(await refusal(bytes)).toMatch(/cut short|damaged|expected/)
    }
  })

  test('a wrong checksum, by chunk', async () => {
    const bytes = made()
    bytes[bytes.indexOf('IDAT') + 6]! ^= 1
    expect(await refusal(bytes)).toMatch(
      /^damaged: chunk IDAT at byte 33 has checksum [0-9a-f]{8}, expected [0-9a-f]{8}. Get the file again$/,
    )
  })

  test.each<[string, Made, RegExp]>([
    ['no width', { width: 0 }, /^expected 1 to 268435456 pixels, found 0×2$/],
    ['sizes beyond memory', { width: 2 ** 31 - 1, height: 2 ** 31 - 1 }, /found 2147483647×2147483647$/],
    [
      'sizes that so few bytes cannot hold',
      { width: 10000, height: 10000 },
      /^cut short: expected pixels for 10000×10000, which are 100010000 bytes, found \d+ compressed bytes$/,
    ],
    ['a row too few', { height: 3 }, /^cut short: expected pixels for 2×3, which are 9 bytes, found 6/],
    ['a row too many', { height: 1 }, /^damaged: expected pixels for 2×1, which are 3 bytes, found more$/],
    ['an unknown depth', { depth: 3 }, /^colour type 0 with 3 bits per channel is not of the PNG standard$/],
    ['an unknown colour type', { colour: 5 }, /^colour type 5 with 8 bits/],
    ['an unknown interlacing', { interlace: 2 }, /interlace 2 are not of the PNG standard$/],
    ['an unknown filter', { raw: [5, 1, 2, 0, 3, 4] }, /^damaged: expected a row filter of 0 to 4, found 5$/],
    ['no palette', { colour: 3 }, /^damaged: expected a palette \(PLTE\) .*, found 0 bytes$/],
    ['half a colour', { colour: 3, extra: [chunk('PLTE', [1, 2, 3, 4])] }, /, found 4 bytes$/],
    [
      'a colour outside of the palette',
      { colour: 3, extra: [chunk('PLTE', new Uint8Array(12))] },
      /^damaged: a pixel has colour 4, but the palette ends at 3$/,
    ],
    ['broken transparency', { extra: [chunk('tRNS', [1])] }, /^damaged: expected 2 bytes of transparency .*found 1$/],
    ['unknown chunks that matter', { extra: [chunk('CgBI', [0])] }, /^chunk CgBI is needed to show it/],
    [
      'more pixels than it says, beyond a few',
      { width: 1000, height: 1000, raw: new Uint8Array(1_001_001) },
      /^damaged: expected pixels for 1000×1000, which are 1001000 bytes, found more$/,
    ],
    [
      'fewer pixels than it says, beyond a few',
      { width: 1000, height: 1000, raw: new Uint8Array(1_000_999) },
      /^cut short: expected pixels for 1000×1000, which are 1001000 bytes, found 1000999\b/,
    ],
  ])('%s', async (_, parts, message) => {
    expect(await refusal(made(parts))).toMatch(message)
  })

  test('compressed data that are none, and a missing header', async () => {
    const bytes = made()
    const start = bytes.indexOf('IDAT')
    const broken = [bytes.subarray(0, start - 4), chunk('IDAT', [1, 2, 3, 4]), chunk('IEND', [])]
    expect(await refusal(Buffer.concat(broken))).toMatch(/^damaged: the compressed data cannot be read/)
    const empty = [bytes.subarray(0, start - 4), chunk('IEND', [])]
    expect(await refusal(Buffer.concat(empty))).toMatch(/^cut short: .* found 0 compressed bytes$/)
    const headless = [bytes.subarray(0, 8), bytes.subarray(33)]
    expect(await refusal(Buffer.concat(headless))).toMatch(/^expected a header of 13 bytes \(IHDR\) first, found IDAT/)
  })
})
