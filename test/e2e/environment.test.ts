// What the environment decides: which BLAS, which instruction set; and what is said when it cannot be had.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runNode } from '../support/processes.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-blas-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const script = `
  import { info } from 'chainrule'
  try { console.log(JSON.stringify(info())) } catch (error) { console.log(error.message) }`
const run = async (environment: NodeJS.ProcessEnv) =>
  (await runNode(['--input-type=module', '-e', script], undefined, environment)).stdout

/** A BLAS whose sgemm does what the given C code does. */
function library(name: string, body: string): string {
  const source = join(folder, `${name}.c`)
  const path = join(folder, `lib${name}.so`)
  writeFileSync(
    source,
    `void cblas_sgemm(int o, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                      const float *b, int ldb, float beta, float *c, int ldc) { ${body} }
     float cblas_sdot(int n, const float *x, int dx, const float *y, int dy) { return 0; }`,
  )
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', path, source])
  return path
}

test('a BLAS that multiplies wrongly is refused by name', async () => {
  const path = library('wrong', 'for (int i = 0; i < m; i++) for (int j = 0; j < n; j++) c[i * ldc + j] = 1;')
  const message = await run({ CHAINRULE_BLAS: path })
  expect(message).toContain('libwrong.so')
  expect(message).toContain('multiplies matrices wrongly')
})

test('a plain CBLAS that multiplies rightly is used', async () => {
  const path = library(
    'plain',
    `for (int i = 0; i < m; i++) for (int j = 0; j < n; j++) {
       double sum = 0;
       for (int p = 0; p < k; p++)
         sum += (double)(ta == 112 ? a[p * lda + i] : a[i * lda + p]) * (tb == 112 ? b[j * ldb + p] : b[p * ldb + j]);
       c[i * ldc + j] = (beta == 0 ? 0 : beta * c[i * ldc + j]) + alpha * sum;
     }`,
  )
  const { blas } = JSON.parse(await run({ CHAINRULE_BLAS: path }))
  expect(blas.name).toBe('CBLAS')
  expect(blas.library).toContain('libplain.so')
})

test('a path where there is no library is named, with the way out', async () => {
  const message = await run({ CHAINRULE_BLAS: join(folder, 'nothing.so') })
  expect(message).toContain('nothing.so')
  expect(message).toMatch(/Install OpenBLAS .* or name one with\s+CHAINRULE_BLAS/s)
})

describe('without a BLAS', () => {
  const products = `
    import { dot, info, matmul, tensor } from 'chainrule'
    const ones = tensor(new Float32Array(600 * 600).fill(1), { shape: [600, 600] })
    try {
      const p = matmul(ones, ones).data()
      console.log(JSON.stringify([info().blas, info().gemm, p[0], p.at(-1), dot([1, 2, 3], [4, 5, 6]).item()]))
    } catch (error) { console.log(error.code, error.message) }`
  const ask = async (environment: NodeJS.ProcessEnv) =>
    (await runNode(['--input-type=module', '-e', products], undefined, environment)).stdout

  test.each(['', 'base'])('our own kernels do everything, on instruction set "%s"', async (isa) => {
    const found = await ask({ CHAINRULE_BLAS: 'none', CHAINRULE_ISA: isa })
    expect(JSON.parse(found)).toEqual([null, 'auto', 600, 600, 32])
  })

  test('what demands one says so', async () => {
    const message = await ask({ CHAINRULE_BLAS: 'none', CHAINRULE_GEMM: 'blas' })
    expect(message).toContain("ERR_NATIVE CHAINRULE_GEMM is 'blas', but CHAINRULE_BLAS is 'none'")
  })
})

test.runIf(process.platform === 'linux')('BLAS is loaded by the first product that may go to it', async () => {
  const script = `
    import { readFileSync } from 'node:fs'
    import { info, matmul, tensor } from 'chainrule'
    const isLoaded = () => readFileSync('/proc/self/maps', 'utf8').includes('blas')
    const matrix = (n) => tensor(new Float32Array(n * n), { shape: [n, n] })
    const seen = [3, 100, 600].map((n) => {
      matmul(matrix(n), matrix(n)).data()
      return isLoaded()
    })
    console.log(JSON.stringify([info().lanes > 1 && info().blas ? seen : [false, false, true]]))`
  const { stdout } = await runNode(['--input-type=module', '-e', script])
  expect(JSON.parse(stdout)).toEqual([[false, false, true]])
})

test('an instruction set is forced, or refused with those there are', async () => {
  expect(JSON.parse(await run({ CHAINRULE_ISA: 'base' })).lanes).toBeLessThanOrEqual(4)
  expect(await run({ CHAINRULE_ISA: 'sse9' })).toMatch(/CHAINRULE_ISA is 'sse9', but this processor has: .*\w/)
})
