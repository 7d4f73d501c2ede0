// The addon under sanitizers: built by CMake, beside a copy of the scripts that use it, and run by a plain Node.
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fuzz, instructionSets, runChecks, scenarios } from './checks.mjs'
import { root } from './paths.mjs'
import { total } from './results.mjs'
import { run } from './run.mjs'
import { heading } from './vitest.mjs'

/** @typedef {import('./results.mjs').Counts} Counts */
/** @typedef {import('./checks.mjs').Check} Check */

const ends = ['exitInMidRun', 'exitAtOnce', 'exitWithQueue', 'exitWithWorkers', 'throwInMidRun', 'syncThenExit']
const rounds = ['twoWorkers', 'terminateWhileStarting', 'mainAndWorker', 'terminateSynchronous', 'endWhileQueued']
const whole = ['endByItself', 'twoWorkersToTheEnd', 'synchronousPredictions']
const lifecycle = (/** @type {number} */ times) => scenarios([...ends, ...rounds, ...whole], 2 * times)

/**
 * @typedef {object} Sanitizer
 * @property {string} name
 * @property {string} flags  as in -fsanitize=
 * @property {string[]} libraries  to be loaded before Node's own
 * @property {NodeJS.ProcessEnv} options
 * @property {(times: number) => Check[]} checks
 */

/** @type {Sanitizer[]} */
const sanitizers = [
  {
    name: 'address',
    flags: 'address,undefined',
    libraries: ['libasan.so', 'libubsan.so'],
    options: {
      ASAN_OPTIONS: 'detect_leaks=0', // what Node leaves behind at its end is not ours
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
    checks: (times) => [
      ...instructionSets().flatMap((isa) => fuzz('kernels', { seeds: times, calls: 20_000, isa })),
      ...fuzz('raw', { seeds: times, calls: 4000 }),
      ...fuzz('public', { seeds: times, calls: 2000 }),
      ...lifecycle(times),
    ],
  },
  {
    name: 'thread',
    flags: 'thread',
    libraries: ['libtsan.so'],
    options: { TSAN_OPTIONS: 'exitcode=0:history_size=5' }, // Node has races of its own: the reports are read instead
    checks: (times) => [...fuzz('kernels', { seeds: times, calls: 5000 }), ...lifecycle(times)],
  },
]

/** Builds the addon, and copies what runs: the bundle looks for the addon at a fixed place beside it. */
function build(/** @type {Sanitizer} */ { flags }, /** @type {string} */ folder) {
  const made = `${folder}-build`
  run(['cmake', '-S', root, '-B', made, `-DCHAINRULE_SANITIZE=${flags}`])
  run(['cmake', '--build', made, '--parallel', String(availableParallelism())])
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'build/Release'), { recursive: true })
  cpSync(join(made, 'chainrule.node'), join(folder, 'build/Release/chainrule.node'))
  for (const part of ['dist', 'package.json', 'test/e2e'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
}

/**
 * @param {string[]} names  of sanitizers: address, thread
 * @param {number} times  how much more than the least
 * @returns {Counts}
 */
export function sanitize(names, times) {
  const counts = sanitizers
    .filter(({ name }) => names.includes(name))
    .map((sanitizer) => {
      heading(`sanitizers: ${sanitizer.flags}`)
      const folder = join(root, 'build/sanitize', sanitizer.name)
      build(sanitizer, folder)
      const preload = sanitizer.libraries.map((name) => run(['g++', `-print-file-name=${name}`]).trim()).join(' ')
      return runChecks(folder, sanitizer.checks(times), { LD_PRELOAD: preload, ...sanitizer.options })
    })
  return total(counts)
}
