// What the build and the addon need from the system, and getting it installed.
import { findBlas } from './blas.mjs'
import { asUser, explainMissing, installCommand, managers } from './packages.mjs'
import { which } from './paths.mjs'
import { run, succeeds } from './run.mjs'

/** @typedef {import('./packages.mjs').Need} Need */

/**
 * The compilers to build with: the environment's, else the first pair that is there.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {(program: string) => unknown} [find]
 * @returns {{ CC: string, CXX: string } | null}
 */
export function findCompiler(env = process.env, find = which) {
  if (env.CXX) return find(env.CXX.split(' ')[0] ?? '') ? { CC: env.CC ?? 'cc', CXX: env.CXX } : null
  const pairs = [
    { CC: 'gcc', CXX: 'g++' },
    { CC: 'clang', CXX: 'clang++' },
    { CC: 'cc', CXX: 'c++' },
  ]
  if (process.platform === 'darwin') pairs.reverse()
  return pairs.find((pair) => find(pair.CXX)) ?? null
}

function hasCompiler() {
  if (!findCompiler()) return false
  return process.platform !== 'darwin' || succeeds(['xcode-select', '-p']) // macOS has stubs of the tools
}

function hasPython() {
  const programs = [
    process.env.NODE_GYP_FORCE_PYTHON,
    process.env.npm_config_python,
    process.env.PYTHON,
    'python3',
    'python',
  ]
  const check = 'import sys; sys.exit(sys.version_info < (3, 8))'
  return programs.some((program) => program && which(program) && succeeds([program, '-c', check]))
}

/**
 * What the build cannot do without.
 * @param {{ tools: boolean }} what  whether the tools for the native build are needed
 * @returns {Need[]}
 */
export function findMissing({ tools }) {
  /** @type {Need[]} */
  const missing = []
  if (tools && !hasCompiler()) missing.push('compiler')
  if (tools && !which(process.env.MAKE ?? 'make')) missing.push('make')
  if (tools && !hasPython()) missing.push('python3')
  return missing
}

/** Whether the BLAS is missing that products can do without, and that a large one is faster with. */
export function lacksBlas(env = process.env) {
  return env.CHAINRULE_BLAS !== 'none' && !findBlas()
}

function thisUser() {
  const isRoot = process.getuid?.() === 0
  return { root: isRoot, sudo: !isRoot && which('sudo') !== null && succeeds(['sudo', '-n', 'true']) }
}

/** @param {Need[]} missing */
export function explain(missing) {
  return explainMissing(
    missing,
    managers.find(({ program }) => which(program)),
    thisUser(),
  )
}

/**
 * Installs what is missing with the system's package manager where this user may; throws with the one command otherwise.
 * @param {Need[]} missing
 * @param {(message: string) => void} say
 */
export function install(missing, say) {
  const manager = managers.find(({ program }) => which(program))
  const user = thisUser()
  const plain = installCommand(manager, missing)
  const command = manager && plain && asUser(manager, plain, user)
  if (!manager || !command) throw new Error(explain(missing))
  say(`installing what the system lacks: ${command.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    run(command, env)
  } catch (error) {
    const refresh = manager.refresh && asUser(manager, manager.refresh, user)
    if (!refresh) throw error
    run(refresh, env)
    run(command, env)
  }
}
