// What takes longer than `npm test` may: the fuzz at full size, the sanitizers, trainings to their accuracies.
// `npm run test:long -- fuzz` runs one of these parts: fuzz, sanitize, training. Needs scripts/setup.mjs.
import { fuzz, instructionSets, runChecks } from './lib/checks.mjs'
import { root } from './lib/paths.mjs'
import { closingLine, total } from './lib/results.mjs'
import { sanitize } from './lib/sanitizers.mjs'
import { heading, vitest } from './lib/vitest.mjs'

/** @typedef {import('./lib/results.mjs').Counts} Counts */

function fuzzAtFullSize() {
  heading('fuzz')
  return runChecks(root, [
    ...instructionSets().flatMap((isa) => fuzz('kernels', { seeds: 5, calls: 50_000, isa })),
    ...fuzz('raw', { seeds: 20, calls: 20_000 }),
    ...fuzz('public', { seeds: 20, calls: 10_000 }),
  ])
}

/** @type {Record<string, () => Counts>} */
const parts = {
  fuzz: fuzzAtFullSize,
  training: () => vitest('long trainings', ['--project', 'long']),
  sanitize: () => sanitize(['address', 'thread'], 2),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !parts[name])
if (unknown.length > 0) throw new Error(`${unknown}: expected ${Object.keys(parts).join(', ')}`)
const chosen = Object.entries(parts).filter(([name]) => wanted.length === 0 || wanted.includes(name))
const counts = total(chosen.map(([, part]) => part()))
console.log(`\n${closingLine(counts)}`)
process.exitCode = counts.failed > 0 ? 1 : 0
