import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { activation, Model, type PictureOptions, readPicture } from '../../src/index.ts'
import { greyPng, made } from '../support/png.ts'

interface Resized {
  method: 'area' | 'linear'
  from: [number, number]
  to: [number, number]
  source: number[]
  result: number[]
}

const golden: Resized[] = JSON.parse(readFileSync(new URL('../golden/pictures/resize.json', import.meta.url), 'utf8'))

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-picture-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

// 2×3: the top row dark, the bottom row light.
const six = greyPng([0, 51, 102, 153, 204, 255], 2, 3)
const plain = { scale: 1, shift: 0 }

describe('readPicture', () => {
  test('gives one row from -1 to 1, in the order of reading', async () => {
    const path = join(folder, 'six.png')
    writeFileSync(path, six)
    for (const source of [path, pathToFileURL(path), six, new Uint8Array(six)]) {
      const x = await readPicture(source)
      expect(x.shape).toEqual([1, 6])
      expect(x.dtype).toBe('float32')
      for (const [i, value] of [-1, -0.6, -0.2, 0.2, 0.6, 1].entries()) expect(x.data()[i]).toBeCloseTo(value, 6)
    }
  })

  test('inverts, scales, and keeps rows and columns', async () => {
    const x = await readPicture(six, { invert: true, flat: false, ...plain })
    expect(x.toArray(4)).toEqual([
      [
        [[255], [204], [153]],
        [[102], [51], [0]],
      ],
    ])
    expect((await readPicture(six, { scale: 0.5, shift: 3 })).toArray(2)).toEqual([[3, 28.5, 54, 79.5, 105, 130.5]])
  })

  test('averages areas when it shrinks', async () => {
    expect((await readPicture(six, { size: [1, 1], ...plain })).toArray()).toEqual([[128]])
    // A column and a half each: (0 + 153 + (51 + 204) / 2) / 3, and likewise on the right.
    expect((await readPicture(six, { size: [1, 2], ...plain })).toArray()).toEqual([[94, 162]])
    expect((await readPicture(six, { size: [2, 1], ...plain })).toArray()).toEqual([[51, 204]])
  })

  test.each(golden.map((entry) => ({ ...entry, title: `${entry.from.join('×')} to ${entry.to.join('×')}` })))(
    'resizes as OpenCV ($method): $title',
    async ({ from, to, source, result }) => {
      const x = await readPicture(greyPng(source, ...from), { size: to, flat: false, ...plain })
      expect(x.shape).toEqual([1, ...to, 1])
      const off = Array.from(x.data(), (value, i) => Math.abs(value - result[i]!))
      // OpenCV rounds halves to even, and interpolates with weights of 11 bits.
      expect(Math.max(...off)).toBeLessThanOrEqual(1)
      expect(off.filter((difference) => difference > 0).length).toBeLessThanOrEqual(off.length * 0.2)
    },
  )

  test('is what a model predicts from', async () => {
    const model = new Model([activation('linear')])
    model.build([6])
    const [row] = (await model.predict(await readPicture(six, plain))).toArray(2)
    expect(row).toEqual([0, 51, 102, 153, 204, 255])
  })
})

describe('readPicture refuses', () => {
  test.each<[string, unknown, string, RegExp]>([
    ['a size of one number', { size: [28] }, 'ERR_OPTION', /option 'size' must be \[height, width\]/],
    [
      'a size that is none',
      { size: 28 },
      'ERR_OPTION',
      /option 'size' must be .* got 28\. Give for example \[28, 28\]/,
    ],
    ['an empty size', { size: [0, 28] }, 'ERR_OPTION', /option 'size'/],
    ['a size beyond memory', { size: [1e6, 1e6] }, 'ERR_OPTION', /option 'size'/],
    ['words as yes', { invert: 'yes' }, 'ERR_OPTION', /option 'invert' must be true or false/],
    ['no number', { scale: NaN }, 'ERR_OPTION', /option 'scale' must be a finite number/],
    ['misspelled options', { inverted: true }, 'ERR_OPTION', /unknown option 'inverted'. Did you mean 'invert'/],
  ])('%s', async (_, options, code, message) => {
    await expect(readPicture(six, options as PictureOptions)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  test('what is no picture, with its name', async () => {
    const path = join(folder, 'shoe.png')
    writeFileSync(path, Buffer.from([0xff, 0xd8, 0xff, 0xe0]))
    await expect(readPicture(path)).rejects.toMatchObject({
      code: 'ERR_FILE',
      message: `cannot read ${path}: expected a PNG picture, found a JPEG. Convert it to PNG`,
    })
    await expect(readPicture(Buffer.from('x'))).rejects.toThrow(/^cannot read the picture: expected a PNG picture/)
    await expect(readPicture(made({ height: 3 }))).rejects.toThrow(/^cannot read the picture: cut short/)
    await expect(readPicture(join(folder, 'none.png'))).rejects.toThrow(/none\.png: it does not exist/)
    await expect(readPicture(undefined as never)).rejects.toMatchObject({ code: 'ERR_OPTION' })
  })
})
