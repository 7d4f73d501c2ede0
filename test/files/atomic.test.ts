import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ChainruleError } from '../../src/errors.ts'
import { type FileContent, writeFileAtomic } from '../../src/files/atomic.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'chainrule-'))
  path = join(folder, 'model.safetensors')
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

const read = (file: string) => fs.readFileSync(file, 'utf8')
const mode = (file: string) => fs.statSync(file).mode & 0o7777
const bytes = (text: string) => new TextEncoder().encode(text)
const isRoot = process.getuid?.() === 0

async function refusal(target: string | URL, content: FileContent = bytes('new')): Promise<ChainruleError> {
  const error = await writeFileAtomic(target, content).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ChainruleError)
  return error as ChainruleError
}

describe('writes', () => {
  test('a new file with the usual mode, and nothing beside it', async () => {
    await writeFileAtomic(path, bytes('new'))
    expect(read(path)).toBe('new')
    expect(mode(path)).toBe(0o666 & ~process.umask())
    expect(fs.readdirSync(folder)).toEqual(['model.safetensors'])
  })

  test('over an old file, by URL, keeping its mode', async () => {
    for (const old of [0o600, 0o640, 0o755]) {
      fs.writeFileSync(path, 'a longer old content')
      fs.chmodSync(path, old)
      await writeFileAtomic(pathToFileURL(path), bytes('new'))
      expect(read(path)).toBe('new')
      expect(mode(path)).toBe(old)
    }
    expect(fs.readdirSync(folder)).toHaveLength(1)
  })

  test.skipIf(!isRoot)('over an old file, keeping its owner (needs root)', async () => {
    fs.writeFileSync(path, 'old')
    fs.chownSync(path, 1234, 2345)
    await writeFileAtomic(path, bytes('new'))
    expect(fs.statSync(path)).toMatchObject({ uid: 1234, gid: 2345 })
  })

  test('nothing, much, and in pieces', async () => {
    await writeFileAtomic(path, new Uint8Array(0))
    expect(fs.statSync(path).size).toBe(0)
    const much = Buffer.alloc((1 << 26) + 12345, 'abcdefg')
    await writeFileAtomic(path, much)
    expect(Buffer.compare(fs.readFileSync(path), much)).toBe(0)
    async function* pieces() {
      for (let i = 0; i < 1000; i++) yield bytes(`${i},`)
    }
    await writeFileAtomic(path, pieces())
    expect(read(path)).toBe(Array.from({ length: 1000 }, (_, i) => `${i},`).join(''))
  })

  test('through symbolic links, also to a file that does not exist yet', async () => {
    fs.mkdirSync(join(folder, 'real'))
    fs.symlinkSync('real/data', join(folder, 'first'))
    fs.symlinkSync('first', path)
    for (const text of ['one', 'two']) {
      await writeFileAtomic(path, bytes(text))
      expect(read(join(folder, 'real/data'))).toBe(text)
      expect(fs.readlinkSync(path)).toBe('first')
    }
    expect(fs.readdirSync(join(folder, 'real'))).toEqual(['data'])
    fs.symlinkSync('real', join(folder, 'alias'))
    await writeFileAtomic(join(folder, 'alias/other'), bytes('three'))
    expect(read(join(folder, 'real/other'))).toBe('three')
  })

  test('names as long as the system allows', async () => {
    for (const name of ['x'.repeat(255), '重'.repeat(85), '😀'.repeat(63)]) {
      await writeFileAtomic(join(folder, name), bytes('new'))
      expect(read(join(folder, name))).toBe('new')
    }
  })

  test('many at once: the file is always one of them, whole', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(50_000))
    await writeFileAtomic(path, bytes(texts[0] ?? ''))
    let done = false
    const all = Promise.all(texts.map((text) => writeFileAtomic(path, bytes(text)))).finally(() => {
      done = true
    })
    while (!done) {
      expect(texts).toContain(read(path))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await all
    expect(fs.readdirSync(folder)).toHaveLength(1)
  })
})

