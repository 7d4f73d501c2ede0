/**
 * Training meets the end: of workers, of the process, of a call. Each scenario runs in a process of its own, on this
 * Node and on the newest one; it must neither crash nor hang. See lifecycle/scenario.mjs.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { newestNode } from '../../scripts/newest-node.mjs'

const script = fileURLToPath(new URL('./lifecycle/scenario.mjs', import.meta.url))
const repetitions = 20

interface Outcome {
  code: number | null
  signal: string | null
  stdout: string
  stderr: string
}

async function run(node: string, scenario: string, limit: number): Promise<Outcome> {
  const child = spawn(node, [script, scenario], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const timer = setTimeout(() => child.kill('SIGKILL'), limit)
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  return { code, signal, stdout, stderr }
}

const silent = { code: 0, signal: null, stdout: '', stderr: '' }
const ended = { ...silent, stdout: 'ok\n' }
/** Once per process. */
const ends: Record<string, object> = {
  exitInMidRun: silent,
  exitAtOnce: silent,
  exitWithQueue: silent,
  exitWithWorkers: silent,
  exitWhileWorkersStart: silent,
  throwInMidRun: { code: 1, signal: null, stdout: '', stderr: expect.stringContaining('thrown in mid-run') },
  syncThenExit: silent,
  endByItself: ended,
}
/** Twenty times within one process. */
const rounds: Record<string, object> = {
  twoWorkers: ended,
  terminateWhileStarting: ended,
  twoWorkersToTheEnd: ended,
  mainAndWorker: ended,
  terminateSynchronous: silent,
  endWhileQueued: silent,
  throwInWorker: silent,
  synchronousPredictions: ended,
  spawnDuringRun: ended,
}

const newest: { path: string; version: string } | { reason: string } = newestNode()

describe.each([
  { version: process.version, path: process.execPath, reason: '' },
  { version: 'the newest Node', path: '', reason: '', ...newest },
])('$version $reason', ({ path, reason }) => {
  test.skipIf(reason).each(Object.entries(ends))(`%s, ${repetitions} times`, async (scenario, expected) => {
    for (let i = 0; i < repetitions; i++) expect(await run(path, scenario, 20_000)).toEqual(expected)
  })

  test.skipIf(reason).each(Object.entries(rounds))('%s', async (scenario, expected) => {
    expect(await run(path, scenario, 20_000 * repetitions)).toEqual(expected)
  })
})
