// What goes into a tensor comes out again, or the error names the value and its place.
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { ChainruleError, dense, full, Model, parameter, program, type TensorLike, tensor } from '../../src/index.ts'

const messageOf = (call: () => unknown): string => {
  try {
    call()
  } catch (error) {
    if (error instanceof ChainruleError) return `${error.code} ${error.message}`
    throw error
  }
  throw new Error('it was taken')
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a user may pass
const any = (x: unknown) => x as any

describe('whole numbers of every kind are int32', () => {
  const largest = 2 ** 31 - 1
  test.each<[string, TensorLike, number[]]>([
    ['BigInt64Array', BigInt64Array.of(0n, 1n, -2n, 2147483647n), [0, 1, -2, largest]],
    ['BigUint64Array', BigUint64Array.of(0n, 1n, 2147483647n), [0, 1, largest]],
    ['Uint32Array', Uint32Array.of(0, 1, largest), [0, 1, largest]],
    ['Int32Array', Int32Array.of(-(2 ** 31), 7), [-(2 ** 31), 7]],
    ['Int16Array', Int16Array.of(-5, 7), [-5, 7]],
    ['Uint16Array', Uint16Array.of(65535), [65535]],
    ['Int8Array', Int8Array.of(-128), [-128]],
    ['Uint8Array', Uint8Array.of(255), [255]],
    ['Uint8ClampedArray', Uint8ClampedArray.of(255), [255]],
    ['bigint in an array', any([3n, -4n]), [3, -4]],
    ['of another realm', runInNewContext('BigInt64Array.of(5n)') as TensorLike, [5]],
    ['in shared memory', new Int32Array(new SharedArrayBuffer(8)), [0, 0]],
  ])('%s', (_, values, expected) => {
    const t = tensor(values)
    expect(t.dtype).toBe('int32')
    expect([...t.data()]).toEqual(expected)
  })

  test('nested arrays of them too: ids beyond 2^24 keep their last digit', () => {
    const t = tensor([BigInt64Array.of(16777217n, 1n), BigInt64Array.of(2n, 3n)])
    expect([t.dtype, t.toArray()]).toEqual(['int32', [[16777217, 1], [2, 3]]]) // biome-ignore format: a matrix
    expect(tensor([[Int32Array.of(16777217)]]).toArray()).toEqual([[[16777217]]])
  })
})

describe('numbers of other kinds are float32', () => {
  test.each<[string, TensorLike, number[]]>([
    ['plain', [1, -2.5, 16777216], [1, -2.5, 16777216]],
    ['Float64Array', Float64Array.of(0.5, 1e30), [0.5, Math.fround(1e30)]],
    ['special', [Number.NaN, Number.POSITIVE_INFINITY, -Infinity, -0], [Number.NaN, Infinity, -Infinity, -0]],
    ['the largest', [3.4028234663852886e38, -3.4028235e38], [3.4028234663852886e38, -3.4028234663852886e38]],
    ['too small', [1e-60], [0]],
  ])('%s', (_, values, expected) => {
    const t = tensor(values)
    expect(t.dtype).toBe('float32')
    expect([...t.data()]).toEqual(expected)
  })

  test('by request whole numbers too', () => {
    expect(tensor(BigInt64Array.of(1n, 2n), { dtype: 'float32' }).toArray()).toEqual([1, 2])
    expect(tensor(Uint32Array.of(4294967295), { dtype: 'float32' }).toArray()).toEqual([4294967296])
    expect(tensor([1, 2], { dtype: 'int32' }).dtype).toBe('int32')
  })

  test.runIf('Float16Array' in globalThis)('Float16Array', () => {
    expect(tensor(any(globalThis).Float16Array.of(1.5, -2)).toArray()).toEqual([1.5, -2])
  })
})

describe('numbers that do not fit are refused by name and place', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['int64 beyond int32', () => tensor(BigInt64Array.of(1n, 3000000000n)), /tensor: 3000000000n at \[1\] is outside/],
    [
      'int64 beyond float64',
      () => tensor(BigInt64Array.of(2n ** 62n)),
      /4611686018427387904n at \[0\] is outside int32/,
    ],
    ['uint64', () => tensor(BigUint64Array.of(2n ** 64n - 1n)), /18446744073709551615n at \[0\]/],
    ['uint32', () => tensor([[Uint32Array.of(0, 2 ** 31)]]), /2147483648 at \[0\]\[0\]\[1\] is outside int32/],
    [
      '1e39',
      () => tensor([[1], [1e39]]),
      /tensor: 1e\+39 at \[1\]\[0\] is too large for float32, which goes to ±3\.4e38/,
    ],
    ['-1e300 in a Float64Array', () => tensor(Float64Array.of(-1e300)), /-1e\+300 at \[0\] is too large/],
    ['a number on its own', () => tensor(1e39), /tensor: 1e\+39 is too large/],
    ['a number in an operation', () => tensor([1]).mul(1e39), /1e\+39 is too large/],
    ['a fraction', () => tensor([1, 2.5], { dtype: 'int32' }), /2\.5 at \[1\] is no whole number/],
    ['NaN as int32', () => tensor([Number.NaN], { dtype: 'int32' }), /NaN at \[0\] is no whole number/],
    ['Infinity as int32', () => tensor([Infinity], { dtype: 'int32' }), /Infinity at \[0\] is no whole number/],
    ['full of fractions', () => full([2], 2.5, 'int32'), /full: 2\.5 is no whole number/],
    ['full of 1e39', () => full([2], 1e39), /full: 1e\+39 is too large/],
    ['a huge bigint', () => tensor(any([0.5, 10n ** 400n])), /\[1\] is too large for float32/],
    ['a parameter', () => parameter([2]).set([1, 1e39]), /set: 1e\+39 at \[1\] is too large/],
    ['text in a parameter', () => parameter([]).set(any('x')), /set: expected a number at the top, got "x"/],
    ['a hole', () => tensor(any(Object.assign(new Array(3), { 0: 1 }))), /expected a number at \[1\], got undefined/],
    ['nested nine deep', () => tensor([[[[[[[[[1]]]]]]]]]), /nested more than 8 deep/],
  ])('%s', (_, call, expected) => {
    const text = messageOf(call)
    expect(text).toMatch(expected)
    expect(text.slice(0, 9)).toBe('ERR_DATA ')
  })

  test('an array within itself', () => {
    const loop: unknown[] = []
    loop.push(loop)
    expect(messageOf(() => tensor(any(loop)))).toMatch(/^ERR_DATA tensor: the arrays are nested more than 8 deep/)
  })

  test('a detached array is not an empty one', () => {
    const array = new Float32Array(4)
    structuredClone(array.buffer, { transfer: [array.buffer] })
    expect(messageOf(() => tensor(array))).toMatch(/^ERR_DATA tensor: the array is detached/)
    expect(messageOf(() => tensor([array]))).toMatch(/the array at \[0\] is detached/)
    expect(tensor(new Float32Array(0)).shape).toEqual([0])
  })

  test('the advice works', () => {
    const values = BigInt64Array.of(3000000000n)
    expect(messageOf(() => tensor(values))).toContain('Float32Array.from(values, Number)')
    expect(tensor(Float32Array.from(values as never, Number)).toArray()).toEqual([3000000000])
    expect(messageOf(() => tensor([2.5], { dtype: 'int32' }))).toContain("Use dtype 'float32'")
    expect(tensor([2.5], { dtype: 'float32' }).toArray()).toEqual([2.5])
  })
})

test('predictions and programs take them', async () => {
  const model = new Model([dense(1, { kernelInitializer: 'ones' })], { seed: 1 })
  expect(model.predictSync([BigInt64Array.of(5n, 7n)]).toArray()).toEqual([[12]])
  expect((await model.predict([[5n, 7n]] as never)).toArray()).toEqual([[12]])
  const double = program((x) => x.mul(2))
  expect(double.sync(BigInt64Array.of(5n, 7n)).toArray()).toEqual([10, 14])
})
