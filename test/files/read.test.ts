import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ChainruleError } from '../../src/errors.ts'
import { readBytes, readMaybeGzip, readText } from '../../src/files/read.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function refusal(promise: Promise<unknown>, code = 'ERR_FILE'): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ChainruleError)
  expect((error as ChainruleError).code).toBe(code)
  return (error as ChainruleError).message
}

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >> 3)

describe('reads', () => {
  test('plain files, by path and by URL', async () => {
    const path = write('plain.bin', bytes)
    expect(Buffer.compare(await readBytes(path), bytes)).toBe(0)
    expect(Buffer.compare(await readMaybeGzip(pathToFileURL(path)), bytes)).toBe(0)
    expect(await readBytes(write('empty', ''))).toHaveLength(0)
    expect(await readMaybeGzip(write('empty', ''))).toHaveLength(0)
  })

  test('gzip, whatever the name, in one or several members', async () => {
    expect(Buffer.compare(await readMaybeGzip(write('data.csv', gzipSync(bytes))), bytes)).toBe(0)
    const twice = await readMaybeGzip(write('twice.gz', Buffer.concat([gzipSync(bytes), gzipSync(bytes)])))
    expect(Buffer.compare(twice, Buffer.concat([bytes, bytes]))).toBe(0)
    expect(Buffer.compare(await readBytes(write('raw.gz', gzipSync(bytes))), gzipSync(bytes))).toBe(0)
  })

  test('text, without its byte order mark', async () => {
    expect(await readText(write('text.gz', gzipSync('\ufeffhäuser\n')))).toBe('häuser\n')
  })

  test.skipIf(process.platform !== 'linux')('files without a size', async () => {
    expect(await readText('/proc/self/status')).toMatch(/^Name:/)
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const [text] = await Promise.all([
      readText(pipe),
      import('node:fs/promises').then((fs) => fs.writeFile(pipe, 'in')),
    ])
    expect(text).toBe('in')
  })
})

describe('refuses', () => {
  test('a missing file', async () => {
    const message = await refusal(readMaybeGzip('no/such.csv'))
    expect(message).toBe(
      `cannot read no/such.csv: it does not exist (looked at ${join(process.cwd(), 'no/such.csv')}); check the path and the working folder`,
    )
    await expect(readMaybeGzip('no/such.csv')).rejects.toHaveProperty('cause.code', 'ENOENT')
  })

  test('a folder, a path through a file', async () => {
    mkdirSync(join(folder, 'sub'))
    expect(await refusal(readBytes(join(folder, 'sub')))).toMatch(/sub: it is a folder; give the path of a file$/)
    expect(await refusal(readBytes(join(write('f', 'x'), 'g')))).toMatch(/is a file, not a folder; check the path$/)
  })

  test('gzip that is cut short at any byte, or damaged', async () => {
    const whole = gzipSync(bytes)
    for (const length of [2, 3, 9, 10, 11, whole.length >> 1, whole.length - 8, whole.length - 1]) {
      const message = await refusal(readMaybeGzip(write('cut.gz', whole.subarray(0, length))))
      expect(message).toMatch(`cut.gz: the gzip data is cut short after ${length} bytes; get the file again`)
    }
    whole[whole.length - 6] = (whole.at(-6) ?? 0) ^ 1
    expect(await refusal(readMaybeGzip(write('bad.gz', whole)))).toMatch(
      /the gzip data is damaged \(.*incorrect data check/,
    )
  })

  test('text that is not UTF-8', async () => {
    expect(await refusal(readText(write('latin1.csv', Buffer.from('häuser', 'latin1'))))).toMatch(
      /latin1\.csv: it is not UTF-8 text; convert it/,
    )
  })

  test.each<[unknown, string]>([
    ['', "got ''"],
    ['a\0b', "got 'a\0b'"],
    [undefined, 'got undefined'],
    [3, 'got 3'],
    [new URL('https://example.org/x'), "got 'https://example.org/x'"],
  ])('%j as a path', async (path, text) => {
    const message = await refusal(readBytes(path as string), 'ERR_OPTION')
    expect(message).toBe(`expected the path of a file, or a file: URL, ${text}`)
  })
})
