// A sum of 10⁶ numbers loses no more digits than one of some hundreds: it is added block by block.
import { expect, test } from 'vitest'
import { info } from '../../src/index.ts'
import { runNode } from '../support/processes.ts'

const main = ['--import', 'tsx', 'test/support/long-k-main.ts']
const sets = info().isaAvailable.map((isa) => ['own', isa] as const)

const withBlas = info().blas
  ? ([
      ['auto', info().isa],
      ['blas', info().isa],
    ] as const)
  : []

test.each([...sets, ...withBlas])('products by %s, on %s', async (gemm, isa) => {
  const environment = { CHAINRULE_GEMM: gemm, CHAINRULE_ISA: isa }
  const { stdout, stderr, code } = await runNode(main, undefined, environment)
  expect(code, stderr).toBe(0)
  const { gemm: by, errors } = JSON.parse(stdout) as { gemm: string; errors: number[] }
  expect(by).toBe(gemm)
  for (const error of errors) expect(error).toBeLessThan(gemm === 'blas' ? 1e-5 : 1e-6)
})
