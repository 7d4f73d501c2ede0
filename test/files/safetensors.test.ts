import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ChainruleError } from '../../src/errors.ts'
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../src/files/safetensors.ts'

const golden = (name: string) => readFileSync(new URL(`../golden/safetensors/${name}`, import.meta.url))

const metadata = { model: '{"name":"häuser"}' }

// The same tensors as in test/golden/safetensors/make.py.
const tensors = new Map<string, StoredTensor>([
  ['dense.kernel', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1.5, -2.25, 3e-38, 0.1, 0, -1e30) }],
  ['dense.bias', { dtype: 'I32', shape: [3], data: Int32Array.of(1, -1, 2147483647) }],
  ['mask', { dtype: 'U8', shape: [3], data: Uint8Array.of(0, 1, 255) }],
  ['step', { dtype: 'I64', shape: [], data: BigInt64Array.of(2n ** 53n + 1n) }],
  ['lossScale', { dtype: 'F64', shape: [2], data: Float64Array.of(0.1, Math.PI) }],
  ['empty', { dtype: 'F32', shape: [0, 3], data: new Float32Array(0) }],
  ['Gewicht ä 重み', { dtype: 'F32', shape: [1, 1], data: Float32Array.of(7) }],
])

function byName(map: ReadonlyMap<string, StoredTensor>) {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** A file from a header (bytes, text or value) and a data section, right or wrong. */
function file(header: unknown, data = new Uint8Array(0), length?: bigint): Uint8Array {
  const ready = typeof header === 'string' || Buffer.isBuffer(header)
  const text = Buffer.from(ready ? header : JSON.stringify(header))
  const start = Buffer.alloc(8)
  start.writeBigUInt64LE(length ?? BigInt(text.length))
  return Buffer.concat([start, text, data])
}

function refusal(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes, 'm.safetensors')
  } catch (error) {
    expect(error).toBeInstanceOf(ChainruleError)
    expect((error as ChainruleError).code).toBe('ERR_FILE')
    return (error as ChainruleError).message
  }
  throw new Error('it was accepted')
}

