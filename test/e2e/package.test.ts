// The package as a user gets it: packed, installed in an empty folder, imported and required.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Outcome, root, runNode, runNpm } from '../support/processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'chainrule-package-'))
const user = join(folder, 'user')
let files: string[] = []
let installed: Outcome

beforeAll(async () => {
  const packed = await runNpm(['pack', '--silent', '--json', '--pack-destination', folder])
  expect(packed.code, packed.stderr).toBe(0)
  const [{ filename, files: list }] = JSON.parse(packed.stdout)
  files = list.map(({ path }: { path: string }) => path)
  mkdirSync(user)
  writeFileSync(join(user, 'package.json'), '{ "name": "user", "version": "1.0.0" }')
  installed = await runNpm(['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, filename)], user)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (code: string, type: 'module' | 'commonjs') => runNode([`--input-type=${type}`, '--eval', code], user)

/** All files below a folder, with their sizes. */
function filesIn(path: string): { name: string; bytes: number }[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, stat: statSync(join(path, name)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ name, stat }) => ({ name, bytes: stat.size }))
}

test('holds what is needed to build and to run, and nothing else', () => {
  const types = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `dist/${name.replace(/\.ts$/, '.d.ts')}`)
  const bundle = readdirSync(join(root, 'dist')).filter((name) => name.endsWith('.js'))
  expect(bundle.length).toBeLessThan(8) // each file costs start-up time
  const compiled = [...types, ...bundle.map((name) => `dist/${name}`)]
  const inFolder = (name: string) => filesIn(join(root, name)).map((file) => `${name}/${file.name}`)
  const others = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'binding.gyp', 'CMakeLists.txt']
  const data = ['data/README.md', 'data/digits.csv.gz']
  const scripts = ['scripts/build-native.mjs', 'scripts/find-blas.mjs', ...inFolder('scripts/lib')]
  expect(files.sort()).toEqual([...compiled, ...inFolder('native'), ...others, ...data, ...scripts].sort())
})

test('installs and builds its addon', () => {
  expect(installed.code, installed.stderr).toBe(0)
  const inside = filesIn(join(user, 'node_modules'))
  const bytes = inside.reduce((sum, file) => sum + file.bytes, 0)
  console.log(`installed: ${(bytes / 1e6).toFixed(1)} MB in ${inside.length} files, node_modules as a whole`)
  expect(inside.map(({ name }) => name)).toContain('chainrule/build/Release/chainrule.node')
  expect(inside.filter(({ name }) => /\.(o|a)$/.test(name))).toEqual([])
})

const training = `
  const x = [[0, 0], [0, 1], [1, 0], [1, 1]], y = [0, 1, 1, 0]
  const model = new Model([dense(16, { activation: 'tanh' }), dense(2, { activation: 'softmax' })], { seed: 1 })
  model.compile({ optimizer: adam({ learningRate: 0.05 }), loss: 'categoricalCrossentropy' })
  model.fit({ x, y }, { epochs: 200 }).then(() => console.log(model.predictSync(x).argmax({ axis: 1 }).toArray()))`

test('trains when it is imported', async () => {
  const { stdout, stderr } = await run(`import { adam, dense, Model } from 'chainrule'\n${training}`, 'module')
  expect(stderr).toBe('')
  expect(stdout).toBe('[ 0, 1, 1, 0 ]\n')
})

test('trains when it is required', async () => {
  const { stdout, stderr } = await run(`const { adam, dense, Model } = require('chainrule')\n${training}`, 'commonjs')
  expect(stderr).toBe('')
  expect(stdout).toBe('[ 0, 1, 1, 0 ]\n')
})

test('brings its data sets along', async () => {
  const code = "import { digits } from 'chainrule/datasets'\nconst { train, test } = await digits()\n"
  const { stdout } = await run(`${code}console.log(train.length + test.length)`, 'module')
  expect(stdout).toBe('1797\n')
})

test('loads the addon at the first computation, not at import', async () => {
  const code = `
    process.report.excludeNetwork = true
    const loaded = () => process.report.getReport().sharedObjects.some((name) => name.endsWith('chainrule.node'))
    const { tensor } = await import('chainrule')
    const sum = tensor([1, 2]).add(1).sum()
    const before = loaded()
    console.log(before, sum.item(), loaded())`
  const { stdout } = await run(code, 'module')
  expect(stdout).toBe('false 5 true\n')
})

test('has types that find mistakes', async () => {
  const code = `import { dense, Model, tensor } from 'chainrule'
    const model = new Model([dense(1)]).compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['accuracy'] })
    const scores = await model.evaluate({ x: [[1]], y: [1] })
    const numbers: number[] = [scores.accuracy, ...tensor([1]).add(1).toArray(1)]
    // @ts-expect-error a metric that was not asked for
    numbers.push(scores.recall)
    // @ts-expect-error a misspelled option
    await model.fit({ x: [[1]], y: [1] }, { epoch: 3 })
    // @ts-expect-error a misspelled name
    model.compile({ optimizer: 'adm', loss: 'meanSquaredError' })\n`
  writeFileSync(join(user, 'types.mts'), code)
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const options = ['--noEmit', '--strict', '--target', 'ES2023', '--module', 'NodeNext', '--types', 'node']
  const { stdout } = await runNode(
    [compiler, ...options, '--typeRoots', join(root, 'node_modules/@types'), 'types.mts'],
    user,
  )
  expect(stdout).toBe('')
})
