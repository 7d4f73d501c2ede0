// The product of two long vectors: cut into tiles whose sums are added in float64, whoever sums them.
import { afterAll, describe, expect, test } from 'vitest'
import { dot, gradient, info, setThreads, tensor } from '../../src/index.ts'
import { floats } from '../support/digests.ts'
import { runNode } from '../support/processes.ts'

const before = info().threads
afterAll(() => setThreads(before))

function exactly(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

test.each([0, 1, 17, 4095, 65_535, 65_536, 65_537, 131_072, 300_001])('of %i elements', (n) => {
  const [a, b] = [floats(1, n, 0, 1), floats(2, n, 0, 1)]
  const found = [1, 2, 3, 4].map((threads) => {
    setThreads(threads)
    return dot(tensor(a), tensor(b)).item()
  })
  expect(new Set(found).size).toBe(1)
  expect(Math.abs(found[0]! - exactly(a, b))).toBeLessThanOrEqual(3e-7 * exactly(a, b))
})

test('its gradient, where it is cut', () => {
  const [a, b] = [tensor(floats(1, 70_000)), tensor(floats(2, 70_000))]
  expect(gradient(dot(a, b).mul(2), a).data()).toEqual(b.mul(2).data())
})

describe('of 10⁷ elements, which one float32 sum of all gets wrong in the fifth digit', () => {
  const script = `
    import { dot, tensor } from 'chainrule'
    const n = 1e7
    const a = Float32Array.from({ length: n }, (_, i) => ((i * 7919) % 10007) / 10007)
    const b = Float32Array.from({ length: n }, (_, i) => ((i * 104729) % 10009) / 10009)
    let sum = 0
    for (let i = 0; i < n; i++) sum += a[i] * b[i]
    console.log(Math.abs(dot(tensor(a), tensor(b)).item() - sum) / sum)`
  const modes = [
    { CHAINRULE_GEMM: 'own' },
    { CHAINRULE_GEMM: 'own', CHAINRULE_ISA: 'base' },
    { CHAINRULE_BLAS: 'none', CHAINRULE_ISA: 'base' },
    ...(info().blas ? [{ CHAINRULE_GEMM: 'blas' }, { CHAINRULE_ISA: 'base' }] : []),
  ]
  test.each(modes)('%o', async (environment) => {
    const { stdout, stderr } = await runNode(['--input-type=module', '-e', script], undefined, environment)
    expect(stderr).toBe('')
    expect(Number.parseFloat(stdout)).toBeLessThan(1e-6)
  })
})
