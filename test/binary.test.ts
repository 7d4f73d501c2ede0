// The built binary, disassembled: instructions that not every CPU has stand only in the code that is chosen by CPUID.
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'

const addon = fileURLToPath(new URL('../build/Release/chainrule.node', import.meta.url))
const hasObjdump = spawnSync('objdump', ['--version']).status === 0
const isChecked = hasObjdump && process.platform === 'linux' && process.arch === 'x64'
if (!isChecked) console.warn('binary.test.ts is skipped: it needs objdump (binutils) on Linux x64')

// VEX and EVEX instructions are those on vector registers whose names start with v; mask registers are AVX-512's.
const avx = /^\s+[0-9a-f]+:\s+(?:v\w+\s.*%[xyz]mm|vzero(?:upper|all))/
const avx512 = /^\s+[0-9a-f]+:\s.*(?:%zmm|%[xy]mm(?:1[6-9]|2\d|3[01])|%k[0-7])/

/** Functions by name, with how many instructions of each kind they hold. */
interface Counts {
  all: number
  avx: number
  avx512: number
}

async function disassemble(): Promise<Map<string, Counts>> {
  const functions = new Map<string, Counts>()
  const objdump = spawn('objdump', ['-d', '-C', '--no-show-raw-insn', addon], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => objdump.once('close', resolve))
  let current: Counts | undefined
  for await (const line of createInterface({ input: objdump.stdout })) {
    const header = /^[0-9a-f]+ <(.*)>:$/.exec(line)
    if (header) {
      const name = header[1] ?? ''
      current = functions.get(name) ?? { all: 0, avx: 0, avx512: 0 }
      functions.set(name, current)
    } else if (current && line) {
      current.all += 1
      if (avx.test(line)) current.avx += 1
      if (avx512.test(line)) current.avx512 += 1
    }
  }
  expect(await ended).toBe(0)
  return functions
}

/**
 * The instruction set in whose namespace a function itself stands. Its result, arguments and template arguments do not
 * count: a template of std that only takes an isa's types is compiled for the baseline.
 */
function isaOf(name: string): string {
  let rest = name.replaceAll('(anonymous namespace)', 'anonymous').replace(/operator[<>=-]+/g, 'operator')
  for (let longer = ''; rest !== longer; ) {
    longer = rest
    rest = rest.replace(/<[^<>]*>/g, '')
  }
  const qualified = (rest.split('(')[0] ?? '').trim().split(' ').at(-1) ?? ''
  return /(?:^|::)(isa_\w+)::/.exec(qualified)?.[1] ?? 'none'
}

describe.skipIf(!isChecked)('instructions in the binary', () => {
  let functions: [string, Counts][] = []
  beforeAll(async () => {
    functions = [...(await disassemble())]
  }, 300_000)

  const withAny = (kind: 'avx' | 'avx512', isOutside: (isa: string) => boolean) =>
    functions.filter(([name, counts]) => counts[kind] > 0 && isOutside(isaOf(name))).map(([name]) => name)

  const countIn = (isa: string, kind: keyof Counts) =>
    functions.filter(([name]) => isaOf(name) === isa).reduce((sum, [, counts]) => sum + counts[kind], 0)

  test('are found: the symbols are there, and AVX where it should be', () => {
    expect(countIn('isa_avx2', 'avx')).toBeGreaterThan(10)
    expect(countIn('isa_avx512', 'avx512')).toBeGreaterThan(10)
    expect(countIn('isa_base', 'all')).toBeGreaterThan(10)
    expect(countIn('none', 'all')).toBeGreaterThan(10)
  })

  test('AVX stands only in isa_avx2 and isa_avx512', () => {
    expect(withAny('avx', (isa) => isa !== 'isa_avx2' && isa !== 'isa_avx512')).toEqual([])
  })

  test('AVX-512 stands only in isa_avx512', () => {
    expect(withAny('avx512', (isa) => isa !== 'isa_avx512')).toEqual([])
  })

  test('the matchers know the instructions', () => {
    expect(avx.test('    1139:\tvaddps %ymm0,%ymm1,%ymm2')).toBe(true)
    expect(avx.test('    1139:\tvzeroupper ')).toBe(true)
    expect(avx.test('    1139:\taddps  %xmm0,%xmm1')).toBe(false)
    expect(avx.test('    1139:\tverr   %ax')).toBe(false)
    expect(avx512.test('    1139:\tkmovw  %eax,%k1')).toBe(true)
    expect(avx512.test('    1139:\tvaddps %ymm0,%ymm1,%ymm17')).toBe(true)
    expect(avx512.test('    1139:\tvaddps %ymm0,%ymm1,%ymm2')).toBe(false)
    expect(isaOf('chainrule::isa_avx2::(anonymous namespace)::run(int)')).toBe('isa_avx2')
    expect(isaOf('void chainrule::isa_base::f<1>(float*)')).toBe('isa_base')
    expect(isaOf('std::string<char, std::a<char> > isa_avx2::(anonymous namespace)::f(int) [clone .cold]')).toBe(
      'isa_avx2',
    )
    expect(isaOf('isa_avx2::(anonymous namespace)::f(int)::{lambda(int)#1}::operator()(int) const')).toBe('isa_avx2')
    expect(isaOf('isa_avx2::V f(isa_avx2::V)')).toBe('none')
    expect(isaOf('void std::sort<isa_avx2::V*>(isa_avx2::V*)')).toBe('none')
  })
})
