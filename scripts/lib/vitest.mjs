// Runs vitest and counts.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'
import { countsOf } from './results.mjs'
import { runVisibly } from './run.mjs'

/** @typedef {import('./results.mjs').Counts} Counts */

const { CHAINRULE_ISA: _isa, CHAINRULE_DEBUG: _debug, ...rest } = process.env

/** Without what would choose an instruction set or a mode. @type {NodeJS.ProcessEnv} */
export const plainEnvironment = rest

/** @param {string} title */
export const heading = (title) => console.log(`\n== ${title}`)

/** @param {string} file */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/**
 * One run of vitest.
 * @param {string} title
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Counts}
 */
export function vitest(title, args, env = plainEnvironment) {
  heading(title)
  const report = join(root, 'build', 'test-results', `${title.replace(/\W+/g, '-')}.json`)
  rmSync(report, { force: true })
  const script = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const exitCode = runVisibly([process.execPath, script, 'run', ...reporters, ...args], env)
  return countsOf(readReport(report), exitCode)
}
