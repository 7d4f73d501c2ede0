/** PNG files for tests, also broken ones. */
import { crc32, deflateSync } from 'node:zlib'

export function chunk(type: string, data: Uint8Array | number[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(data)])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(body.length - 4)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

export interface Made {
  width?: number
  height?: number
  depth?: number
  colour?: number
  interlace?: number
  raw?: Uint8Array | number[]
  extra?: Buffer[]
}

/** A PNG whose parts need not fit each other. By default 2×2, grey, 8 bits. */
export function made({
  width = 2,
  height = 2,
  depth = 8,
  colour = 0,
  interlace = 0,
  raw,
  extra = [],
}: Made = {}): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([depth, colour, 0, 0, interlace], 8)
  const body = deflateSync(Uint8Array.from(raw ?? [0, 1, 2, 0, 3, 4]))
  const parts = [chunk('IHDR', header), ...extra, chunk('IDAT', body), chunk('IEND', [])]
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts])
}

/** A grey picture of 8 bits from its brightness, row by row. */
export function greyPng(pixels: ArrayLike<number>, height: number, width: number): Buffer {
  const raw = new Uint8Array(height * (width + 1))
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) raw[y * (width + 1) + 1 + x] = pixels[y * width + x]!
  return made({ height, width, raw })
}
