// docs/from-the-notes.md: every call in its tables is run, section by section, and gives what the table says.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as datasets from '../../src/datasets.ts'
import * as chainrule from '../../src/index.ts'
import { root, runNode } from '../support/processes.ts'

interface Row {
  readonly section: string
  readonly call: string
  readonly gives: string
}

const document = readFileSync(join(root, 'docs/from-the-notes.md'), 'utf8')
const sections = document.split(/^## /m).slice(1)
const titleOf = (section: string) => section.slice(0, section.indexOf('\n'))
const rowsOf = (section: string): Row[] =>
  [...section.matchAll(/^\| .* \| `(.+)` \| `(.+)` \|$/gm)].map(([, call = '', gives = '']) => ({
    section: titleOf(section),
    call,
    gives,
  }))
const rows = sections.flatMap(rowsOf)
const linesOfTables = document.split('\n').filter((line) => /^\| (?!In the )/.test(line))

/**
 * One script: set-up blocks and calls in their order; it prints a list of texts. Each section is a block inside the one
 * before: it sees its names, and may hide them.
 */
function script(folder: string): string {
  const names = (module: object) => Object.keys(module).join(', ')
  const body = sections.map((section) => {
    const setup = section.match(/^```js\n([\s\S]*?)^```$/m)?.[1] ?? ''
    return ['{', setup, ...rowsOf(section).map(({ call }) => `results.push(await show(async () => ${call}))`)].join(
      '\n',
    )
  })
  return `import { ${names(chainrule)} } from 'chainrule'
import { ${names(datasets)} } from 'chainrule/datasets'
const folder = ${JSON.stringify(pathToFileURL(`${folder}/`).href)}
const text = (v) => (v instanceof Tensor ? String(v) : typeof v === 'string' ? v : JSON.stringify(v))
const show = (f) => f().then(text, (error) => error.code ?? String(error))
const results = []
${body.join('\n')}
${'}'.repeat(body.length)}
console.log(JSON.stringify(results))
`
}

// Within the project, so that 'chainrule' is the project itself.
const build = join(root, 'build')
let folder = ''
let results: string[] = []

beforeAll(async () => {
  mkdirSync(build, { recursive: true })
  folder = mkdtempSync(join(build, 'notes-'))
  const file = join(folder, 'notes.mjs')
  writeFileSync(file, script(folder))
  const { code, stdout, stderr } = await runNode([file])
  expect(code, stderr).toBe(0)
  results = JSON.parse(stdout) as string[]
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const number = /-?\d+\.?\d*(?:e[-+]?\d+)?/g
const shape = (text: string) =>
  text
    .replace(number, '#')
    .replace(/\s+/g, ' ')
    .replace(/ ?([[\]]) ?/g, '$1')

/** The same text; numbers with a fraction within a millionth, for instruction sets differ in the last place. */
function isSame(actual: string, expected: string): boolean {
  const [a, e] = [actual, expected].map((text) => [...text.matchAll(number)].map(([n]) => Number(n)))
  const close = e!.every((n, i) => Math.abs(n - a![i]!) <= 1e-6 * Math.max(0.1, Math.abs(n)))
  return shape(actual) === shape(expected) && close
}

test('every line of a table is a call and its result', () => {
  expect(rows.length).toBe(linesOfTables.length)
  expect(rows.length).toBeGreaterThan(80)
})

test.each(rows.map((row, i) => [row.section, row.call, row.gives, i] as const))('%s: %s', (_, call, gives, i) => {
  if (!isSame(results[i]!, gives)) expect(results[i], call).toBe(gives)
})
