/**
 * Thousands of random calls, of the public functions and of the addon itself: no crash, no hang. Instructions that are
 * accepted write their outputs and nothing else.
 */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runNode } from '../support/processes.ts'

const seeds = [1, 2, 3]
const calls = 4000
// Whoever hangs is ended, and the exit code tells.
const limit = [
  '--import',
  'data:text/javascript,setTimeout(() => process.kill(process.pid, "SIGKILL"), 120_000).unref()',
]

function fuzz(name: string, seed: number) {
  const script = fileURLToPath(new URL(`./fuzz/${name}.mjs`, import.meta.url))
  return runNode([...limit, script, String(seed), String(calls)])
}

test.each(seeds)('the addon, seed %i', async (seed) => {
  const { code, stdout, stderr } = await fuzz('raw', seed)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { refused, accepted } = JSON.parse(stdout)
  expect(refused + accepted).toBe(calls)
  // Calls that are all refused would test little.
  expect(accepted).toBeGreaterThan(100)
})

test.each(seeds)('instructions for every kernel, seed %i', async (seed) => {
  const { code, stdout, stderr } = await fuzz('kernels', seed)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { accepted, problems } = JSON.parse(stdout)
  expect(problems).toEqual([])
  const never = Object.entries(accepted).filter(([, times]) => times === 0)
  expect(never, 'kernels that were never run: use them in fuzz/everything.mjs').toEqual([])
})

test.each(seeds)('the public functions, seed %i', async (seed) => {
  const { code, stdout, stderr } = await fuzz('public', seed)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  // What is refused, is refused in our own words.
  expect(JSON.parse(stdout)).toEqual([])
})
