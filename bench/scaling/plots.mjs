/** Which figures are drawn of a report of bench/scaling.mjs. */
import { figure } from '../plot.mjs'

// Told apart by colour-blind eyes too (Okabe and Ito).
const colors = {
  spiral: '#009e73',
  fashion: '#0072b2',
  wide: '#d55e00',
  one: '#0072b2',
  all: '#d55e00',
  grey: '#57606a',
}
const bareStyle = { dash: '5 4', hollow: true }
const line = { color: colors.grey, dash: '2 3', thin: true }

const machineOf = ({ machine, rounds }) =>
  `${machine.processor}, ${machine.cores} cores; ${machine.blas.name} ${machine.blas.version} (${machine.blas.core}); ` +
  `Node ${machine.node}; medians of ${rounds} rounds`

const median = (key) => (p) => p[key]?.median
const pick = (points, x, y) => points.map((p) => [x(p), y(p)]).filter(([, v]) => v !== undefined)

function threadPanels({ threads, peak }) {
  const names = [...new Set(threads.map((p) => p.x))]
  const of = (name, key) =>
    pick(
      threads.filter((p) => p.x === name),
      (p) => p.threads,
      median(key),
    )
  const counts = peak.map((p) => p.threads)
  const single = peak.find((p) => p.threads === 1)?.median
  const x = { label: 'threads', scale: 'linear', ticks: counts }
  const steps = (key) => names.map((n) => ({ label: `${n}, step`, color: colors[n], points: of(n, key) }))
  const bare = names.map((n) => ({
    label: `${n}, bare sgemm`,
    color: colors[n],
    ...bareStyle,
    points: of(n, 'bareSpeedUp'),
  }))
  const big = {
    label: 'sgemm 2048³',
    color: colors.grey,
    ...bareStyle,
    points: peak.map((p) => [p.threads, p.median / single]),
  }
  const ideal = { label: 'ideal', ...line, points: counts.map((c) => [c, c]) }
  const percent = steps('fractionOfPeak').map((s) => ({ ...s, points: s.points.map(([c, v]) => [c, 100 * v]) }))
  return [
    single && {
      title: 'Speed-up',
      x,
      y: { label: 'times as fast as 1 thread' },
      series: [ideal, big, ...bare, ...steps('speedUp')],
    },
    { title: 'Use of the processor', x, y: { label: '% of the sgemm 2048³ rate', top: 100 }, series: percent },
  ].filter(Boolean)
}

/** Step solid, bare sgemm dashed, a colour per thread count. */
function pairs(points, stepValue, bareValue) {
  const counts = [...new Set(points.map((p) => p.threads))]
  return counts.flatMap((count, i) => {
    const own = points.filter((p) => p.threads === count)
    const color = i === 0 ? colors.one : colors.all
    const named = `${count} thread${count > 1 ? 's' : ''}`
    const step = { label: `step, ${named}`, color, points: pick(own, (p) => p.x, stepValue) }
    if (!bareValue) return [step]
    const bare = { label: `bare sgemm, ${named}`, color, ...bareStyle, points: pick(own, (p) => p.x, bareValue) }
    return [bare, step]
  })
}

const level = (points) => ({
  label: 'as fast',
  ...line,
  points: [...new Set(points.map((p) => p.x))].map((x) => [x, 1]),
})

function sweepPanels(points, x, time) {
  const rate = (key) => (p) => p.flops / p[key].median / 1000
  const speedUps = (key) =>
    pick(
      points,
      (p) => p.x,
      (p) => (p.threads > 1 ? p[key]?.median : undefined),
    )
  const most = Math.max(...points.map((p) => p.threads))
  const faster = pairs(points, median('speedUp'), median('bareSpeedUp')).filter((s) => s.color === colors.all)
  const panels = [
    {
      title: time.title,
      x,
      y: { label: time.label, scale: 'log' },
      series: pairs(points, time.of('step'), time.of('bare')),
    },
    {
      title: 'Rate of the products',
      x,
      y: { label: 'GFLOP/s', scale: 'log' },
      series: pairs(points, rate('step'), rate('bare')),
    },
    {
      title: 'Against bare sgemm',
      x,
      y: { label: 'step / bare sgemm' },
      series: [level(points), ...pairs(points, median('stepToBare'))],
    },
  ]
  if (speedUps('speedUp').length > 0)
    panels.push({
      title: `${most} threads against 1`,
      x,
      y: { label: 'times as fast as 1 thread' },
      series: [level(points), ...faster],
    })
  return panels
}

function memoryPanels(points, x) {
  const of = (bytes) => points.map((p) => [p.x, bytes(p) / 1e6])
  const series = [
    { label: 'resident: growth of the process', color: colors.grey, ...bareStyle, points: of((p) => p.resident) },
    { label: 'parameters', color: colors.spiral, dash: '2 3', thin: true, points: of((p) => p.parameters) },
    { label: 'gradients and Adam’s two slots', color: colors.spiral, points: of((p) => p.gradients + p.slots) },
    { label: 'scratch', color: colors.fashion, points: of((p) => p.scratch) },
    { label: 'all of it', color: colors.wide, points: of((p) => p.total) },
  ]
  return [{ title: 'Native memory in training', x, y: { label: 'MB (1,000,000 bytes)', scale: 'log' }, series }]
}

const batchAxis = { label: 'batch size', scale: 'log' }
const widthAxis = { label: 'width w of both hidden layers', scale: 'log' }
const perSample = { title: 'Time per sample', label: 'µs per sample', of: (key) => (p) => p[key].median / p.batch }
const perStep = { title: 'Time per step', label: 'µs per step', of: (key) => (p) => p[key].median }

/** File name and SVG text of each figure that the report has figures for. */
export function plotsOf(report) {
  const note = machineOf(report)
  const { threads, batch, width, memory } = report
  const drawn = {
    threads: threads?.length && ['Training step over threads', threadPanels(report)],
    batch: batch?.length && ['784-128-128-10 over the batch size', sweepPanels(batch, batchAxis, perSample)],
    width: width?.length && ['784-w-w-10, batch 128, over the width', sweepPanels(width, widthAxis, perStep)],
    'memory-batch': memory && ['Memory of 784-128-128-10 over the batch size', memoryPanels(memory.batch, batchAxis)],
    'memory-width': memory && [
      'Memory of 784-w-w-10, batch 128, over the width',
      memoryPanels(memory.width, widthAxis),
    ],
  }
  return Object.entries(drawn)
    .filter(([, figures]) => figures)
    .map(([name, [title, panels]]) => [
      `scaling-${name}.svg`,
      figure({
        title,
        note: name.startsWith('memory') ? 'Adam, float32; nothing here depends on the machine but “resident”' : note,
        columns: panels.length > 1 ? 2 : 1,
        panels,
      }),
    ])
}
