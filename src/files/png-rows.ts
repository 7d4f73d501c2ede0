/** The rows of a PNG: how they are spread over the picture, undone filters, brightness of pixels. */
import type { ChainruleError } from '../errors.ts'

export type Refuse = (text: string, cause?: unknown) => ChainruleError

export interface Layout {
  readonly width: number
  readonly height: number
  /** Bits per channel: 1, 2, 4, 8, 16. */
  readonly depth: number
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colour: number
  readonly channels: number
  /** Bytes from a pixel to its neighbour, at least 1: what filters look back. */
  readonly pixelBytes: number
  readonly interlaced: boolean
  readonly palette: Uint8Array | null
  readonly transparency: Uint8Array | null
}

/** A part of the picture that is stored as a picture of its own: every dx-th column from x, every dy-th row from y. */
export interface Pass {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly columns: number
  readonly rows: number
  readonly rowBytes: number
}

/** x, y, dx, dy of Adam M. Costello's seven passes. */
const adam7: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
]

/** The passes that hold pixels, in the order of the file. */
export function passesOf({ width, height, depth, channels, interlaced }: Layout): Pass[] {
  const grids = interlaced ? adam7 : ([[0, 0, 1, 1]] as const)
  const passes = grids.map(([x, y, dx, dy]) => {
    const columns = Math.ceil((width - x) / dx)
    return {
      x,
      y,
      dx,
      dy,
      columns,
      rows: Math.ceil((height - y) / dy),
      rowBytes: Math.ceil((columns * depth * channels) / 8),
    }
  })
  return passes.filter(({ columns, rows }) => columns > 0 && rows > 0)
}

/** Undoes a row's filter in place; `above` is the row before it, undone; null for the first of a pass. */
export function unfilter(
  filter: number,
  line: Uint8Array,
  above: Uint8Array | null,
  pixelBytes: number,
  refuse: Refuse,
): void {
  const n = line.length
  switch (filter) {
    case 0:
      return
    case 1:
      for (let i = pixelBytes; i < n; i++) line[i]! += line[i - pixelBytes]!
      return
    case 2:
      if (above) for (let i = 0; i < n; i++) line[i]! += above[i]!
      return
    case 3:
      for (let i = 0; i < n; i++) {
        const left = i < pixelBytes ? 0 : line[i - pixelBytes]!
        line[i]! += (left + (above ? above[i]! : 0)) >> 1
      }
      return
    case 4:
      unfilterPaeth(line, above, pixelBytes)
      return
    default:
      throw refuse(`damaged: expected a row filter of 0 to 4, found ${filter}`)
  }
}

function unfilterPaeth(line: Uint8Array, above: Uint8Array | null, pixelBytes: number): void {
  for (let i = 0; i < line.length; i++) {
    const a = i < pixelBytes ? 0 : line[i - pixelBytes]!
    const b = above ? above[i]! : 0
    const c = above && i >= pixelBytes ? above[i - pixelBytes]! : 0
    // Distances of the neighbours from a + b − c; the first of the nearest wins.
    const da = Math.abs(b - c)
    const db = Math.abs(a - c)
    const dc = Math.abs(a + b - c - c)
    line[i]! += da <= db && da <= dc ? a : db <= dc ? b : c
  }
}

/** Writes a row of pixels as brightness: to `out` from `at` on, every `step`-th element. */
export type ConvertRow = (line: Uint8Array, columns: number, out: Uint8Array, at: number, step: number) => void

/** How this picture's rows become greyscale. */
export function greyRows(layout: Layout, refuse: Refuse): ConvertRow {
  const { colour, depth } = layout
  if (colour === 3) return throughTable(paletteTable(layout, refuse), depth, refuse)
  if (colour === 0 && depth <= 8) return throughTable(greyTable(layout, refuse), depth, refuse)
  return fromChannels(layout, transparentColour(layout, refuse))
}

function throughTable(table: Uint8Array, depth: number, refuse: Refuse): ConvertRow {
  const mask = (1 << depth) - 1
  return (line, columns, out, at, step) => {
    for (let i = 0; i < columns; i++, at += step) {
      const bit = i * depth
      const value = (line[bit >> 3]! >> (8 - depth - (bit & 7))) & mask
      if (value >= table.length)
        throw refuse(`damaged: a pixel has colour ${value}, but the palette ends at ${table.length - 1}`)
      out[at] = table[value]!
    }
  }
}

function greyTable(layout: Layout, refuse: Refuse): Uint8Array {
  const largest = 2 ** layout.depth - 1
  // 255 is a multiple of 1, 3, 15 and 255.
  const table = Uint8Array.from({ length: largest + 1 }, (_, value) => (value * 255) / largest)
  const [transparent] = transparentColour(layout, refuse) ?? []
  if (transparent !== undefined && transparent <= largest) table[transparent] = 255
  return table
}

function paletteTable({ palette, transparency }: Layout, refuse: Refuse): Uint8Array {
  const bytes = palette?.length ?? 0
  if (!palette || bytes === 0 || bytes % 3 !== 0 || bytes > 768)
    throw refuse(`damaged: expected a palette (PLTE) of 1 to 256 colours of 3 bytes, found ${bytes} bytes`)
  return Uint8Array.from({ length: bytes / 3 }, (_, i) => {
    const grey = brightness(palette[i * 3]!, palette[i * 3 + 1]!, palette[i * 3 + 2]!)
    return overWhite(grey, transparency?.[i] ?? 255)
  })
}

/** The one colour that is to be transparent, as it is stored; null for none. */
function transparentColour({ colour, channels, transparency }: Layout, refuse: Refuse): number[] | null {
  if (!transparency || colour > 2) return null
  if (transparency.length !== channels * 2)
    throw refuse(`damaged: expected ${channels * 2} bytes of transparency (tRNS), found ${transparency.length}`)
  return Array.from({ length: channels }, (_, c) => (transparency[c * 2]! << 8) | transparency[c * 2 + 1]!)
}

/** 8 or 16 bits per channel: grey, grey and alpha, RGB, RGB and alpha. */
function fromChannels({ channels, depth }: Layout, transparent: number[] | null): ConvertRow {
  const wide = depth === 16
  const read = wide
    ? (line: Uint8Array, i: number) => (line[i * 2]! << 8) | line[i * 2 + 1]!
    : (line: Uint8Array, i: number) => line[i]!
  // Rounds 65535 to 255.
  const narrow = (value: number) => (wide ? (value * 255 + 32895) >> 16 : value)
  const colours = channels >= 3 ? 3 : 1
  const hasAlpha = channels > colours
  return (line, columns, out, at, step) => {
    for (let i = 0, from = 0; i < columns; i++, from += channels, at += step) {
      const r = read(line, from)
      const g = colours === 3 ? read(line, from + 1) : r
      const b = colours === 3 ? read(line, from + 2) : r
      const grey = colours === 3 ? brightness(narrow(r), narrow(g), narrow(b)) : narrow(r)
      const clear =
        transparent !== null && r === transparent[0] && g === (transparent[1] ?? r) && b === (transparent[2] ?? r)
      out[at] = overWhite(grey, hasAlpha ? narrow(read(line, from + colours)) : clear ? 0 : 255)
    }
  }
}

/** ITU-R 601 in 16-bit fixed point, as Pillow computes it. */
function brightness(r: number, g: number, b: number): number {
  return (19595 * r + 38470 * g + 7471 * b + 32768) >> 16
}

function overWhite(grey: number, alpha: number): number {
  return alpha === 255 ? grey : Math.round((grey * alpha + 255 * (255 - alpha)) / 255)
}
