/** Child processes, for end-to-end tests. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The project's root folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

/** Runs Node with these arguments to its end; `environment` adds to this process's own. */
export function runNode(args: readonly string[], cwd = root, environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return run([process.execPath, ...args], cwd, environment)
}

/** Runs npm, the one that runs these tests if there is one. */
export function runNpm(args: readonly string[], cwd = root): Promise<Outcome> {
  const { npm_execpath } = process.env
  return run([...(npm_execpath ? [process.execPath, npm_execpath] : ['npm']), ...args], cwd)
}

function run(
  [program = '', ...args]: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
    child.once('error', reject)
    child.once('close', (code) => resolve({ stdout, stderr, code }))
  })
}
