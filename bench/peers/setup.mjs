/**
 * Installs the peers' libraries in folders that git ignores: a virtual environment per Python library, so that one that
 * does not install takes no other along, and node_modules. What was installed from the same lists is left as it is.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const basePython = process.env.CHAINRULE_PYTHON ?? 'python3'
const outputOf = (command, args) =>
  execFileSync(command, args, { cwd: here, stdio: 'pipe', maxBuffer: 1 << 28 }).toString()

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : null)

/** The last line that says something. */
function reasonOf(error) {
  const lines = String(error.stderr?.toString().trim() || error.message).split('\n')
  const told = lines.filter((line) => /error/i.test(line) && !/warn/i.test(line)).at(-1)
  return (told ?? lines.at(-1)).trim().slice(0, 200)
}

/** Runs `install` unless the stamp says that the same was installed. */
function once(folder, wanted, title, install) {
  const stamp = join(folder, '.installed')
  if (read(stamp) === wanted) return
  console.error(`bench:peers: installing ${title} ...`)
  rmSync(folder, { recursive: true, force: true })
  install()
  mkdirSync(folder, { recursive: true })
  writeFileSync(stamp, wanted)
}

function installPython(name) {
  const folder = join(here, '.venv', name)
  const python = join(folder, 'bin', 'python')
  const list = join(here, `requirements-${name}.txt`)
  const version = outputOf(basePython, ['--version'])
  once(folder, `${version}${read(list)}`, `${name} for Python`, () => {
    outputOf(basePython, ['-m', 'venv', folder])
    outputOf(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', list])
  })
  return { command: python }
}

/** A library that this Python has by itself will do where nothing can be installed. */
function foundPython(name) {
  outputOf(basePython, ['-c', `import numpy, ${name}`])
  return { command: basePython }
}

function installNode() {
  const folder = join(here, 'node_modules')
  // No native builds are needed: gpu.js, which brain.js brings along, would build one.
  const flags = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  once(folder, read(join(here, 'package.json')), 'packages for Node', () => outputOf('npm', ['install', ...flags]))
  return { command: process.execPath }
}

const environments = new Map()

/** `{ command }` with which a peer of this environment is started, or `{ reason }` why there is none. */
export function environmentOf(name) {
  if (!environments.has(name)) environments.set(name, prepare(name))
  return environments.get(name)
}

function prepare(name) {
  if (name === 'chainrule') return { command: process.execPath }
  try {
    return name === 'node' ? installNode() : installPython(name)
  } catch (error) {
    try {
      if (name !== 'node') return foundPython(name)
    } catch {} // the first reason says more
    return { reason: `not installed: ${reasonOf(error)}` }
  }
}
