import type { Transform } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'

// Copying is all that happens on the caller's thread: a few milliseconds at a time.
const copiedPerTurn = 1 << 22

/** What the decompressors of `node:zlib` are to be made with: large pieces, so that there are few of them. */
export const inPieces = { chunkSize: 1 << 18 } as const

/**
 * Decompresses by one of the streams of `node:zlib`, in the background. Node's own `gunzip` and `inflate` join the
 * pieces in one go, which holds up the event loop for as long as that takes.
 * Rejects with ERR_BUFFER_TOO_LARGE when more than `most` bytes come, or more than memory holds.
 */
export async function inflated(stream: Transform, bytes: Uint8Array, most = Infinity): Promise<Uint8Array> {
  stream.end(bytes)
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    pieces.push(piece)
    size += piece.length
    if (size > most) throw tooLarge(new Error(`more than ${most} bytes`))
  }
  const joined = memoryFor(size)
  let at = 0
  let copied = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
    copied += piece.length
    if (copied > copiedPerTurn) copied = await nextTurn(0)
  }
  return joined
}

function memoryFor(size: number): Uint8Array {
  try {
    return new Uint8Array(size)
  } catch (cause) {
    throw tooLarge(cause)
  }
}

function tooLarge(cause: unknown): Error {
  return Object.assign(new Error('too large', { cause }), { code: 'ERR_BUFFER_TOO_LARGE' })
}
