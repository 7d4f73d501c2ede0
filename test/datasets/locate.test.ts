// What fashionMnist does about files: where it looks, what it refuses, what it fetches. With tiny files of its format.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { locate } from '../../src/datasets/locate.ts'
import { type FashionMnistOptions, fashionMnist } from '../../src/datasets.ts'

const names = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const

function idx(shape: number[], fill: (i: number) => number, type = 8): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length)
  header.set([0, 0, type, shape.length])
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis)
  const size = shape.reduce((product, n) => product * n, 1)
  return Buffer.concat([header, Uint8Array.from({ length: size }, (_, i) => fill(i))])
}

const images = (n: number) => idx([n, 28, 28], (i) => (i % 784) % 256)
const labels = (n: number) => idx([n], (i) => i % 10)
const contents = [images(3), labels(3), images(2), labels(2)]

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'chainrule-fashion-'))
  vi.stubEnv('CHAINRULE_DATA', '')
  vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'))
  vi.stubEnv('HOME', join(root, 'home'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true })
})

/** Writes the four files into a folder, by default as gzip. */
function fill(folder: string, change: Partial<Record<(typeof names)[number], Uint8Array>> = {}, gzip = true): string {
  const path = join(root, folder)
  mkdirSync(path, { recursive: true })
  for (const [i, name] of names.entries()) {
    const bytes = change[name] ?? contents[i]!
    writeFileSync(join(path, gzip ? `${name}.gz` : name), gzip ? gzipSync(bytes) : bytes)
  }
  return path
}

async function refusal(options: FashionMnistOptions, code = 'ERR_FILE'): Promise<string> {
  const error = await fashionMnist(options).then(
    () => undefined,
    (reason: unknown) => reason as { code: string; message: string },
  )
  expect(error).toMatchObject({ name: 'ChainruleError', code })
  return error!.message.replaceAll(root, 'ROOT')
}

describe('fashionMnist finds its files', () => {
  test.each([true, false])('in the folder that it is given (gzip: %s)', async (gzip) => {
    const folder = fill('own', {}, gzip)
    for (const given of [folder, pathToFileURL(folder)]) {
      const { train, test: rest } = await fashionMnist({ folder: given })
      expect([train.length, rest.length]).toEqual([3, 2])
      expect(Array.from(train.samples(0, 1, 2).y!.data())).toEqual([0, 1, 2])
      expect(train.samples(2).x.shape).toEqual([1, 784])
    }
  })

  test('in CHAINRULE_DATA, its folder, or the cache', async () => {
    fill('data')
    vi.stubEnv('CHAINRULE_DATA', join(root, 'data'))
    expect((await fashionMnist()).train.length).toBe(3)
    fill('all/fashion-mnist')
    vi.stubEnv('CHAINRULE_DATA', join(root, 'all'))
    expect((await fashionMnist()).train.length).toBe(3)
    vi.stubEnv('CHAINRULE_DATA', '')
    fill(
      process.platform === 'darwin' ? 'home/Library/Caches/chainrule/fashion-mnist' : 'cache/chainrule/fashion-mnist',
    )
    expect((await fashionMnist()).train.length).toBe(3)
  })

  test('nowhere: says where it looked, and what to do', async () => {
    const looked = await refusal({ folder: join(root, 'none') })
    expect(looked).toBe(
      `fashionMnist: found no ${names.map((name) => `${name}.gz`).join(', no ')} (nor unpacked) in ROOT/none. ` +
        'fashionMnist({ download: true }) fetches what is missing (30 MB in all) into ROOT/none. Or get the files from ' +
        'https://github.com/zalandoresearch/fashion-mnist, and name their folder: { folder }, or the variable CHAINRULE_DATA',
    )
    vi.stubEnv('CHAINRULE_DATA', fill('data'))
    rmSync(join(root, 'data', 't10k-labels-idx1-ubyte.gz'))
    expect(await refusal({})).toMatch(
      /^fashionMnist: found no t10k-labels-idx1-ubyte\.gz \(nor unpacked\) in ROOT\/data, nor in ROOT\/data\/fashion-mnist\. /,
    )
  })

  test.skipIf(process.platform === 'darwin')('the cache is below the home where nothing else is said', async () => {
    for (const unset of ['', 'relative/cache']) {
      vi.stubEnv('XDG_CACHE_HOME', unset)
      expect(await refusal({})).toMatch(/in ROOT\/home\/\.cache\/chainrule\/fashion-mnist\. /)
    }
  })
})

