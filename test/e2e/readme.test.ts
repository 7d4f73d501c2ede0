// The examples of the documents, run as a stranger would: in a folder that has the package in its node_modules, as
// TypeScript under tsx, as a module and by `require` in plain Node.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Outcome, root, runNode } from '../support/processes.ts'
import { isSameOutput, type Snippet, snippetsOf, toCommonJs } from '../support/snippets.ts'

const inRoot = (...path: string[]) => join(root, ...path)
const read = (path: string) => readFileSync(inRoot(path), 'utf8')

const documents = ['README.md', 'CONTRIBUTING.md']
const snippets = documents.flatMap((file) => snippetsOf(read(file)).map((snippet) => ({ ...snippet, file })))
const programs = snippets
  .filter(({ language, path }) => language === 'ts' && path === null)
  .map((snippet) => ({ ...snippet, name: `${snippet.file.replace('.md', '').toLowerCase()}-${snippet.line}` }))
const quotes = snippets.filter(({ path }) => path !== null)

let folder = ''

const compilerOptions = {
  target: 'ES2023',
  lib: ['ES2023'],
  module: 'NodeNext',
  strict: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [inRoot('node_modules/@types')],
  rootDir: 'ts',
  outDir: 'esm',
}

let types: Outcome

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-readme-'))
  for (const name of ['node_modules', 'ts', 'esm', 'cjs']) mkdirSync(join(folder, name))
  symlinkSync(root, join(folder, 'node_modules/chainrule'))
  for (const { name, code } of programs) writeFileSync(join(folder, 'ts', `${name}.mts`), code)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['ts'] }))
  types = await runNode([inRoot('node_modules/typescript/bin/tsc'), '-p', folder])
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function check({ stdout, stderr, code }: Outcome, { output }: Snippet): void {
  expect(code, stderr).toBe(0)
  if (output !== null && !isSameOutput(stdout, output)) expect(stdout).toBe(output)
}

describe('the examples', () => {
  test('are found, and have the right types', () => {
    expect(programs.length).toBeGreaterThan(5)
    expect(types.stdout + types.stderr).toBe('')
  })

  test('the first one is examples/train.mts', () => {
    expect(programs[0]?.code).toBe(read('examples/train.mts'))
  })

  for (const program of programs) {
    const { name, file, line } = program
    test.concurrent(`${file}, line ${line}: .mts under tsx`, async () => {
      check(await runNode([inRoot('node_modules/tsx/dist/cli.mjs'), `${name}.mts`], join(folder, 'ts')), program)
    })

    test.concurrent(`${file}, line ${line}: .mjs in plain Node`, async () => {
      check(await runNode([`${name}.mjs`], join(folder, 'esm')), program)
    })

    test.concurrent(`${file}, line ${line}: by require in plain Node`, async () => {
      const code = toCommonJs(readFileSync(join(folder, 'esm', `${name}.mjs`), 'utf8'))
      expect(code).toContain('require(')
      writeFileSync(join(folder, 'cjs', `${name}.cjs`), code)
      check(await runNode([`${name}.cjs`], join(folder, 'cjs')), program)
    })
  }
})

describe('quoted code', () => {
  for (const { file, line, path, code } of quotes)
    test(`${file}, line ${line}: stands in ${path}`, () => {
      const source = read(path ?? '')
      // A line with nothing but dots leaves something out.
      for (const part of code.split(/^\s*(?:\/\/ )?\.\.\.$/m)) expect(source).toContain(part.trim())
    })
})

describe('the comparison of outputs', () => {
  test('lets fractions differ a little, and nothing else', () => {
    expect(isSameOutput('a 0.501 [1. 2.5]\n', 'a 0.5 [1. 2.49]')).toBe(true)
    expect(isSameOutput('a 0.55', 'a 0.5')).toBe(false)
    expect(isSameOutput('a 3', 'a 2')).toBe(false)
    expect(isSameOutput('a 0.5 b', 'a 0.5')).toBe(false)
    expect(isSameOutput('1234.5', '1230.0')).toBe(true)
  })

  test('belongs to the block above', () => {
    const found = snippetsOf('```ts\na\n```\n\n```text\nb\n```\n\n```ts x.ts\nc\n```\nprose\n```text\nd\n```\n')
    expect(found.map(({ line, path, code, output }) => [line, path, code, output])).toEqual([
      [2, null, 'a\n', 'b\n'],
      [10, 'x.ts', 'c\n', null],
      [14, null, 'd\n', null],
    ])
  })
})
