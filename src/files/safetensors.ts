import { ChainruleError } from '../errors.ts'
import { describeValue } from '../options.ts'

/** The array that holds each element type. */
export interface StoredArrays {
  readonly I64: BigInt64Array
  readonly F64: Float64Array
  readonly F32: Float32Array
  readonly I32: Int32Array
  readonly U8: Uint8Array
}

export type StoredDtype = keyof StoredArrays

/** A tensor in a file: row-major `data` of `shape`; a scalar has the shape []. */
export type StoredTensor = {
  [D in StoredDtype]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: StoredArrays[D] }
}[StoredDtype]

export interface SafetensorsContent {
  /** In the order of the file. */
  readonly tensors: Map<string, StoredTensor>
  readonly metadata: Record<string, string>
}

interface StoredType {
  readonly size: number
  readonly array: string
  readonly view: (buffer: ArrayBufferLike, offset: number, length: number) => StoredTensor['data']
}

// In the order in which tensors lie in the file: wide elements first, so that each tensor is aligned to its own
// element size and none needs a gap before it (the format forbids gaps). Python's safetensors sorts the same way.
const types: ReadonlyMap<string, StoredType> = new Map<StoredDtype, StoredType>([
  ['I64', { size: 8, array: 'BigInt64Array', view: (buffer, at, n) => new BigInt64Array(buffer, at, n) }],
  ['F64', { size: 8, array: 'Float64Array', view: (buffer, at, n) => new Float64Array(buffer, at, n) }],
  ['F32', { size: 4, array: 'Float32Array', view: (buffer, at, n) => new Float32Array(buffer, at, n) }],
  ['I32', { size: 4, array: 'Int32Array', view: (buffer, at, n) => new Int32Array(buffer, at, n) }],
  ['U8', { size: 1, array: 'Uint8Array', view: (buffer, at, n) => new Uint8Array(buffer, at, n) }],
])
const order = [...types.keys()]
const metadataName = '__metadata__'
const lengthBytes = 8
// The format's own limit for a header.
const largestHeader = 100_000_000

/**
 * Writes tensors in the safetensors format. The bytes depend only on the content, not on the order of the map:
 * tensors lie by element size, then by name. The data section starts at a multiple of 8 bytes.
 * Throws ERR_DATA for a tensor whose data does not match its shape and dtype, and for metadata that is not text.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = [...tensors].sort(([a, x], [b, y]) => order.indexOf(x.dtype) - order.indexOf(y.dtype) || compare(a, b))
  // Text by hand: an object would move names like '0' to the front and lose '__proto__'.
  const fields = Object.keys(metadata).length === 0 ? [] : [`"${metadataName}":${encodeMetadata(metadata)}`]
  let end = 0
  for (const [name, tensor] of sorted) {
    const begin = end
    end += checkedBytes(name, tensor)
    const place = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, end] }
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(place)}`)
  }
  const header = new TextEncoder().encode(`{${fields.join(',')}}`)
  const headerLength = Math.ceil(header.length / 8) * 8
  const bytes = new Uint8Array(lengthBytes + headerLength + end)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true)
  bytes.set(header, lengthBytes)
  bytes.fill(0x20, lengthBytes + header.length, lengthBytes + headerLength)
  let at = lengthBytes + headerLength
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

// By code unit: localeCompare would depend on the machine.
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function encodeMetadata(metadata: Readonly<Record<string, string>>): string {
  const entries = Object.entries(metadata).sort(([a], [b]) => compare(a, b))
  const fields = entries.map(([key, value]: [string, unknown]) => {
    if (typeof value === 'string') return `${JSON.stringify(key)}:${JSON.stringify(value)}`
    const text = `safetensors: metadata '${key}' must be a string, got ${describeValue(value)}. Use JSON.stringify`
    throw new ChainruleError('ERR_DATA', text)
  })
  return `{${fields.join(',')}}`
}

/** The size of a tensor's data in bytes. */
function checkedBytes(name: string, { dtype, shape, data }: StoredTensor): number {
  const type = types.get(dtype)
  const refuse = (text: string) => new ChainruleError('ERR_DATA', `safetensors: tensor '${name}' ${text}`)
  if (name === metadataName) throw refuse('has a name that the format reserves. Rename it')
  if (type === undefined) throw refuse(`has dtype ${describeValue(dtype)}, expected one of ${order.join(', ')}`)
  const found = Object.prototype.toString.call(data).slice(8, -1)
  if (found !== type.array) throw refuse(`of dtype ${dtype} needs a ${type.array}, got a ${found}`)
  const length = elements(shape)
  if (length === undefined) throw refuse(`has the shape [${shape.join(', ')}], expected whole numbers of 0 or more`)
  if (length === data.length) return data.byteLength
  throw refuse(`has the shape [${shape.join(', ')}], which is ${length} values, but its data has ${data.length}`)
}

