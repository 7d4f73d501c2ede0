// Imports inside src/ go one way: a file imports from its own room and from the rooms above it, never from below.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

// From the bottom of the house up. A room is a list of files (without .ts) or folders (with a slash at the end); a file
// that is named stands in its own room, not in its folder's.
const rooms: string[][] = [
  ['errors'],
  ['options', 'named'],
  ['descriptions/'],
  ['native', 'assets', 'files/', 'reports/progress', 'seeds'],
  ['tensor/', 'ops/'],
  ['gradient', 'random/'],
  ['program/'],
  ['initial-matrices', 'initializers', 'activations', 'regularizers', 'constraints', 'schedules'],
  ['parameters/'],
  ['layers/', 'losses/', 'optimizers/'],
  ['metrics/'],
  ['data/'],
  ['training/'],
  ['saving/', 'reports/'],
  ['model/'],
  ['datasets', 'datasets/', 'index'],
]

interface Import {
  from: string
  target: string
  isType: boolean
}

const src = fileURLToPath(new URL('../src', import.meta.url))

// Statements start in the first column, so that examples in comments do not count.
const statement = /^(?:import|export)\s+(type\s)?\s*(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]/gm
const call = /\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g

function importsOf(file: string, text: string): Import[] {
  const statements = [...text.matchAll(statement)].map((m) => ({ from: file, target: m[2] ?? '', isType: !!m[1] }))
  const calls = [...text.matchAll(call)].map((m) => ({ from: file, target: m[1] ?? '', isType: false }))
  return [...statements, ...calls]
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'))
  .sort()
const all = files.flatMap((file) => importsOf(file, readFileSync(join(src, file), 'utf8')))

/** Imports between files of src, of types too: who understands a file has to know theirs. */
const inner = all
  .filter(({ target }) => target.startsWith('.') && target.endsWith('.ts'))
  .map(({ from, target }) => ({ from, to: posix.join(dirname(from), target) }))

function isIn(entry: string, file: string): boolean {
  return entry.endsWith('/') ? file.startsWith(entry) : file === `${entry}.ts`
}

function roomOf(file: string): number {
  const own = rooms.findIndex((room) => room.includes(file.replace(/\.ts$/, '')))
  return own >= 0 ? own : rooms.findIndex((room) => room.some((entry) => isIn(entry, file)))
}

/** The files of one cycle, or null. */
function findCycle(edges: { from: string; to: string }[]): string[] | null {
  const done = new Set<string>()
  const visit = (file: string, path: string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    for (const edge of edges.filter(({ from }) => from === file)) {
      const cycle = visit(edge.to, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
    return null
  }
  for (const { from } of edges) {
    const cycle = visit(from, [])
    if (cycle) return cycle
  }
  return null
}

describe('imports in src', () => {
  test('are found', () => {
    const text = [
      "import { a,\n  b } from './a.ts'",
      "import type { C } from './c.ts'",
      "export * from './d.ts'",
      "import './e.ts'",
      "export const f = () => import('./f.ts')",
      " * import { g } from 'g'",
    ].join('\n')
    const found = importsOf('x.ts', text).map(({ target, isType }) => (isType ? `type ${target}` : target))
    expect(found).toEqual(['./a.ts', 'type ./c.ts', './d.ts', './e.ts', './f.ts'])
    expect(all.length).toBeGreaterThan(0)
  })

  test('every file has a room, and every room a file', () => {
    expect(files.filter((file) => roomOf(file) < 0)).toEqual([])
    expect(rooms.flat().filter((entry) => !files.some((file) => isIn(entry, file)))).toEqual([])
  })

  test('go one way', () => {
    const wrong = inner.filter(({ from, to }) => roomOf(to) > roomOf(from))
    expect(wrong.map(({ from, to }) => `${from} imports ${to}, which is above it`)).toEqual([])
  })

  test('have no cycles', () => {
    expect(
      findCycle([
        { from: 'a', to: 'b' },
        { from: 'b', to: 'c' },
        { from: 'c', to: 'b' },
      ]),
    ).toEqual(['b', 'c', 'b'])
    expect(findCycle(inner)).toBeNull()
  })

  test('name files that exist, by relative paths, or modules of Node', () => {
    expect(inner.filter(({ to }) => !files.includes(to))).toEqual([])
    const others = all.filter(({ target }) => target.startsWith('.') && !target.endsWith('.ts'))
    expect(others.map(({ target }) => target)).toEqual(['../build/Release/chainrule.node'])
    const foreign = all.filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'))
    expect(foreign.map(({ from, target }) => `${from} imports ${target}`)).toEqual([])
  })
})