describe('against the reference implementation', () => {
  test('the golden file is read', () => {
    const found = decodeSafetensors(golden('all.safetensors'), 'all.safetensors')
    expect(byName(found.tensors)).toEqual(byName(tensors))
    expect(found.metadata).toEqual(metadata)
  })

  test('ours has the same bytes', () => {
    expect(Buffer.compare(encodeSafetensors(tensors, metadata), golden('all.safetensors'))).toBe(0)
  })

  test('Python opens ours', (context) => {
    const python = process.env.CHAINRULE_PYTHON ?? 'python3'
    const load = 'import sys, safetensors; f = safetensors.safe_open(sys.argv[1], "np")'
    try {
      execFileSync(python, ['-c', 'import safetensors.numpy'], { stdio: 'ignore' })
    } catch {
      context.skip(`${python} has no package safetensors (CHAINRULE_PYTHON names another python)`)
    }
    const folder = mkdtempSync(join(tmpdir(), 'chainrule-'))
    try {
      const path = join(folder, 'ours.safetensors')
      const several = { b: '1', a: 'zwei "2"\n', ß: '' }
      writeFileSync(path, encodeSafetensors(tensors, several))
      const show =
        'import json; print(json.dumps([f.metadata(), {k: [str(f.get_tensor(k).dtype), f.get_tensor(k).tolist()] for k in f.keys()}]))'
      const [meta, values] = JSON.parse(execFileSync(python, ['-c', `${load}\n${show}`, path], { encoding: 'utf8' }))
      expect(meta).toEqual(several)
      expect(Object.keys(values).sort()).toEqual([...tensors.keys()].sort())
      expect(values['dense.bias']).toEqual(['int32', [1, -1, 2147483647]])
      expect(values.mask).toEqual(['uint8', [0, 1, 255]])
      expect(values.lossScale).toEqual(['float64', [0.1, Math.PI]])
      expect(values.step[0]).toBe('int64')
      expect(values.empty).toEqual(['float32', []])
      expect(values['dense.kernel'][1].flat().map(Math.fround)).toEqual([
        ...Float32Array.of(1.5, -2.25, 3e-38, 0.1, 0, -1e30),
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('a dtype that we do not read is named', () => {
    expect(refusal(golden('half.safetensors'))).toBe(
      "cannot read m.safetensors: tensor 'half': expected one of the dtypes I64, F64, F32, I32, U8, found 'F16'; convert it first",
    )
  })
})

describe('encodeSafetensors', () => {
  test('the bytes do not depend on the order of map and metadata', () => {
    const turned = new Map([...tensors].reverse())
    expect(encodeSafetensors(turned, { b: '2', a: '1' })).toEqual(encodeSafetensors(tensors, { a: '1', b: '2' }))
  })

  test('every tensor is aligned to its elements, and the data to 8 bytes', () => {
    for (let pad = 0; pad < 9; pad++) {
      const bytes = encodeSafetensors(tensors, { pad: ' '.repeat(pad) })
      const length = Number(Buffer.from(bytes.buffer).readBigUInt64LE(0))
      expect(length % 8).toBe(0)
      for (const { data } of decodeSafetensors(bytes, '').tensors.values()) {
        expect(data.buffer).toBe(bytes.buffer)
        expect(data.byteOffset % data.BYTES_PER_ELEMENT).toBe(0)
      }
    }
  })

  test('names that objects treat specially, views into larger buffers, nothing at all', () => {
    const part = new Float32Array([9, 1, 2, 9]).subarray(1, 3)
    const names = ['2', '10', '__proto__', 'constructor', 'a"b\\c\n', '']
    const map = new Map(names.map((name): [string, StoredTensor] => [name, { dtype: 'F32', shape: [2], data: part }]))
    const found = decodeSafetensors(encodeSafetensors(map, JSON.parse('{"__proto__":"x","1":"y"}')), '')
    expect([...found.tensors.keys()]).toEqual([...names].sort())
    for (const { data } of found.tensors.values()) expect([...data]).toEqual([1, 2])
    expect(Object.entries(found.metadata)).toEqual([
      ['1', 'y'],
      ['__proto__', 'x'],
    ])
    expect(decodeSafetensors(encodeSafetensors(new Map()), '')).toEqual({ tensors: new Map(), metadata: {} })
  })

  test.each<[string, unknown, string]>([
    ['w', { dtype: 'F32', shape: [2, 2], data: new Float32Array(3) }, 'which is 4 values, but its data has 3'],
    [
      'w',
      { dtype: 'F32', shape: [2], data: new Float64Array(2) },
      'of dtype F32 needs a Float32Array, got a Float64Array',
    ],
    ['w', { dtype: 'F16', shape: [2], data: new Uint16Array(2) }, "has dtype 'F16', expected one of"],
    ['w', { dtype: 'F32', shape: [-1], data: new Float32Array(1) }, 'has the shape [-1], expected whole numbers'],
    ['__metadata__', { dtype: 'F32', shape: [1], data: new Float32Array(1) }, 'has a name that the format reserves'],
  ])('refuses %s %#', (name, tensor, text) => {
    const map = new Map([[name, tensor as StoredTensor]])
    expect(() => encodeSafetensors(map)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
    expect(() => encodeSafetensors(map)).toThrow(text)
  })

  test('refuses metadata that is not text', () => {
    const wrong = { epoch: 3 } as unknown as Record<string, string>
    expect(() => encodeSafetensors(new Map(), wrong)).toThrow(
      "metadata 'epoch' must be a string, got 3. Use JSON.stringify",
    )
  })
})

describe('decodeSafetensors', () => {
  const four = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets: offsets })

  test('reads from any place in a buffer, in the order of the data', () => {
    const header = { b: four([1], [4, 8]), a: four([1], [0, 4]), none: four([0], [4, 4]) }
    const bytes = file(header, new Uint8Array(Float32Array.of(1, 2).buffer))
    for (let shift = 0; shift < 8; shift++) {
      const moved = new Uint8Array(bytes.length + shift)
      moved.set(bytes, shift)
      const { tensors: found, metadata: none } = decodeSafetensors(moved.subarray(shift), '')
      expect([...found].map(([name, { data }]) => [name, ...data])).toEqual([['a', 1], ['none'], ['b', 2]])
      expect(none).toEqual({})
    }
  })

  test('cut short at every byte', () => {
    const whole = encodeSafetensors(tensors, metadata)
    for (let length = 0; length < whole.length; length++) {
      expect(refusal(whole.subarray(0, length))).toMatch(/expected .*, found /)
    }
    expect(refusal(whole.subarray(0, 7))).toMatch(/starts with 8 bytes, found 7 in all/)
    expect(refusal(whole.subarray(0, 100))).toMatch(/cut short: expected a header of 496 bytes, found 92$/)
    expect(refusal(whole.subarray(0, -1))).toMatch(/cut short: expected 67 bytes of tensor data, found 66$/)
    expect(refusal(Buffer.concat([whole, Buffer.alloc(5)]))).toMatch(/expected 67 bytes .*, found 72: 5 too many$/)
  })

  test('never anything but our error when bytes of the header are damaged', () => {
    const whole = encodeSafetensors(tensors, metadata)
    let refused = 0
    for (let at = 0; at < whole.length - 67; at++) {
      for (const value of [0, 0x20, 0x22, 0x30, 0x7d, 0xff]) {
        const bytes = whole.slice()
        bytes[at] = value
        try {
          decodeSafetensors(bytes, 'm')
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_FILE' })
          refused++
        }
      }
    }
    // Others only change a name or a text.
    expect(refused).toBeGreaterThan(1000)
  })

  test.each<[string, Uint8Array, RegExp]>([
    ['length 0', file('', undefined, 0n), /found the length 0: not a safetensors file/],
    ['length absurd', file('{}', undefined, 2n ** 63n), /found the length 9223372036854775808: not a safetensors file/],
    ['length too long', file('{}', undefined, 3n), /cut short: expected a header of 3 bytes, found 2/],
    ['text file', Buffer.from('epoch,loss\n1,0.5\n'), /not a safetensors file/],
    ['no JSON', file('{"a":'), /expected a header in JSON, found something else \(SyntaxError/],
    ['no UTF-8', file(Buffer.from('{"__metadata__":{"\xff":""}}', 'latin1')), /expected a header in JSON, .*encod/],
    ['an array', file('[1]'), /expected a JSON object as the header, found an array of 1/],
    ['null', file('null'), /as the header, found null/],
    [
      'an entry that is none',
      file({ a: 3 }),
      /tensor 'a': expected an object with dtype, shape and data_offsets, found 3/,
    ],
    ['no dtype', file({ a: four([1], [0, 4], null) }, new Uint8Array(4)), /dtypes I64, F64, F32, I32, U8, found null/],
    ['dtype of a prototype', file({ a: four([1], [0, 4], 'toString') }), /found 'toString'/],
    [
      'shape no array',
      file({ a: four(4, [0, 4]) }),
      /tensor 'a': expected a shape of whole numbers of 0 or more, found 4/,
    ],
    ['shape negative', file({ a: four([-1], [0, 4]) }), /found \[-1\]/],
    ['shape a string', file({ a: four(['1'], [0, 4]) }), /found \["1"\]/],
    ['shape too large', file({ a: four([2 ** 40, 2 ** 40], [0, 4]) }), /expected a shape/],
    ['no offsets', file({ a: four([1], undefined) }), /expected data_offsets \[begin, end\], found undefined/],
    ['three offsets', file({ a: four([1], [0, 4, 8]) }), /found \[0,4,8\]/],
    ['offsets turned', file({ a: four([1], [4, 0]) }), /found \[4,0\]/],
    ['offset broken', file({ a: four([1], [0.5, 4.5]) }), /found \[0.5,4.5\]/],
    [
      'size',
      file({ a: four([3], [0, 8]) }, new Uint8Array(8)),
      /F32 of shape \[3\] needs 12 bytes, but data_offsets \[0, 8\] hold 8/,
    ],
    ['out of range', file({ a: four([2], [0, 8]) }, new Uint8Array(4)), /expected 8 bytes of tensor data, found 4/],
    [
      'overlap',
      file({ a: four([2], [0, 8]), b: four([2], [4, 12]) }, new Uint8Array(12)),
      /tensor 'b' overlaps 'a': expected an offset of 8, found \[4, 12\]/,
    ],
    ['twice the same', file({ a: four([1], [0, 4]), b: four([1], [0, 4]) }, new Uint8Array(4)), /'b' overlaps 'a'/],
    [
      'gap',
      file({ a: four([1], [0, 4]), b: four([1], [8, 12]) }, new Uint8Array(12)),
      /tensor 'b': expected no gap before it, at an offset of 4, found \[8, 12\]/,
    ],
    ['gap at the start', file({ a: four([1], [4, 8]) }, new Uint8Array(8)), /at an offset of 0, found \[4, 8\]/],
    ['metadata', file({ __metadata__: [] }), /expected __metadata__ to be an object, found an array of 0/],
    ['metadata number', file({ __metadata__: { epoch: 3 } }), /expected metadata 'epoch' to be a string, found 3/],
  ])('%s', (_, bytes, text) => {
    expect(refusal(bytes)).toMatch(text)
    expect(refusal(bytes)).toMatch(/^cannot read m\.safetensors: /)
  })
})
