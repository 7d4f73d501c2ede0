/** PNG (ISO/IEC 15948) to greyscale: every colour type, bit depth and interlacing of the standard. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { crc32, createInflate, inflateSync } from 'node:zlib'
import { ChainruleError } from '../errors.ts'
import { systemCode } from './failure.ts'
import { inflated, inPieces } from './inflate.ts'
import { greyRows, type Layout, passesOf, type Refuse, unfilter } from './png-rows.ts'

/** Brightness, row by row from the top left, 0 black to 255 white. */
export interface GreyPicture {
  readonly width: number
  readonly height: number
  /** [height, width] */
  readonly data: Uint8Array
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

// Far above every camera; a file of one megabyte can claim to hold a thousand.
const mostPixels = 2 ** 28
// What deflate can shrink at best: whoever claims more lies, and nothing is allocated for it.
const bestRatio = 1032
// About a millisecond: below it the hand-over to another thread would cost more than it frees.
const inflatedAtOnce = 1 << 18
const bytesPerTurn = 1 << 20

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

/**
 * Decodes a PNG to 8-bit greyscale; `name` is the file's name for errors. Colours weigh 0.299 R + 0.587 G + 0.114 B
 * (ITU-R 601, as Pillow's `convert('L')` and OpenCV's `IMREAD_GRAYSCALE`), 16 bits are rounded to 8, and what is
 * transparent shows white. Gamma and colour profiles are not applied; of an animation the still picture is read.
 * Large pictures are decoded in pieces, so that the event loop stays free.
 * @throws ERR_FILE for what is no PNG, cut short, damaged (checksums), or of impossible size
 */
export async function decodePng(bytes: Uint8Array, name: string): Promise<GreyPicture> {
  const refuse: Refuse = (text, cause) => new ChainruleError('ERR_FILE', `cannot read ${name}: ${text}`, { cause })
  checkSignature(bytes, refuse)
  const chunks = readChunks(bytes, refuse)
  const layout = readHeader(chunks, refuse)
  const passes = passesOf(layout)
  const size = passes.reduce((sum, pass) => sum + pass.rows * (1 + pass.rowBytes), 0)
  const raw = await readPixels(chunks, size, layout, refuse)
  const { width, height } = layout
  const data = new Uint8Array(width * height)
  const convert = greyRows(layout, refuse)
  let at = 0
  let worked = 0
  for (const pass of passes) {
    let above: Uint8Array | null = null
    for (let row = 0; row < pass.rows; row++) {
      const line: Uint8Array = raw.subarray(at + 1, at + 1 + pass.rowBytes)
      unfilter(raw[at]!, line, above, layout.pixelBytes, refuse)
      convert(line, pass.columns, data, (pass.y + row * pass.dy) * width + pass.x, pass.dx)
      above = line
      at += 1 + pass.rowBytes
      worked += line.length
      if (worked > bytesPerTurn) worked = await nextTurn(0)
    }
  }
  return { width, height, data }
}

function checkSignature(bytes: Uint8Array, refuse: Refuse): void {
  const start = bytes.subarray(0, signature.length)
  if (start.length === 0) throw refuse('expected a PNG picture, found an empty file')
  if (start.every((byte, i) => byte === signature[i])) {
    if (start.length === signature.length) return
    throw refuse(`cut short: expected a PNG picture, found ${start.length} bytes`)
  }
  const text = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  const other = Object.entries(otherFormats).find(([, pattern]) => pattern.test(text))?.[0]
  if (other) throw refuse(`expected a PNG picture, found ${other}. Convert it to PNG`)
  const found = Buffer.from(start)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
  throw refuse(`expected a PNG picture, which starts with the bytes 89 50 4e 47 0d 0a 1a 0a, found ${found}`)
}

const otherFormats: Readonly<Record<string, RegExp>> = {
  'a JPEG': /^\xff\xd8\xff/,
  'a GIF': /^GIF8/,
  'a BMP': /^BM/,
  'a WebP': /^RIFF....WEBP/s,
  'a TIFF': /^(II\*\0|MM\0\*)/,
  'a HEIC or AVIF': /^....ftyp/s,
  'an SVG or HTML text': /^\s*<(svg|\?xml|!doc|html)/i,
}

/** All chunks up to the end mark, their checksums verified. */
function readChunks(bytes: Uint8Array, refuse: Refuse): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: Chunk[] = []
  for (let at = signature.length; ; ) {
    const left = bytes.length - at
    if (left < 12) throw refuse(`cut short: expected another chunk at byte ${at}, found ${left} bytes. ${again}`)
    const length = view.getUint32(at)
    const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1')
    const shown = /^[A-Za-z]{4}$/.test(type) ? type : JSON.stringify(type)
    if (length > left - 12)
      throw refuse(`cut short: expected ${length} bytes in chunk ${shown} at byte ${at}, found ${left - 12}. ${again}`)
    const end = at + 8 + length
    const [stored, real] = [view.getUint32(end), crc32(bytes.subarray(at + 4, end))]
    if (stored !== real)
      throw refuse(`damaged: chunk ${shown} at byte ${at} has checksum ${hex(real)}, expected ${hex(stored)}. ${again}`)
    // An upper-case first letter: without this chunk the picture cannot be shown.
    if (!['IHDR', 'PLTE', 'IDAT', 'IEND'].includes(type) && /^[^a-z]/.test(type))
      throw refuse(`chunk ${shown} is needed to show it, but not of the PNG standard. Save it as a standard PNG`)
    chunks.push({ type, data: bytes.subarray(at + 8, end) })
    if (type === 'IEND') return chunks
    at = end + 4
  }
}

