/** From lists of times to figures and ratios. A ratio says how many times as fast as the other chainrule is. */
import { spread } from '../report.mjs'

const median = (list) => spread(list).median

/** In the round, and of minima. */
function timesAsFast(peer, own) {
  return {
    median: median(peer.times.map((time, i) => time / own.times[i])),
    ofMinima: spread(peer.times).min / spread(own.times).min,
  }
}

const measured = (row, name) => row.cases[name]?.times?.length > 0 && !row.cases[name].reason

/** The thread setting with the smallest median among some rows. */
function fastest(rows, name) {
  const present = rows.filter((row) => measured(row, name))
  return present.sort((a, b) => median(a.cases[name].times) - median(b.cases[name].times))[0]
}

function figuresOf(row, name, rows) {
  const { reason, steps: stepsCompared, deviation, count, times } = row.cases[name] ?? { reason: row.reason }
  const who = { name: row.peer.name, title: row.peer.title, threads: row.threads }
  if (!measured(row, name)) return { ...who, reason: reason ?? row.reason }
  const own = rows.find((r) => r.peer.name === 'chainrule' && r.threads === row.threads)
  const { min, median: middle, max } = spread(times)
  const ratio = measured(own, name) ? timesAsFast(row.cases[name], own.cases[name]) : null
  return { ...who, stepsCompared, deviation, count, min, median: middle, max, chainruleTimesAsFast: ratio, times }
}

const groups = [
  ['PyTorch, the fastest of its rows', ['torch', 'torch-channels-last', 'torch-compile']],
  ['JAX jit', ['jax']],
  ['JAX lax.scan', ['jax-scan']],
  ['TensorFlow', ['tensorflow']],
  ['NumPy', ['numpy']],
  ['TensorFlow.js wasm', ['tfjs-wasm']],
  ['TensorFlow.js cpu', ['tfjs-cpu']],
  ['brain.js', ['brain']],
]

/** Each at its best thread setting. */
function bestOf(rows, name) {
  const own = fastest(
    rows.filter((row) => row.peer.name === 'chainrule'),
    name,
  )
  if (!own) return []
  return groups.flatMap(([title, names]) => {
    const best = fastest(
      rows.filter((row) => names.includes(row.peer.name)),
      name,
    )
    if (!best) return []
    const ratio = timesAsFast(best.cases[name], own.cases[name])
    return { title, peer: best.peer.name, threads: best.threads, chainruleThreads: own.threads, ...ratio }
  })
}

export function resultsOf(rows, names) {
  return names.map((name) => ({
    case: name,
    rows: rows.map((row) => figuresOf(row, name, rows)),
    best: bestOf(rows, name),
  }))
}
