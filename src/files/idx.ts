/** IDX, the format of MNIST and its relatives: a magic number, sizes, then the values, all big-endian. */
import { endianness } from 'node:os'
import { ChainruleError } from '../errors.ts'
import { toPath } from './failure.ts'
import { readMaybeGzip } from './read.ts'

export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array

/** An array of an IDX file; a `Dataset` takes it as x or y as it is. */
export interface IdxArray {
  /** Row-major, in the type that the file holds. */
  readonly data: IdxData
  readonly shape: readonly number[]
  /** The type in words: `'uint8'`, `'float32'`, ... */
  readonly dtype: string
}

interface ValueType {
  readonly name: string
  readonly size: 1 | 2 | 4 | 8
  view(buffer: ArrayBufferLike, offset: number, length: number): IdxData
}

const types: ReadonlyMap<number, ValueType> = new Map<number, ValueType>([
  [0x08, { name: 'uint8', size: 1, view: (b, at, n) => new Uint8Array(b, at, n) }],
  [0x09, { name: 'int8', size: 1, view: (b, at, n) => new Int8Array(b, at, n) }],
  [0x0b, { name: 'int16', size: 2, view: (b, at, n) => new Int16Array(b, at, n) }],
  [0x0c, { name: 'int32', size: 4, view: (b, at, n) => new Int32Array(b, at, n) }],
  [0x0d, { name: 'float32', size: 4, view: (b, at, n) => new Float32Array(b, at, n) }],
  [0x0e, { name: 'float64', size: 8, view: (b, at, n) => new Float64Array(b, at, n) }],
])
const knownTypes = [...types].map(([code, { name }]) => `${hex(code, 2)} ${name}`).join(', ')
const magicBytes = 4

type Refuse = (text: string) => ChainruleError

/**
 * Reads an IDX file, gzip or not: `train-images-idx3-ubyte.gz` gives uint8 of shape [60000, 28, 28].
 * @throws ERR_FILE if the file cannot be read, is no IDX file, is cut short or longer than its sizes say
 */
export async function readIdx(path: string | URL): Promise<IdxArray> {
  return parseIdx(await readMaybeGzip(path), toPath(path))
}

/**
 * Parses IDX; `name` is the file's name for errors. Bytes stay a view of `bytes`, wider values are copied once.
 * Nothing is allocated before the sizes are known to fit the bytes that are there.
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const refuse: Refuse = (text) => new ChainruleError('ERR_FILE', `cannot read ${name}: ${text}`)
  const { type, rank } = readMagic(bytes, refuse)
  const shape = readSizes(bytes, rank, refuse)
  const start = magicBytes * (1 + rank)
  // In bigint: the sizes of a damaged file may multiply to anything.
  const expected = shape.reduce((product, size) => product * BigInt(size), BigInt(type.size))
  const found = bytes.length - start
  const wanted = `${type.name} of shape [${shape.join(', ')}] needs ${expected} bytes after the header`
  if (expected > BigInt(found)) throw refuse(`cut short: ${wanted}, found ${found}. Get the file again`)
  if (expected < BigInt(found)) throw refuse(`${wanted}, found ${found}: ${BigInt(found) - expected} too many`)
  return { data: readValues(bytes.subarray(start), type), shape, dtype: type.name }
}

function readMagic(bytes: Uint8Array, refuse: Refuse): { type: ValueType; rank: number } {
  if (bytes.length < magicBytes)
    throw refuse(`expected an IDX file, which starts with ${magicBytes} bytes, found ${bytes.length} in all`)
  const [zero, zeroToo, code, rank] = bytes as unknown as [number, number, number, number]
  const magic = hex(view(bytes).getUint32(0), 8)
  if (zero !== 0 || zeroToo !== 0)
    throw refuse(`expected the magic number of IDX, which starts with two zero bytes, found ${magic}: not an IDX file`)
  const type = types.get(code)
  if (!type) throw refuse(`magic number ${magic}: expected one of the types ${knownTypes}, found ${hex(code, 2)}`)
  if (rank === 0) throw refuse(`magic number ${magic}: expected at least one axis, found none`)
  return { type, rank }
}

function readSizes(bytes: Uint8Array, rank: number, refuse: Refuse): number[] {
  const needed = magicBytes * (1 + rank)
  if (bytes.length < needed)
    throw refuse(`cut short: expected a header of ${needed} bytes for ${rank} axes, found ${bytes.length}`)
  const numbers = view(bytes)
  return Array.from({ length: rank }, (_, axis) => numbers.getUint32(magicBytes * (1 + axis)))
}

function readValues(bytes: Uint8Array, type: ValueType): IdxData {
  if (type.size === 1) return type.view(bytes.buffer, bytes.byteOffset, bytes.length)
  // A fresh copy: aligned, and nobody else's. Typed arrays are little-endian wherever Node runs, bar s390x.
  const { buffer } = new Uint8Array(bytes)
  const copy = Buffer.from(buffer)
  if (endianness() === 'LE') copy[`swap${type.size * 8}` as 'swap16' | 'swap32' | 'swap64']()
  return type.view(buffer, 0, bytes.length / type.size)
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`
}
