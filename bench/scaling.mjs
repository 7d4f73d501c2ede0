/**
 * npm run bench:scaling [-- --rounds N] [--ms N] [--threads 1,2,4] [--only threads,batch,width,memory] [--case NAME]
 *   [--out FILE] [--plots DIRECTORY] [--from FILE]
 *
 * How time and memory of a training step grow with threads, batch size and width. Everything is measured once per
 * round, in turn, so that a drift of the machine meets all alike. `--from` draws the plots of an earlier report again.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { info, setThreads } from 'chainrule'
import { measure } from './scaling/measure.mjs'
import { memoryOf } from './scaling/memory.mjs'
import { plotsOf } from './scaling/plots.mjs'
import { sweeps } from './scaling/points.mjs'
import { memoryTable, timeTable } from './scaling/table.mjs'

const kinds = ['threads', 'batch', 'width', 'memory']
const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '21' },
    ms: { type: 'string', default: '100' },
    threads: { type: 'string' },
    only: { type: 'string', default: kinds.join() },
    case: { type: 'string' },
    out: { type: 'string' },
    plots: { type: 'string', default: fromHere('../docs/plots') },
    from: { type: 'string' },
  },
})

function positive(name, value) {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name}: expected a whole number from 1, got ${value}`)
  return number
}

function machine(load) {
  if (!info().blas)
    throw new Error('The yardstick is the sgemm of a BLAS library, and none was found: install OpenBLAS.')
  const { library: _, ...blas } = info().blas
  return { processor: cpus()[0].model.trim(), node: process.version, load, ...info(), blas }
}

/** 1, 2, 4, 8, 16 as far as there are cores, and all cores up to 16. */
function threadCounts() {
  const { cores } = info()
  const usual = [1, 2, 4, 8, 16, Math.min(cores, 16)].filter((t) => t <= cores)
  const counts = options.threads ? options.threads.split(',').map((t) => positive('threads', t)) : usual
  return [...new Set(counts)].sort((a, b) => a - b)
}

/** Every point with its thread counts: all of them for the cases, else the ends. */
function planned(only, counts) {
  const ends = [...new Set([counts[0], counts.at(-1)])]
  return Object.entries(sweeps())
    .filter(([kind]) => only.includes(kind))
    .map(([kind, specs]) => [
      kind,
      specs
        .filter((spec) => kind !== 'threads' || !options.case || spec.name === options.case)
        .map((spec) => [spec, kind === 'threads' ? counts : ends]),
    ])
}

async function run() {
  const load = loadavg()[0]
  const only = options.only.split(',')
  for (const kind of only) if (!kinds.includes(kind)) throw new Error(`--only: expected ${kinds}, got ${kind}`)
  const begin = performance.now()
  const counts = threadCounts()
  const plan = planned(only, counts)
  const rounds = positive('rounds', options.rounds)
  const command = ['npm run bench:scaling', ...process.argv.slice(2)].join(' ').replace('scaling ', 'scaling -- ')
  const about = machine(load)
  console.log(`${about.processor}, ${about.cores} cores, load ${load.toFixed(2)}; Node ${about.node}`)
  console.log(`${about.blas.name} ${about.blas.version} (${about.blas.core}), kernels ${about.isa}; threads ${counts}`)
  if (load > 0.5) console.log('The machine is busy: the figures are worth less than usual.')
  const said = (text) => console.log(`${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s  ${text}`)
  const memory = only.includes('memory') ? memories() : undefined
  const all = plan.flatMap(([, points]) => points)
  const measured =
    all.length > 0 ? await measure(all, { rounds, milliseconds: positive('ms', options.ms), said }) : null
  setThreads(about.threads)
  const times = {}
  for (const [kind, points] of plan) times[kind] = measured.points.splice(0, points.flatMap(([, c]) => c).length)
  const seconds = Math.round((performance.now() - begin) / 1000)
  return { machine: about, command, rounds, seconds, peak: measured?.peak ?? [], ...times, memory }
}

function memories() {
  const { batch, width } = sweeps()
  return { batch: batch.map(memoryOf), width: width.map(memoryOf) }
}

function print({ peak, threads, batch, width, memory, seconds }) {
  const parts = [peak.map((p) => `sgemm 2048³, ${p.threads} threads: ${p.median.toFixed(1)} GFLOP/s\n`).join('')]
  for (const [name, points] of Object.entries({ case: threads, batch, width }))
    if (points?.length) parts.push(timeTable(name, points))
  if (memory) parts.push(memoryTable('batch', memory.batch), memoryTable('width', memory.width))
  console.log(`\n${parts.join('\n')}\n${seconds} s`)
}

function draw(report) {
  mkdirSync(options.plots, { recursive: true })
  for (const [name, svg] of plotsOf(report)) writeFileSync(join(options.plots, name), svg)
}

if (options.from) draw(JSON.parse(readFileSync(options.from, 'utf8')))
else {
  const report = await run()
  const out = options.out ?? fromHere(`results/scaling-${report.machine.cores}.json`)
  writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`)
  print(report)
  draw(report)
}
