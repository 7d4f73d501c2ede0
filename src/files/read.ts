import { type FileHandle, open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { ChainruleError } from '../errors.ts'
import { fileError, systemCode, toPath } from './failure.ts'
import { inflated, inPieces } from './inflate.ts'

// One read call moves at most this many bytes: system calls end at 2 GiB.
const largestRead = 1 << 28

/**
 * The bytes of a file, of any size that memory holds (Node's own `readFile` ends at 2 GiB).
 * Throws ERR_FILE with the path and what to do, ERR_OPTION for a path that is none.
 */
export async function readBytes(path: string | URL): Promise<Uint8Array> {
  const file = toPath(path)
  try {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      // Pipes and the files of /proc report no size: read them until they end.
      return size === 0 ? await handle.readFile() : await readSized(handle, size)
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw fileError('read', file, cause)
  }
}

async function readSized(handle: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  let filled = 0
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(largestRead, size - filled), filled)
    // The file shrank meanwhile; what it holds is for the parser to judge.
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/**
 * The bytes of a file, decompressed if they are gzip (by its first bytes, whatever the file is called).
 * Throws ERR_FILE if the file cannot be read, or if its gzip data is cut short or damaged.
 */
export async function readMaybeGzip(path: string | URL): Promise<Uint8Array> {
  const bytes = await readBytes(path)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return await inflated(createGunzip(inPieces), bytes)
  } catch (cause) {
    throw brokenGzip(toPath(path), bytes.length, cause)
  }
}

function brokenGzip(path: string, size: number, cause: unknown): ChainruleError {
  const found: Readonly<Record<string, string>> = {
    Z_BUF_ERROR: `the gzip data is cut short after ${size} bytes; get the file again`,
    ERR_BUFFER_TOO_LARGE: 'it is too large for memory when decompressed',
  }
  const reason = found[systemCode(cause)] ?? `the gzip data is damaged (${String(cause)}); get the file again`
  return new ChainruleError('ERR_FILE', `cannot read ${path}: ${reason}`, { cause })
}

/**
 * The text of a UTF-8 file, decompressed if it is gzip; a byte order mark is left out.
 * Throws ERR_FILE as {@link readMaybeGzip} does, and for bytes that are not UTF-8 or more than a string can hold.
 */
export async function readText(path: string | URL): Promise<string> {
  const bytes = await readMaybeGzip(path)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const reason =
      systemCode(cause) === 'ERR_ENCODING_INVALID_ENCODED_DATA'
        ? 'it is not UTF-8 text; convert it, or check that it is the right file'
        : `its ${bytes.length} bytes are more than one string can hold; split it into smaller files`
    throw new ChainruleError('ERR_FILE', `cannot read ${toPath(path)}: ${reason}`, { cause })
  }
}
