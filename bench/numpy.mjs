/** NumPy's training step for `npm run bench`: the peer of that name, found or installed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from './peers/child.mjs'
import { writeCase } from './peers/inputs.mjs'
import { peers } from './peers/peers.mjs'
import { environmentOf } from './peers/setup.mjs'

/** `{ step(n): microseconds per step of n, close() }`, or the reason why there is none. */
export async function startNumpy(spec) {
  const peer = peers.find((p) => p.name === 'numpy')
  const environment = environmentOf(peer.environment)
  if (environment.reason) return { reason: environment.reason }
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-numpy-'))
  const child = startChild(peer, 1, environment)
  try {
    writeCase(folder, spec)
    await child.ask('load', { folder, case: spec.name })
    const { versions } = await child.ask('about')
    const step = async (n) => (await child.ask('steps', { case: spec.name, steps: n })).microseconds
    return { version: versions.numpy, step, close: child.close }
  } catch (error) {
    child.close()
    return { reason: error.message }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
