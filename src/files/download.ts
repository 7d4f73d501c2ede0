/** Fetching a file once: resumed where it broke off, checked, and in place only when it is whole. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ChainruleError } from '../errors.ts'
import { fileError, systemCode } from './failure.ts'

export interface DownloadOptions {
  /** The expected checksum, in hexadecimal digits. */
  readonly md5: string
  readonly signal?: AbortSignal | undefined
  /** Bytes so far and, where the server says so, in all. */
  readonly onProgress?: (done: number, all: number | undefined) => void
  /** Milliseconds before the first further attempt; doubled for each next one. */
  readonly retryDelay?: number
}

// In a row, without a byte that came: a connection that breaks again and again still ends some time.
const mostFailures = 4

/** What another attempt may cure. */
class Interruption extends Error {}

/**
 * Fetches `url` to the path `target`. What has come lies in `target.part` until the file is whole: after a broken
 * connection, in this call (a few attempts) or a later one, it goes on from there if the server can. Several
 * processes may do the same at once: each writes the same bytes to the same places.
 * @throws ERR_FILE when the server or the disk refuses, or the checksum is wrong (then what had come is removed);
 *   the signal's reason when it is aborted
 */
export async function download(url: string, target: string, options: DownloadOptions): Promise<void> {
  const part = `${target}.part`
  options.signal?.throwIfAborted()
  try {
    await mkdir(dirname(target), { recursive: true })
    // Not for appending: what is written has its place, whoever else writes.
    const handle = await open(part, constants.O_RDWR | constants.O_CREAT, 0o666)
    try {
      await receiveAll(url, handle, options)
      await verify(handle, options)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, target).catch((error: unknown) => finishedByAnother(error, target))
  } catch (cause) {
    if (options.signal?.aborted) throw options.signal.reason
    const bytes = cause instanceof WrongChecksum ? 0 : await kept(part)
    if (bytes === 0) await rm(part, { force: true }).catch(() => undefined)
    throw downloadError(url, target, cause, bytes)
  }
}

async function receiveAll(url: string, handle: FileHandle, options: DownloadOptions): Promise<void> {
  let failures = 0
  for (;;) {
    const { size } = await handle.stat()
    try {
      return await receive(url, handle, size, options)
    } catch (error) {
      if (options.signal?.aborted || !(error instanceof Interruption)) throw error
      failures = (await handle.stat()).size > size ? 1 : failures + 1
      if (failures === mostFailures) throw error
    }
    await wait((options.retryDelay ?? 500) * 2 ** failures, undefined, options.signal ? { signal: options.signal } : {})
  }
}

/** One request for what follows the first `have` bytes. */
async function receive(url: string, handle: FileHandle, have: number, options: DownloadOptions): Promise<void> {
  // Compressed on the way, byte positions would be those of something else.
  const headers = { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) }
  const response = await interruptible(fetch(url, { headers, signal: options.signal ?? null }))
  // Nothing follows: the checksum will tell whether it is all.
  if (response.status === 416 && have > 0) return await discard(response)
  const { from, all } = await startOf(response, have)
  let at = from
  options.onProgress?.(at, all)
  const pieces = (response.body as AsyncIterable<Uint8Array> | null)?.[Symbol.asyncIterator]()
  try {
    for (let piece = await next(pieces); piece; piece = await next(pieces)) {
      await writeAt(handle, piece, at)
      at += piece.length
      options.onProgress?.(at, all)
    }
  } finally {
    // Ends the connection where the disk refused.
    await pieces?.return?.().catch(() => undefined)
  }
  if (all !== undefined && at < all) throw new Interruption(`the connection ended after ${at} of ${all} bytes`)
  // The rest of an older, longer file.
  await handle.truncate(at)
}

async function next(pieces: AsyncIterator<Uint8Array> | undefined): Promise<Uint8Array | undefined> {
  if (!pieces) return undefined
  const { done, value } = await interruptible(pieces.next())
  return done ? undefined : value
}

/** Where the body of an answer starts within the file, and the size of the whole file. */
async function startOf(response: Response, have: number): Promise<{ from: number; all: number | undefined }> {
  const { status, statusText, headers } = response
  if (status === 200) {
    const length = Number(headers.get('content-length') ?? NaN)
    return { from: 0, all: Number.isSafeInteger(length) ? length : undefined }
  }
  const [, from, all] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? []
  if (status === 206 && Number(from) === have) return { from: have, all: Number(all) }
  await discard(response)
  if (status === 206) throw new Error(`the server sent the range ${headers.get('content-range')}, not from ${have} on`)
  const text = `the server answered ${status} ${statusText}`.trimEnd()
  throw status >= 500 || status === 429 || status === 408 ? new Interruption(text) : new Error(text)
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined)
}

/** What fails on the network is worth another attempt. */
async function interruptible<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new Interruption(inner instanceof Error && inner.message !== '' ? inner.message : systemCode(inner), {
      cause: error,
    })
  }
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, at + written)
    written += bytesWritten
  }
}

class WrongChecksum extends Error {}

async function verify(handle: FileHandle, { md5, signal }: DownloadOptions): Promise<void> {
  const hash = createHash('md5')
  for await (const piece of handle.createReadStream({ start: 0, autoClose: false })) {
    signal?.throwIfAborted()
    hash.update(piece as Buffer)
  }
  const found = hash.digest('hex')
  const { size } = await handle.stat()
  if (found !== md5) throw new WrongChecksum(`expected the MD5 checksum ${md5}, found ${found} (${size} bytes)`)
}

async function finishedByAnother(error: unknown, target: string): Promise<void> {
  const there = systemCode(error) === 'ENOENT' && (await stat(target).catch(() => undefined)) !== undefined
  if (!there) throw error
}

/** The bytes that a next call can go on from. */
async function kept(part: string): Promise<number> {
  return (await stat(part).catch(() => undefined))?.size ?? 0
}

function downloadError(url: string, target: string, cause: unknown, bytes: number): ChainruleError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const fail = (text: string) => new ChainruleError('ERR_FILE', `cannot download ${url}: ${text}`, { cause })
  if (cause instanceof WrongChecksum) return fail(`${why}; what had come was removed. Try again, or use another source`)
  // From the disk: what fails on the network is an interruption.
  if (!(cause instanceof Interruption) && systemCode(cause) !== '') return fileError('write', target, cause)
  const rest = bytes > 0 ? `; the ${bytes} bytes that came are kept, and the next attempt goes on from there` : ''
  return fail(`${why}${rest}. Or get the file otherwise and put it at ${target}`)
}
