import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type PictureFolderOptions, pictureFolder } from '../../src/datasets.ts'
import { type Dataset, dense, Model } from '../../src/index.ts'
import { greyPng } from '../support/png.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'chainrule-folder-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

/** A 1×2 picture: its brightness, and ten more. */
const picture = (value: number) => greyPng([value, value + 10], 1, 2)

/** First pixel and label of every sample. */
function contents(dataset: Dataset): [number, number][] {
  const all = Array.from({ length: dataset.length }, (_, i) => i)
  const { x, y } = dataset.samples(...all)
  const labels = y!.data()
  return x.toArray(2).map(([first], i) => [first!, labels[i]!])
}

const read = (options: PictureFolderOptions = {}) => pictureFolder(root, { scale: 1, shift: 0, ...options })

async function refusal(options: PictureFolderOptions = {}, code = 'ERR_DATA'): Promise<string> {
  const error = await read(options).then(
    () => undefined,
    (reason: unknown) => reason as { code: string; message: string },
  )
  expect(error).toMatchObject({ name: 'ChainruleError', code })
  return error!.message.replaceAll(root, 'ROOT')
}

describe('pictureFolder', () => {
  test('reads the tree of the book: numbers are labels, files in order', async () => {
    write('0/0001.png', picture(2))
    write('0/0000.png', picture(1))
    write('10/0000.png', picture(4))
    write('2/0000.PNG', picture(3))
    const dataset = await read()
    expect(contents(dataset)).toEqual([
      [1, 0],
      [2, 0],
      [4, 10],
      [3, 2],
    ])
    expect(dataset.classes).toEqual(Array.from({ length: 11 }, (_, i) => `${i}`))
    const scaled = await pictureFolder(pathToFileURL(root))
    expect(scaled.samples(2).x.toArray()).toEqual([
      [expect.closeTo(4 / 127.5 - 1, 6), expect.closeTo(14 / 127.5 - 1, 6)],
    ])
    const square = (await read({ flat: false, invert: true })).samples(0).x
    expect(square.toArray(4)).toEqual([[[[254], [244]]]])
  })

  test('numbers names in their order, or as it is told', async () => {
    write('dog/a.png', picture(2))
    write('Cat/a.png', picture(1))
    write('1990/a.png', picture(0))
    const dataset = await read()
    expect(dataset.classes).toEqual(['1990', 'Cat', 'dog'])
    expect(contents(dataset)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ])
    const classes = ['cow', 'dog', '1990', 'Cat']
    const told = await read({ classes })
    expect(told.classes).toEqual(classes)
    expect(contents(told)).toEqual([
      [0, 2],
      [1, 3],
      [2, 1],
    ])
  })

  test('leaves out hidden files, and what it is told to; follows links', async () => {
    write('0/a.png', picture(1))
    write('.DS_Store', 'x')
    write('0/.DS_Store', 'x')
    write('.git/x', 'x')
    write('0/notes.txt', 'x')
    write('raw/deep/a.png', 'x')
    symlinkSync(join(root, '0', 'a.png'), join(root, '0', 'b.png'))
    symlinkSync(join(root, '0'), join(root, '1'))
    const asked: string[] = []
    const ignore = (path: string) => {
      asked.push(path)
      return path.endsWith('.txt') || path === 'raw'
    }
    expect(contents(await read({ ignore }))).toEqual([
      [1, 0],
      [1, 0],
      [1, 1],
      [1, 1],
    ])
    expect(asked.sort()).toEqual([
      '0',
      '0/a.png',
      '0/b.png',
      '0/notes.txt',
      '1',
      '1/a.png',
      '1/b.png',
      '1/notes.txt',
      'raw',
    ])
  })

  test('resizes pictures of different sizes', async () => {
    write('0/a.png', greyPng([10, 20, 30, 40], 2, 2))
    write('0/b.png', greyPng([7], 1, 1))
    expect(contents(await read({ size: [1, 1] }))).toEqual([
      [25, 0],
      [7, 0],
    ])
  })

  test('can be trained on', async () => {
    for (let i = 0; i < 40; i++) write(`${i % 2}/${i}.png`, picture((i % 2) * 200 + (i >> 1)))
    const dataset = await pictureFolder(root)
    const model = new Model([dense(2, { activation: 'softmax' })], { seed: 1 })
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
    await model.fit(dataset, { epochs: 200, batchSize: 8, progress: false })
    expect((await model.evaluate(dataset)).accuracy).toBe(1)
  })

  test('stops when aborted', async () => {
    write('0/a.png', picture(1))
    const reason = new Error('enough')
    await expect(read({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    for (let i = 0; i < 100; i++) write(`0/${i}.png`, picture(1))
    // Asked for each file before any is read.
    const ignore = (path: string) => {
      if (path === '0/99.png') controller.abort(reason)
      return false
    }
    await expect(read({ signal: controller.signal, ignore })).rejects.toBe(reason)
  })
})

describe('pictureFolder refuses', () => {
  test('stray files', async () => {
    write('0/a.png', picture(1))
    write('labels.csv', 'x')
    expect(await refusal()).toBe(
      'pictureFolder: expected only folders of PNG files, found ROOT/labels.csv. Remove it, or leave it out: { ignore: (path) => ... }',
    )
    write('0/a.jpg', 'x')
    write('0/b.txt', 'x')
    expect(await refusal()).toMatch(/found ROOT\/0\/a\.jpg \(and 2 more\)/)
  })

  test('folders in between', async () => {
    write('train/0/a.png', picture(1))
    expect(await refusal()).toBe(
      'pictureFolder: expected PNG files in the class folder ROOT/train, found the folder 0. If the classes are one level deeper, give ROOT/train',
    )
  })

  test('no folders, empty folders', async () => {
    expect(await refusal()).toBe('pictureFolder: ROOT holds no folders, expected one folder of PNG files per class')
    write('0/.hidden', 'x')
    expect(await refusal()).toBe('pictureFolder: the class folder ROOT/0 holds no PNG files. Remove it, or ignore it')
  })

  test('pictures of different sizes', async () => {
    write('0/a.png', picture(1))
    write('1/b.png', greyPng([1, 2, 3], 3, 1))
    expect(await refusal()).toBe(
      'pictureFolder: ROOT/1/b.png has 3×1 pixels, expected 1×2 as ROOT/0/a.png (height×width). Resize all with { size: [height, width] }',
    )
  })

  test('a file that is no PNG, or cut short', async () => {
    write('0/a.png', picture(1))
    for (let i = 0; i < 20; i++) write(`1/${i}.png`, picture(i))
    write('1/7.png', 'GIF89a')
    expect(await refusal({}, 'ERR_FILE')).toBe(
      'cannot read ROOT/1/7.png: expected a PNG picture, found a GIF. Convert it to PNG',
    )
    write('1/7.png', picture(1).subarray(0, 40))
    expect(await refusal({}, 'ERR_FILE')).toMatch(/^cannot read ROOT\/1\/7\.png: cut short/)
  })

  test('folders that mean the same label, or none of the classes', async () => {
    write('1/a.png', picture(1))
    write('01/a.png', picture(1))
    expect(await refusal()).toBe('pictureFolder: the folders 01 and 1 of ROOT both mean the label 1. Join them')
    rmSync(join(root, '01'), { recursive: true })
    rmSync(join(root, '1'), { recursive: true })
    write('cat/a.png', picture(1))
    expect(await refusal({ classes: ['dogs', 'cats'] })).toBe(
      "pictureFolder: the folder ROOT/cat is not one of the classes dogs, cats. Did you mean 'cats'?",
    )
  })

  test.each<[unknown, RegExp]>([
    [{ classes: [] }, /option 'classes' must be a list of different names/],
    [{ classes: ['a', 'a'] }, /option 'classes' must be a list of different names/],
    [{ ignore: 'x.txt' }, /option 'ignore' must be a function .* got 'x.txt'/],
    [{ progress: 'yes' }, /option 'progress' must be one of/],
    [{ signal: {} }, /option 'signal' must be an AbortSignal/],
    [{ sizes: [1, 1] }, /unknown option 'sizes'. Did you mean 'size'/],
  ])('%j', async (options, message) => {
    write('0/a.png', picture(1))
    expect(await refusal(options as PictureFolderOptions, 'ERR_OPTION')).toMatch(message)
  })

  test('a folder that is missing, a file, or no path', async () => {
    await expect(pictureFolder(join(root, 'none'))).rejects.toMatchObject({
      code: 'ERR_FILE',
      message: expect.stringMatching(/none: it does not exist/),
    })
    write('a.png', picture(1))
    await expect(pictureFolder(join(root, 'a.png'))).rejects.toThrow(/it is a file; give the path of a folder/)
    await expect(pictureFolder(7 as never)).rejects.toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringMatching(/option 'folder' must be the path of a folder, got 7/),
    })
  })
})
