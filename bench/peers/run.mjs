/**
 * npm run bench:peers [-- --rounds N] [--case NAME]... [--peer NAME]... [--out FILE] [--json FILE] [--log FILE]
 *
 * chainrule and its peers on the same work in the same run. Installs them first, in folders that git ignores. Each is a
 * child process, and there is one for each number of threads. Writes FILE.md and FILE.json (--out), by default
 * bench/results/peers-<cores> when everything was measured. --log: where the children's messages go.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { info } from '../../dist/index.js'
import { cases, predictions } from '../cases.mjs'
import { writeCase } from './inputs.mjs'
import { markdown } from './markdown.mjs'
import { resultsOf } from './results.mjs'
import { runRounds } from './rounds.mjs'
import { participants, prepareCase, preparePrediction, start } from './rows.mjs'
import { environmentOf } from './setup.mjs'

const text = { type: 'string' }
const list = { type: 'string', multiple: true, default: [] }
const { values: options } = parseArgs({
  options: { rounds: { ...text, default: '9' }, case: list, peer: list, out: text, json: text, log: text },
})
const say = (message) => console.error(`bench:peers: ${message}`)
const { cores } = info()
const rounds = Number(options.rounds)
const wanted = (name) => options.case.length === 0 || options.case.includes(name)
const single = predictions.filter((p) => wanted(p.name))
// A prediction goes through the network of a case, which is checked first.
const specs = cases.filter((c) => wanted(c.name) || single.some((p) => p.of === c.name))
const names = [...cases, ...predictions].map((c) => c.name).filter(wanted)
const unknown = options.case.filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`--case: there is no ${unknown}`)

function machineOf(load) {
  const { platform, arch } = process
  const date = new Date().toISOString().slice(0, 10)
  return { processor: cpus()[0].model.trim(), cores, platform: `${platform} ${arch}`, load, date }
}

/** Rows that were started are added to `started` one by one, so that they can be closed whatever happens. */
async function prepare(rows, folder, started) {
  const references = {}
  for (const waiting of rows) {
    const began = performance.now()
    const row = await start(waiting, { folder, log: options.log })
    started.push(row)
    if (!row.child && row.peer.name === 'chainrule') throw new Error(`chainrule itself: ${row.reason}`)
    for (const spec of row.child ? specs : []) row.cases[spec.name] = await prepareCase(row, spec, references)
    for (const one of row.child ? single : []) row.cases[one.name] = await preparePrediction(row, one)
    const reasons = Object.entries(row.cases).flatMap(([name, { reason }]) => (reason ? `${name}: ${reason}` : []))
    const state = row.reason ?? (reasons.length > 0 ? `ready, without ${reasons.join('; ')}` : 'ready')
    say(`${row.peer.title}, threads ${row.threads}: ${state} (${((performance.now() - began) / 1000).toFixed(0)} s)`)
  }
}

/** One entry per peer; what it says of itself is the same for every number of threads. */
function peersOf(rows) {
  const entries = rows.map(({ peer, about, reason }) => [
    peer.name,
    { title: peer.title, oneThreadOnly: peer.oneThreadOnly, ownLoss: peer.ownLoss, about, reason },
  ])
  return [...new Map(entries).values()]
}

function write(report) {
  const page = markdown(report)
  console.log(page)
  const whole = options.case.length === 0 && options.peer.length === 0
  const standard = fileURLToPath(new URL(`../results/peers-${cores}`, import.meta.url))
  const out = options.out?.replace(/\.(md|json)$/, '') ?? (whole ? standard : null)
  const json = `${JSON.stringify(report, null, 1)}\n`
  if (out) writeFileSync(`${out}.md`, page)
  for (const file of [out && `${out}.json`, options.json]) if (file) writeFileSync(file, json)
}

const participating = participants(options.peer, cores)
// Everything is installed before the load of the machine is looked at.
for (const { peer } of participating) environmentOf(peer.environment)
const machine = machineOf(loadavg()[0])
if (machine.load > 0.5) say('the machine is busy: the figures are worth less than usual')
const rows = []
const folder = mkdtempSync(join(tmpdir(), 'chainrule-peers-'))
try {
  for (const spec of specs) writeCase(folder, spec)
  await prepare(participating, folder, rows)
  await runRounds(rows, names, rounds, say)
  const given = process.argv.slice(2)
  const command = ['npm run bench:peers', ...(given.length > 0 ? ['--', ...given] : [])].join(' ')
  write({ machine, command, rounds, specs, predictions: single, results: resultsOf(rows, names), peers: peersOf(rows) })
} finally {
  for (const row of rows) row.child?.close()
  rmSync(folder, { recursive: true, force: true })
}
