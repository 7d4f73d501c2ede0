// docs/from-the-notes.md: every call in its tables is run, section by section, and prints what its cell shows, digit by digit.
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

/** As a cell of a table shows it: on one line, runs of blanks as one. */
const inCell = (text: string) => text.replace(/\s+/g, ' ').trim()

/** Why a row would hold whatever the library computes: it reads a name, or hands back what the call gave. */
function provesNothing({ call, gives }: Pick<Row, 'call' | 'gives'>): string | null {
  if (/\.(name|length|constructor)$/.test(call)) return 'it reads a name'
  const [, option = ''] = /\.options\.(\w+)$/.exec(call) ?? []
  if (option && new RegExp(`\\b${option}:`).test(call)) return `it reads back ${option}, which it gave`
  const word = /^"?([A-Za-z]+)"?$/.exec(gives)?.[1]
  return word && call.includes(word) ? `its result, ${word}, stands in the call` : null
}

test('every line of a table is a call and its result', () => {
  expect(rows.length).toBe(linesOfTables.length)
  expect(rows.length).toBeGreaterThan(80)
})

test('a call stands once in its section, and its result depends on what it computes', () => {
  expect(new Set(rows.map(({ section, call }) => `${section}: ${call}`)).size).toBe(rows.length)
  for (const row of rows) expect(provesNothing(row), row.call).toBe(null)
})

test.each([
  ['dense(64, penalties).regularization.name', 'regularization'],
  ['adagrad({ learningRate: 1, decay: 1e-4 }).name', 'adagrad'],
  ["dense(3, { activation: 'relu' }).options.activation", 'relu'],
  ['sgd({ learningRate: 1 }).options.learningRate', '1'],
])('a row that proves nothing is refused: %s', (call, gives) => {
  expect(provesNothing({ call, gives })).not.toBe(null)
})

test.each(rows.map((row, i) => [row.section, row.call, row.gives, i] as const))('%s: %s', (_, call, gives, i) => {
  expect(inCell(results[i]!), call).toBe(gives)
})
