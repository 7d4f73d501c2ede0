// Who computes a product is a function of its shape and form: the bits are those of our own kernels or those of BLAS, and
// the same for any number of threads.
import { expect, test } from 'vitest'
import { info } from '../../src/index.ts'
import { runNode } from '../support/processes.ts'

async function bitsBy(gemm: string, isa: string): Promise<string[]> {
  const environment = { CHAINRULE_GEMM: gemm, CHAINRULE_ISA: isa }
  const { stdout, stderr, code } = await runNode(
    ['--import', 'tsx', 'test/support/auto-main.ts'],
    undefined,
    environment,
  )
  expect(code, stderr).toBe(0)
  const { gemm: by, bits } = JSON.parse(stdout) as { gemm: string; bits: string[][] }
  expect(by).toBe(gemm || 'auto')
  for (const [i, list] of bits.entries()) expect(new Set(list).size, `${gemm}, product ${i}`).toBe(1)
  return bits.map(([first]) => first!)
}

const sets = info().isaAvailable.filter((isa) => isa !== 'base')

test.runIf(info().blas).each(sets)('products around the switch, on %s', async (isa) => {
  const [auto, own, blas] = [await bitsBy('', isa), await bitsBy('own', isa), await bitsBy('blas', isa)]
  for (const [i, bits] of auto.entries()) expect([own[i], blas[i]]).toContain(bits)
  expect(own).not.toEqual(blas)
  expect(await bitsBy('auto', isa)).toEqual(auto)
})