describe('fails, and leaves everything as it was', () => {
  test('no such folder', async () => {
    const error = await refusal(join(folder, 'no/model'))
    expect(error).toMatchObject({ code: 'ERR_FILE', cause: { code: 'ENOENT' } })
    expect(error.message).toBe(
      `cannot write ${join(folder, 'no/model')}: the folder ${join(folder, 'no')} does not exist; create it first`,
    )
    fs.symlinkSync('gone/model', path)
    expect((await refusal(path)).message).toContain(`the folder ${join(folder, 'gone')} does not exist`)
  })

  test('a folder, a device, a pipe, a socket, links in a circle', async () => {
    fs.mkdirSync(path)
    expect((await refusal(path)).message).toMatch(/it is a folder; give the path of a file; the old file is unchanged$/)
    expect((await refusal('/dev/null')).message).toMatch(/it is a device, pipe or socket, not a regular file/)
    expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true)
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect((await refusal(pipe)).message).toMatch(/not a regular file/)
    const server = createServer().listen(join(folder, 'socket'))
    await once(server, 'listening')
    expect((await refusal(join(folder, 'socket'))).message).toMatch(/not a regular file/)
    await new Promise((resolve) => server.close(resolve))
    fs.symlinkSync('circle', join(folder, 'circle'))
    expect((await refusal(join(folder, 'circle'))).message).toMatch(/symbolic links lead in a circle/)
    expect((await refusal(join(folder, 'x'.repeat(256)))).message).toMatch(/the name is too long/)
  })

  test.each(['', 'a\0b', 'https://example.org/x'])('%j is no path', async (wrong) => {
    expect(await refusal(wrong.includes(':') ? new URL(wrong) : wrong)).toMatchObject({ code: 'ERR_OPTION' })
  })

  test('content that fails on the way', async () => {
    fs.writeFileSync(path, 'old')
    const cause = Object.assign(new Error('lost the connection'), { code: 'ENOENT' })
    async function* broken() {
      yield bytes('half')
      throw cause
    }
    const error = await refusal(path, broken())
    expect(error).toMatchObject({ code: 'ERR_FILE', cause })
    expect(error.message).toMatch(/the old file is unchanged$/)
    const wrong = (async function* () {
      yield 'text' as unknown as Uint8Array
    })()
    expect((await refusal(path, wrong)).message).toMatch(
      /expected .* a Uint8Array, got 'text'; the old file is unchanged$/,
    )
    for (const content of ['text', null, new Float32Array(2)]) {
      expect((await refusal(path, content as unknown as Uint8Array)).message).toMatch(
        /as a Uint8Array, got .*is unchanged$/,
      )
    }
    expect([read(path), fs.readdirSync(folder)]).toEqual(['old', ['model.safetensors']])
  })

  test.skipIf(isRoot)('without permission (root may everything)', async () => {
    fs.writeFileSync(path, 'old', { mode: 0o444 })
    expect((await refusal(path)).message).toMatch(/permission denied; check .*; the old file is unchanged$/)
    fs.chmodSync(path, 0o666)
    fs.chmodSync(folder, 0o555)
    expect((await refusal(path)).message).toMatch(/permission denied/)
    fs.chmodSync(folder, 0o755)
    expect([read(path), fs.readdirSync(folder)]).toEqual(['old', ['model.safetensors']])
  })

  test('disk full, on a real file system of 64 KiB', async (context) => {
    const disk = join(folder, 'disk')
    fs.mkdirSync(disk)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
    if (mounted.status !== 0) context.skip('this user may not mount a tmpfs')
    try {
      const file = join(disk, 'model')
      expect((await refusal(file, new Uint8Array(100_000))).message).toBe(
        `cannot write ${file}: the disk is full; nothing was written`,
      )
      expect(fs.readdirSync(disk)).toEqual([])
      await writeFileAtomic(file, bytes('old'))
      const error = await refusal(file, new Uint8Array(100_000))
      expect(error).toMatchObject({ code: 'ERR_FILE', cause: { code: 'ENOSPC' } })
      expect(error.message).toBe(`cannot write ${file}: the disk is full; the old file is unchanged`)
      expect([read(file), fs.readdirSync(disk)]).toEqual(['old', ['model']])
      await writeFileAtomic(file, new Uint8Array(40_000))
      expect(fs.statSync(file).size).toBe(40_000)
    } finally {
      execFileSync('umount', [disk])
    }
  })

  test('larger than `ulimit -f` allows, in a process of its own', (context) => {
    try {
      createRequire(join(process.cwd(), 'x')).resolve('tsx')
    } catch {
      context.skip('tsx is not installed')
    }
    fs.writeFileSync(path, 'old')
    const module = new URL('../../src/files/atomic.ts', import.meta.url).href
    const script = `
      import { writeFileAtomic } from ${JSON.stringify(module)}
      writeFileAtomic(process.argv[2], new Uint8Array(1_000_000)).catch((error) => console.log(error.code, error.message))`
    const file = join(folder, 'script.mjs')
    fs.writeFileSync(file, script)
    // Node ignores SIGXFSZ, so the write fails with EFBIG instead of killing the process.
    const command = 'ulimit -f 64; exec "$0" --import tsx "$1" "$2"'
    const child = spawnSync('bash', ['-c', command, process.execPath, file, path], { encoding: 'utf8' })
    expect(child.stderr).toBe('')
    expect(child.stdout).toBe(
      `ERR_FILE cannot write ${path}: it would be larger than this process or file system allows (see \`ulimit -f\`); the old file is unchanged\n`,
    )
    expect([read(path), fs.readdirSync(folder).sort()]).toEqual(['old', ['model.safetensors', 'script.mjs']])
  })
})