const again = 'Get the file again'

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}

function readHeader(chunks: readonly Chunk[], refuse: Refuse): Layout {
  const [first] = chunks
  if (first?.type !== 'IHDR' || first.data.length !== 13)
    throw refuse(`expected a header of 13 bytes (IHDR) first, found ${first?.type} of ${first?.data.length} bytes`)
  const view = new DataView(first.data.buffer, first.data.byteOffset, 13)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  const [depth = 0, colour = 0, compression, filter, interlace = 0] = first.data.subarray(8)
  if (width === 0 || height === 0 || width * height > mostPixels)
    throw refuse(`expected 1 to ${mostPixels} pixels, found ${width}×${height}`)
  if (!depthsOf[colour]?.includes(depth))
    throw refuse(`colour type ${colour} with ${depth} bits per channel is not of the PNG standard`)
  if (compression !== 0 || filter !== 0 || interlace > 1)
    throw refuse(`compression ${compression}, filter ${filter}, interlace ${interlace} are not of the PNG standard`)
  const channels = channelsOf[colour]!
  const find = (type: string) => chunks.find((chunk) => chunk.type === type)?.data ?? null
  return {
    width,
    height,
    depth,
    colour,
    channels,
    pixelBytes: Math.max(1, (depth * channels) >> 3),
    interlaced: interlace === 1,
    palette: find('PLTE'),
    transparency: find('tRNS'),
  }
}

/** The rows before unfiltering, exactly `size` bytes. */
async function readPixels(chunks: readonly Chunk[], size: number, layout: Layout, refuse: Refuse): Promise<Uint8Array> {
  const parts = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)
  const packed = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  const shown = `${layout.width}×${layout.height}`
  const needed = `expected pixels for ${shown}, which are ${size} bytes`
  if (size > packed.length * bestRatio) throw refuse(`cut short: ${needed}, found ${packed.length} compressed bytes`)
  let raw: Uint8Array
  try {
    raw =
      size <= inflatedAtOnce
        ? inflateSync(packed, { maxOutputLength: size, chunkSize: Math.max(size, 64) })
        : await inflated(createInflate(inPieces), packed, size)
  } catch (cause) {
    const found: Readonly<Record<string, string>> = {
      Z_BUF_ERROR: `cut short: ${needed}, but the compressed data end too early`,
      ERR_BUFFER_TOO_LARGE: `damaged: ${needed}, found more`,
    }
    throw refuse(found[systemCode(cause)] ?? `damaged: the compressed data cannot be read (${String(cause)})`, cause)
  }
  if (raw.length !== size) throw refuse(`cut short: ${needed}, found ${raw.length}. ${again}`)
  return raw
}
