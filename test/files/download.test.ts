import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ChainruleError } from '../../src/errors.ts'
import { type DownloadOptions, download } from '../../src/files/download.ts'

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i * 7) >> 5))
const md5 = createHash('md5').update(content).digest('hex')

let folder = ''
let target = ''
let server: Server
let url = ''
/** What the server does, and the ranges that it was asked for. */
let answer: (request: IncomingMessage, response: ServerResponse, from: number) => void = whole
let asked: (string | undefined)[] = []

function whole(_: IncomingMessage, response: ServerResponse, from: number): void {
  const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from, ...(from > 0 ? range : {}) })
  response.end(content.subarray(from))
}

/** Sends some bytes of what was asked for, and hangs up. */
function breaksAfter(bytes: number) {
  return (request: IncomingMessage, response: ServerResponse, from: number) => {
    const send = response.write.bind(response)
    response.end = (() => send(content.subarray(from, from + bytes), () => request.socket.destroy())) as never
    whole(request, response, from)
  }
}

function refuses(status: number) {
  return (_: IncomingMessage, response: ServerResponse) => void response.writeHead(status).end('no')
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-download-'))
  target = join(folder, 'sub', 'file.gz')
  asked = []
  answer = whole
  server = createServer((request, response) => {
    asked.push(request.headers.range)
    answer(request, response, Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.gz`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  rmSync(folder, { recursive: true })
})

const fetched = (options: Partial<DownloadOptions> = {}) => download(url, target, { md5, retryDelay: 1, ...options })

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ChainruleError)
  expect((error as ChainruleError).code).toBe('ERR_FILE')
  return (error as ChainruleError).message
}

/** The target is whole, and nothing lies beside it. */
function expectWhole(): void {
  expect(readFileSync(target).equals(content)).toBe(true)
  expect(readdirSync(join(folder, 'sub'))).toEqual(['file.gz'])
}

describe('download', () => {
  test('a file, reporting its bytes', async () => {
    const seen: [number, number | undefined][] = []
    await fetched({ onProgress: (done, all) => seen.push([done, all]) })
    expectWhole()
    expect(asked).toEqual([undefined])
    expect(seen[0]).toEqual([0, content.length])
    expect(seen.at(-1)).toEqual([content.length, content.length])
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b))
  })

  test('goes on after broken connections, however many, as long as bytes come', async () => {
    answer = breaksAfter(40_000)
    await fetched()
    expectWhole()
    expect(asked.length).toBeGreaterThan(7)
    expect(asked[1]).toMatch(/^bytes=[1-9]\d*-$/)
  })

  test('goes on in a later call', async () => {
    answer = (request, response, from) =>
      asked.length === 1 ? breaksAfter(100_000)(request, response, from) : refuses(503)(request, response)
    expect(await refusal(fetched())).toMatch(
      /: the server answered 503 .*; the \d+ bytes that came are kept, and the next attempt goes on from there/,
    )
    const { size } = statSync(`${target}.part`)
    expect(size).toBeGreaterThan(0)
    expect(existsSync(target)).toBe(false)
    asked = []
    answer = whole
    await fetched()
    expectWhole()
    expect(asked).toEqual([`bytes=${size}-`])
  })

  test('starts anew where the server knows no ranges', async () => {
    let broken = false
    answer = (request, response) => {
      if (broken) return whole(request, response, 0)
      broken = true
      breaksAfter(50_000)(request, response, 0)
    }
    await fetched()
    expectWhole()
    expect(asked).toHaveLength(2)
  })

  test('takes the place of a longer part, and uses one that is already whole', async () => {
    answer = refuses(404)
    await refusal(fetched())
    writeFileSync(`${target}.part`, Buffer.concat([content, content]))
    answer = (request, response) => whole(request, response, 0)
    await fetched()
    expectWhole()
    rmSync(target)
    writeFileSync(`${target}.part`, content)
    answer = refuses(416)
    await fetched()
    expectWhole()
  })

  test('two at once', async () => {
    await Promise.all([fetched(), fetched()])
    expectWhole()
  })
})

describe('download refuses', () => {
  test('a wrong checksum, and removes the file', async () => {
    const message = await refusal(fetched({ md5: '0'.repeat(32) }))
    expect(message).toBe(
      `cannot download ${url}: expected the MD5 checksum ${'0'.repeat(32)}, found ${md5} (300000 bytes); what had come was removed. Try again, or use another source`,
    )
    expect(readdirSync(join(folder, 'sub'))).toEqual([])
  })

  test('a server that says no, at once, and leaves nothing behind', async () => {
    answer = refuses(404)
    expect(await refusal(fetched())).toBe(
      `cannot download ${url}: the server answered 404 Not Found. Or get the file otherwise and put it at ${target}`,
    )
    expect(asked).toHaveLength(1)
    expect(readdirSync(join(folder, 'sub'))).toEqual([])
  })

  test('a server in trouble, or none at all, after a few attempts', async () => {
    answer = refuses(500)
    expect(await refusal(fetched())).toMatch(/the server answered 500/)
    expect(asked).toHaveLength(4)
    await new Promise((done) => server.close(done))
    expect(await refusal(fetched())).toMatch(/^cannot download http.*ECONNREFUSED/)
    server.listen(0)
  })

  test('another range than it asked for', async () => {
    answer = (request, response, from) => {
      if (from === 0) return breaksAfter(1000)(request, response, 0)
      response.writeHead(206, { 'content-range': `bytes 5-${content.length - 1}/${content.length}` }).end('x')
    }
    expect(await refusal(fetched())).toMatch(/the server sent the range bytes 5-299999\/300000, not from \d+ on/)
  })

  test('a place that cannot be written', async () => {
    writeFileSync(join(folder, 'sub'), 'a file')
    expect(await refusal(fetched())).toMatch(/^cannot write .*file\.gz: /)
    expect(asked).toEqual([])
  })

  test('to go on when aborted, with the reason; what came stays for later', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const bytes: number[] = []
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 70_000))
    }
    const onProgress = (done: number) => {
      bytes.push(done)
      if (done === 70_000) controller.abort(reason)
    }
    await expect(fetched({ signal: controller.signal, onProgress })).rejects.toBe(reason)
    expect(statSync(`${target}.part`).size).toBe(70_000)
    await expect(fetched({ signal: controller.signal })).rejects.toBe(reason)
    expect(asked).toHaveLength(1)
    // While it waits for another attempt, too.
    answer = refuses(500)
    const waiting = fetched({ signal: AbortSignal.timeout(50), retryDelay: 3_600_000 })
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
    answer = whole
    await fetched()
    expectWhole()
  })
})
