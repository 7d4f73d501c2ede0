// Scripts of the fuzz and of the lifecycle as checks: run in processes of their own, judged by how they end and by what
// they print.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './paths.mjs'
import { run } from './run.mjs'

/** @typedef {import('./results.mjs').Counts} Counts */
/** @typedef {{ title: string, script: string, args: string[], env?: NodeJS.ProcessEnv, exitCode?: number }} Check */

const limit = 20 * 60_000
// What a sanitizer reports, and what the fuzz of the kernels finds.
const bad = /ERROR: \w+Sanitizer|FATAL: \w+Sanitizer|runtime error:|"problems":\[\{/

/** Races that one of our functions has a part in: ThreadSanitizer finds others within Node. */
function racesOf(/** @type {string} */ output) {
  const reports = output.split('==================').filter((part) => part.includes('WARNING: ThreadSanitizer'))
  return reports.filter((report) => report.split('created by')[0]?.includes('chainrule.node'))
}

/** The instruction sets that the built addon has on this machine. @returns {string[]} */
export function instructionSets() {
  const addon = JSON.stringify(join(root, 'build/Release/chainrule.node'))
  return JSON.parse(run([process.execPath, '-p', `JSON.stringify(require(${addon}).info().isaAvailable)`]))
}

/**
 * A script of test/e2e/fuzz, with several seeds.
 * @param {string} name
 * @param {{ seeds: number, calls: number, isa?: string }} size
 * @returns {Check[]}
 */
export function fuzz(name, { seeds, calls, isa }) {
  return Array.from({ length: seeds }, (_, i) => ({
    title: `fuzz of ${name}, seed ${i + 1}, ${calls} calls${isa ? `, ${isa}` : ''}`,
    script: `test/e2e/fuzz/${name}.mjs`,
    args: [String(i + 1), String(calls)],
    env: isa ? { CHAINRULE_ISA: isa } : {},
  }))
}

/**
 * Scenarios of test/e2e/lifecycle.
 * @param {string[]} names
 * @param {number} rounds
 * @returns {Check[]}
 */
export function scenarios(names, rounds) {
  return names.map((name) => ({
    title: `scenario ${name}`,
    script: 'test/e2e/lifecycle/scenario.mjs',
    args: [name],
    env: { ROUNDS: String(rounds) },
    exitCode: name === 'throwInMidRun' ? 1 : 0,
  }))
}

/**
 * What is wrong with a check, or null.
 * @param {string} folder  where the scripts and the addon lie
 * @param {Check} check
 * @param {NodeJS.ProcessEnv} environment
 */
function problemOf(folder, { script, args, env = {}, exitCode = 0 }, environment) {
  const result = spawnSync(process.execPath, [join(folder, script), ...args], {
    cwd: folder,
    env: { ...process.env, ...environment, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: limit,
    killSignal: 'SIGKILL',
  })
  const output = (result.stdout ?? '') + (result.stderr ?? '')
  const ending = result.error?.message ?? result.signal ?? result.status
  const races = racesOf(output)
  if (!bad.test(output) && races.length === 0 && ending === exitCode) return null
  return `${(races.join('\n') || output).slice(0, 8000)}\nended with ${ending}`
}

/**
 * Runs checks, a line for each.
 * @param {string} folder
 * @param {Check[]} checks
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {Counts}
 */
export function runChecks(folder, checks, environment = {}) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const check of checks) {
    const begin = performance.now()
    const problem = problemOf(folder, check, environment)
    const seconds = ((performance.now() - begin) / 1000).toFixed(1)
    console.log(`${problem ? 'FAILED' : 'passed'}  ${check.title} (${seconds} s)`)
    if (problem) console.log(problem)
    counts[problem ? 'failed' : 'passed']++
  }
  return counts
}
