// Debug mode: no memory is reused, and the first bad number is named. That its results are the same: modes.test.ts.
import { describe, expect, test } from 'vitest'
import { type ChainruleError, concat, gradient, type Tensor } from '../src/index.ts'
import { Traced } from '../src/program/traced.ts'

function errorOf(f: () => unknown): ChainruleError {
  try {
    f()
  } catch (error) {
    return error as ChainruleError
  }
  throw new Error('nothing was thrown')
}

describe('debug mode', () => {
  const specs = [0, 1].map(() => ({ shape: [4], dtype: 'float32' as const }))
  const joined = new Traced(specs, ([a, b]) => ({ outputs: [concat([a!.exp(), b!.exp()]).sum()] }), true)
  const four = (x: number) => new Float32Array(4).fill(x)

  test('names the operation where the first bad number arose', () => {
    const error = errorOf(() => joined.callSync([four(1), four(1000)]))
    expect(error.code).toBe('ERR_NOT_FINITE')
    expect(error.operation).toBe('exp')
    expect(error.message).toBe('exp: the first bad number arose here: element 0 of the result is Infinity')
  })

  test('is not misled by what a failed run left in memory', () => {
    const bad = new Traced(specs, ([a, b]) => ({ outputs: [concat([a!, b!]).sum()] }), true)
    expect(() => bad.callSync([four(1), four(Number.NaN)])).toThrow('concat')
    expect(bad.callSync([four(1), four(2)])[0]!.item()).toBe(12)
  })

  test('takes -Infinity for a mask on the way forward, and for a bad number on the way back', () => {
    const mask = new Traced(specs, ([a, b]) => ({ outputs: [a!.log().maximum(b!).sum()] }), true)
    expect(mask.callSync([four(0), four(3)])[0]!.item()).toBe(12)
    const slope = new Traced(specs, ([a]) => ({ outputs: [gradient(a!.sqrt().neg().sum(), a!)] }), true)
    expect(slope.callSync([four(4), four(0)])[0]!.data()).toEqual(four(-0.25))
    const error = errorOf(() => slope.callSync([four(0), four(0)]))
    expect(error.code).toBe('ERR_NOT_FINITE')
    expect(error.message).toContain('element 0 of the result is -Infinity')
  })

  test('needs more memory, as nothing is reused', () => {
    const describe_ = ([a]: readonly Tensor[]) => ({ outputs: [a!.exp().add(1).log().mul(2).sin().sum()] })
    const big = [{ shape: [1000], dtype: 'float32' as const }]
    const [planned, debug] = [new Traced(big, describe_, false), new Traced(big, describe_, true)]
    expect(planned.compiled.sizes[0]).toBeLessThan(2 * 4096)
    expect(debug.compiled.sizes[0]).toBeGreaterThan(4 * 4000)
  })
})