/** The number of elements of a shape; `undefined` if it is no shape. */
function elements(shape: readonly unknown[]): number | undefined {
  let product = 1
  for (const size of shape) {
    if (!isCount(size)) return undefined
    product *= size
  }
  return isCount(product) ? product : undefined
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/**
 * Reads the safetensors format; `name` is the file's name for errors. The arrays are views of `bytes` where their
 * place in it allows, else copies. Throws ERR_FILE, with what was expected and found, for everything that the format
 * forbids: cut short, broken header, offsets that overlap, leave gaps or do not match shape and dtype, other dtypes.
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): SafetensorsContent {
  const refuse: Refuse = (text, cause) => new ChainruleError('ERR_FILE', `cannot read ${name}: ${text}`, { cause })
  const dataStart = lengthBytes + readHeaderLength(bytes, refuse)
  const header = parseHeader(bytes.subarray(lengthBytes, dataStart), refuse)
  const places = Object.entries(header)
    .filter(([key]) => key !== metadataName)
    .map(([key, place]) => readPlace(key, place, refuse))
    // Empty tensors share their offset with the next one, and come first.
    .sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkCoverage(places, bytes.length - dataStart, refuse)
  const tensors = new Map<string, StoredTensor>()
  for (const place of places) tensors.set(place.name, readTensor(bytes, dataStart, place))
  return { tensors, metadata: readMetadata(header, refuse) }
}

type Refuse = (text: string, cause?: unknown) => ChainruleError

interface Place {
  readonly name: string
  readonly dtype: string
  readonly type: StoredType
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

function readHeaderLength(bytes: Uint8Array, refuse: Refuse): number {
  if (bytes.length < lengthBytes) {
    throw refuse(`expected a safetensors file, which starts with ${lengthBytes} bytes, found ${bytes.length} in all`)
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true)
  if (length < 2n || length > largestHeader) {
    throw refuse(`expected a header of 2 to ${largestHeader} bytes, found the length ${length}: not a safetensors file`)
  }
  const rest = bytes.length - lengthBytes
  if (length > rest) throw refuse(`cut short: expected a header of ${length} bytes, found ${rest}`)
  return Number(length)
}

function parseHeader(bytes: Uint8Array, refuse: Refuse): Readonly<Record<string, unknown>> {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw refuse(`expected a header in JSON, found something else (${String(cause)})`, cause)
  }
  if (isRecord(header)) return header
  throw refuse(`expected a JSON object as the header, found ${describeValue(header)}`)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readMetadata(header: Readonly<Record<string, unknown>>, refuse: Refuse): Record<string, string> {
  const found = Object.hasOwn(header, metadataName) ? header[metadataName] : {}
  if (!isRecord(found)) throw refuse(`expected ${metadataName} to be an object, found ${describeValue(found)}`)
  for (const [key, value] of Object.entries(found)) {
    if (typeof value === 'string') continue
    throw refuse(`expected metadata '${key}' to be a string, found ${describeValue(value)}`)
  }
  return found as Record<string, string>
}

function readPlace(name: string, entry: unknown, refuse: Refuse): Place {
  const wrong = (text: string) => refuse(`tensor '${name}': ${text}`)
  if (!isRecord(entry))
    throw wrong(`expected an object with dtype, shape and data_offsets, found ${describeValue(entry)}`)
  const { dtype, shape, data_offsets: offsets } = entry
  const type = typeof dtype === 'string' ? types.get(dtype) : undefined
  if (typeof dtype !== 'string' || type === undefined) {
    throw wrong(`expected one of the dtypes ${order.join(', ')}, found ${describeValue(dtype)}; convert it first`)
  }
  const count = Array.isArray(shape) ? elements(shape) : undefined
  if (!Array.isArray(shape) || count === undefined || !isCount(count * type.size)) {
    throw wrong(`expected a shape of whole numbers of 0 or more, found ${JSON.stringify(shape)}`)
  }
  const [begin, end, more]: unknown[] = Array.isArray(offsets) ? offsets : []
  if (!isCount(begin) || !isCount(end) || more !== undefined || begin > end) {
    throw wrong(`expected data_offsets [begin, end], found ${JSON.stringify(offsets)}`)
  }
  if (end - begin !== count * type.size) {
    const needed = `${dtype} of shape [${shape.join(', ')}] needs ${count * type.size} bytes`
    throw wrong(`${needed}, but data_offsets [${begin}, ${end}] hold ${end - begin}`)
  }
  return { name, dtype, type, shape, begin, end }
}

/** Every byte of the data belongs to exactly one tensor; `places` are sorted. */
function checkCoverage(places: readonly Place[], size: number, refuse: Refuse): void {
  const expected = places.at(-1)?.end ?? 0
  let covered = 0
  let last = ''
  for (const { name, begin, end } of places) {
    const found = `found [${begin}, ${end}]`
    if (begin < covered) throw refuse(`tensor '${name}' overlaps '${last}': expected an offset of ${covered}, ${found}`)
    if (begin > covered)
      throw refuse(`tensor '${name}': expected no gap before it, at an offset of ${covered}, ${found}`)
    covered = end
    last = name
  }
  if (size < expected) throw refuse(`cut short: expected ${expected} bytes of tensor data, found ${size}`)
  if (size > expected)
    throw refuse(`expected ${expected} bytes of tensor data, found ${size}: ${size - expected} too many`)
}

function readTensor(bytes: Uint8Array, dataStart: number, place: Place): StoredTensor {
  const { dtype, type, shape, begin, end } = place
  const start = bytes.byteOffset + dataStart + begin
  const length = (end - begin) / type.size
  const aligned = start % type.size === 0
  const data = aligned
    ? type.view(bytes.buffer, start, length)
    : type.view(new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end)).buffer, 0, length)
  return { dtype, shape, data } as StoredTensor
}
