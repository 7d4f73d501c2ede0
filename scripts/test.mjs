// Everything that must hold: lint, types, tests on every instruction set, in debug mode, end to end.
// `npm test -- FILTER` runs only the tests that vitest finds for FILTER, in this environment. Needs scripts/setup.mjs.
import { closingLine, total } from './lib/results.mjs'
import { run, runVisibly } from './lib/run.mjs'
import { heading, plainEnvironment, vitest } from './lib/vitest.mjs'

/** @typedef {import('./lib/results.mjs').Counts} Counts */

/**
 * A check that passes or fails as a whole.
 * @param {string} script  of package.json
 * @returns {Counts}
 */
function check(script) {
  heading(script)
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const isGood = runVisibly([...npm, 'run', '--silent', script]) === 0
  return { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0 }
}

/**
 * The instruction sets that the built addon has on this machine, and the one it takes by itself.
 * @returns {{ isa: string, isaAvailable: string[] }}
 */
function askAddon() {
  const ask = "import('./dist/index.js').then((m) => process.stdout.write(JSON.stringify(m.info())))"
  const info = JSON.parse(run([process.execPath, '-e', ask], plainEnvironment))
  if (!info.isaAvailable?.includes(info.isa)) {
    throw new Error(`info() should name isa and isaAvailable, but is ${JSON.stringify(info)}`)
  }
  return info
}

/** @returns {Counts[]} */
function testOnEveryInstructionSet() {
  const unit = ['--project', 'unit']
  const { isa, isaAvailable } = askAddon()
  const others = isaAvailable.filter((name) => name !== isa)
  return [
    vitest(`tests, ${isa}`, [...unit, '--project', 'once']),
    ...others.map((name) => vitest(`tests, ${name}`, unit, { ...plainEnvironment, CHAINRULE_ISA: name })),
    vitest(`tests, ${isa}, debug mode`, unit, { ...plainEnvironment, CHAINRULE_DEBUG: '1' }),
    vitest('end to end', ['--project', 'e2e']),
  ]
}

/** @returns {Counts[]} */
function testEverything() {
  const checks = [check('lint'), check('typecheck')]
  try {
    return [...checks, ...testOnEveryInstructionSet()]
  } catch (error) {
    console.error(/** @type {Error} */ (error).message)
    return [...checks, { passed: 0, failed: 1, skipped: 0 }]
  }
}

const filter = process.argv.slice(2)
const counts = total(filter.length > 0 ? [vitest('tests', filter, process.env)] : testEverything())
console.log(`\n${closingLine(counts)}`)
process.exitCode = counts.failed > 0 ? 1 : 0
