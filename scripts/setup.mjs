// From a fresh clone to a project that runs: system packages, npm packages, native addon, TypeScript. What is up to date
// is skipped. Plain Node without dependencies, because nothing is installed yet. Prints on stderr only.
//   --quiet  say nothing when nothing is to do      --force  build even what is up to date
import { join } from 'node:path'
import { withLock } from './lib/lock.mjs'
import { root } from './lib/paths.mjs'
import { explain, findMissing, install, lacksBlas } from './lib/requirements.mjs'
import { steps } from './lib/steps.mjs'

const quiet = process.argv.includes('--quiet')
const force = process.argv.includes('--force')

/** @param {string} message */
const say = (message) => console.error(`chainrule: ${message}`)

function isNativeStale() {
  return force || steps.some((step) => step.name === 'native' && step.isStale())
}

function ensureSystem() {
  const missing = findMissing({ tools: isNativeStale() })
  if (missing.length === 0) return
  install(missing, say)
  const still = findMissing({ tools: isNativeStale() })
  if (still.length > 0) throw new Error(`Installed, but not found.\n${explain(still)}`)
}

function tryToGetBlas() {
  if (!lacksBlas()) return
  try {
    install(['openblas'], say)
  } catch (error) {
    say(`going on without OpenBLAS, so the tests that need it are left out. ${/** @type {Error} */ (error).message}`)
  }
}

function bringUpToDate() {
  ensureSystem()
  if (isNativeStale()) tryToGetBlas()
  for (const step of steps) {
    if (!(step.isStale() || (force && step.isBuild))) continue
    const start = performance.now()
    say(`${step.title} ...`)
    step.run()
    say(`${step.title}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
  }
}

try {
  const isWork = force || steps.some((step) => step.isStale()) || findMissing({ tools: false }).length > 0
  if (isWork) {
    const lock = join(root, 'build', 'setup.lock')
    await withLock(lock, bringUpToDate, () => say('another set-up is running here; waiting for it'))
  } else if (!quiet) {
    say('everything is up to date')
  }
} catch (error) {
  console.error(/** @type {Error} */ (error).message)
  say('the set-up failed')
  process.exitCode = 1
}
