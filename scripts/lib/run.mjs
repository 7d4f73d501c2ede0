import { spawnSync } from 'node:child_process'
import { root } from './paths.mjs'

/** A command that failed; the message holds what it printed. */
export class CommandError extends Error {
  /**
   * @param {string[]} command
   * @param {string} outcome
   * @param {string} output
   */
  constructor(command, outcome, output) {
    super(`${output.trimEnd()}\n\n${command.join(' ')}: ${outcome}`.trimStart())
    this.name = 'CommandError'
    this.output = output
  }
}

/**
 * Runs a command in the project's root and returns what it printed on stdout; throws CommandError
 * with all that it printed.
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function run(command, env = process.env) {
  const [program = '', ...args] = command
  const result = spawnSync(program, args, {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const problem = result.error?.message ?? (result.status === 0 ? null : `exit code ${result.status ?? result.signal}`)
  if (problem) throw new CommandError(command, problem, (result.stdout ?? '') + (result.stderr ?? ''))
  return result.stdout
}

/**
 * Whether a command runs and succeeds.
 * @param {string[]} command
 */
export function succeeds(command) {
  try {
    run(command)
    return true
  } catch {
    return false
  }
}

/**
 * Runs a command in the project's root with this terminal as its own and returns its exit code (1 when a signal ended it).
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} [env]
 */
export function runVisibly(command, env = process.env) {
  const [program = '', ...args] = command
  const result = spawnSync(program, args, { cwd: root, env, stdio: 'inherit' })
  if (result.error) console.error(`${program}: ${result.error.message}`)
  return result.status ?? 1
}