describe('fashionMnist refuses', () => {
  test.each<[string, Partial<Record<(typeof names)[number], Uint8Array>>, string]>([
    [
      'pictures of another size',
      { 't10k-images-idx3-ubyte': idx([2, 32, 32], () => 0) },
      't10k-images-idx3-ubyte.gz: expected uint8 of shape [2, 28, 28], found uint8 of shape [2, 32, 32]. Is it the right file?',
    ],
    [
      'labels in place of pictures',
      { 'train-images-idx3-ubyte': labels(3) },
      'train-images-idx3-ubyte.gz: expected uint8 of shape [3, 28, 28], found uint8 of shape [3]. Is it the right file?',
    ],
    [
      'another number of labels',
      { 'train-labels-idx1-ubyte': labels(4) },
      'train-labels-idx1-ubyte.gz: expected uint8 of shape [3], found uint8 of shape [4]. Is it the right file?',
    ],
    [
      'another type',
      { 'train-labels-idx1-ubyte': idx([3], () => 0, 9) },
      'train-labels-idx1-ubyte.gz: expected uint8 of shape [3], found int8 of shape [3]. Is it the right file?',
    ],
    [
      'labels of another data set',
      { 'train-labels-idx1-ubyte': idx([3], (i) => i * 7) },
      'train-labels-idx1-ubyte.gz: expected labels 0 to 9, found 14 at position 2. Is it the right file?',
    ],
    [
      'no pictures at all',
      { 'train-images-idx3-ubyte': images(0) },
      'train-images-idx3-ubyte.gz: expected uint8 of shape [n, 28, 28], found uint8 of shape [0, 28, 28]. Is it the right file?',
    ],
  ])('%s', async (_, change, message) => {
    expect(await refusal({ folder: fill('own', change) })).toBe(`cannot use ROOT/own/${message}`)
  })

  test('files that are cut short or no IDX', async () => {
    const folder = fill('own', { 't10k-images-idx3-ubyte': images(2).subarray(0, 1000) })
    expect(await refusal({ folder })).toMatch(
      /^cannot read ROOT\/own\/t10k-images-idx3-ubyte\.gz: cut short: uint8 of shape \[2, 28, 28\] needs 1568 bytes/,
    )
    writeFileSync(join(folder, 'train-labels-idx1-ubyte.gz'), '<html>')
    expect(await refusal({ folder })).toMatch(/^cannot read ROOT\/own\/train-labels-idx1-ubyte\.gz: expected the magic/)
  })

  test.each<[unknown, RegExp]>([
    [{ folder: 3 }, /option 'folder' must be the path of a folder, got 3/],
    [{ download: 'yes' }, /option 'download' must be true or false/],
    [{ source: 'ftp://x' }, /option 'source' must be an http or https address, got 'ftp:\/\/x'/],
    [{ progress: 'yes' }, /option 'progress'/],
    [{ signal: 1 }, /option 'signal' must be an AbortSignal/],
    [{ dir: 'x' }, /unknown option 'dir'/],
  ])('%j', async (options, message) => {
    expect(await refusal(options as FashionMnistOptions, 'ERR_OPTION')).toMatch(message)
  })

  test('to go on when aborted', async () => {
    const reason = new Error('enough')
    await expect(fashionMnist({ folder: fill('own'), signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('downloads', () => {
  let server: Server
  let source = ''
  let asked: string[] = []

  beforeEach(async () => {
    asked = []
    server = createServer((request, response) => {
      const name = (request.url ?? '').replace(/^\/files\//, '')
      asked.push(name)
      const at = names.findIndex((known) => `${known}.gz` === name)
      if (at < 0) return void response.writeHead(404).end()
      response.end(gzipSync(contents[at]!))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    source = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })

  test('only what is missing, and refuses other bytes than the official ones', async () => {
    const folder = fill('own')
    rmSync(join(folder, 't10k-labels-idx1-ubyte.gz'))
    const message = await refusal({ folder, download: true, source })
    expect(message).toMatch(
      /t10k-labels-idx1-ubyte\.gz: expected the MD5 checksum bb300cfdad3c16e7a12a480ee83cd310, found [0-9a-f]{32} \(\d+ bytes\); what had come was removed/,
    )
    expect(asked).toEqual(['t10k-labels-idx1-ubyte.gz'])
    expect(existsSync(join(folder, 't10k-labels-idx1-ubyte.gz'))).toBe(false)
  })

  test('into the folder that is asked for, once', async () => {
    const target = join(root, 'new', 'folder')
    const checksums = Object.fromEntries(
      names.map((name, i) => [`${name}.gz`, createHash('md5').update(gzipSync(contents[i]!)).digest('hex')]),
    )
    const remote = { where: 'f', checksums, source: `${source}/`, size: '1 KB', page: 'p' }
    const folders = { candidates: [join(root, 'old'), target], target }
    const paths = await locate(remote, folders, { download: true, progress: false })
    expect(asked).toEqual(names.map((name) => `${name}.gz`))
    for (const [i, name] of names.entries()) {
      expect(paths.get(`${name}.gz`)).toBe(join(target, `${name}.gz`))
      expect(readFileSync(join(target, `${name}.gz`)).equals(gzipSync(contents[i]!))).toBe(true)
    }
    expect(await locate(remote, folders, { download: true, progress: false })).toEqual(paths)
    expect(asked).toHaveLength(4)
    const { train } = await fashionMnist({ folder: target })
    expect(train.length).toBe(3)
  })
})
