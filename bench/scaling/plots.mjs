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

function speedUpOver({ threads, peak }, x) {
  const single = peak.find((p) => p.threads === 1)?.median
  if (!single) return []
  const cases = namesOf(threads).flatMap((name) => [
    { label: `${name}, step`, color: colors[name], points: overThreads(threads, name, median('speedUp')) },
    {
      label: `${name}, bare sgemm`,
      color: colors[name],
      ...bareStyle,
      points: overThreads(threads, name, median('bareSpeedUp')),
    },
  ])
  const big = peak.map((p) => [p.threads, p.median / single])
  const series = [
    ...cases,
    { label: 'sgemm 2048³', color: colors.grey, ...bareStyle, points: big },
    { label: 'ideal', ...line, points: peak.map((p) => [p.threads, p.threads]) },
  ]
  return [{ title: 'Speed-up', x, y: { label: 'times as fast as 1 thread' }, series }]
}

const namesOf = (threads) => [...new Set(threads.map((p) => p.x))]
const overThreads = (threads, name, value) =>
  pick(
    threads.filter((p) => p.x === name),
    (p) => p.threads,
    value,
  )

function threadPanels(report) {
  const { threads, peak } = report
  const x = { label: 'threads', scale: 'linear', ticks: peak.map((p) => p.threads) }
  const series = namesOf(threads).map((name) => ({
    label: `${name}, step`,
    color: colors[name],
    points: overThreads(threads, name, (p) => 100 * p.fractionOfPeak.median),
  }))
  const y = { label: '% of the sgemm 2048³ rate', top: 100 }
  return [...speedUpOver(report, x), { title: 'Use of the processor', x, y, series }]
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
    return [step, { label: `bare sgemm, ${named}`, color, ...bareStyle, points: pick(own, (p) => p.x, bareValue) }]
  })
}

const level = (points) => ({ label: 'equally fast', ...line, points: points.map((p) => [p.x, 1]) })

function speedUpPanel(points, x) {
  const most = Math.max(...points.map((p) => p.threads))
  const several = points.filter((p) => p.threads === most)
  if (most === 1 || !several[0].speedUp) return []
  const faster = pairs(points, median('speedUp'), median('bareSpeedUp')).slice(-2)
  const y = { label: 'times as fast as 1 thread' }
  return [{ title: `${most} threads against 1`, x, y, series: [...faster, level(several)] }]
}

function sweepPanels(points, x, { title, label, of }) {
  const rate = (key) => (p) => p.flops / p[key].median / 1000
  const ends = points.filter((p) => p.threads === points[0].threads)
  const ratios = [...pairs(points, median('stepToBare')), level(ends)]
  return [
    { title, x, y: { label, scale: 'log' }, series: pairs(points, of('step'), of('bare')) },
    {
      title: 'Rate of the products',
      x,
      y: { label: 'GFLOP/s', scale: 'log' },
      series: pairs(points, rate('step'), rate('bare')),
    },
    { title: 'Against bare sgemm', x, y: { label: 'step / bare sgemm' }, series: ratios },
    ...speedUpPanel(points, x),
  ]
}

function memoryPanels(points, x) {
  const of = (bytes) => points.map((p) => [p.x, bytes(p) / 1e6])
  const series = [
    { label: 'all of it', color: colors.wide, points: of((p) => p.total) },
    { label: 'scratch', color: colors.fashion, points: of((p) => p.scratch) },
    { label: 'gradients and Adam’s two slots', color: colors.spiral, points: of((p) => p.gradients + p.slots) },
    { label: 'parameters', color: colors.spiral, dash: '2 3', thin: true, points: of((p) => p.parameters) },
    { label: 'growth of the process', color: colors.grey, ...bareStyle, points: of((p) => p.resident) },
  ]
  return [{ x, y: { label: 'MB (1,000,000 bytes)', scale: 'log' }, series }]
}

const batchAxis = { label: 'batch size', scale: 'log' }
const widthAxis = { label: 'width w of both hidden layers', scale: 'log' }
const perSample = { title: 'Time per sample', label: 'µs per sample', of: (key) => (p) => p[key].median / p.batch }
const perStep = { title: 'Time per step', label: 'µs per step', of: (key) => (p) => p[key].median }
const fashion = '784-128-128-10'
const swept = '784-w-w-10, batch 128,'
const memoryNote = 'Native memory in training with Adam, float32; measured is only the growth of the process'

/** File name and SVG text of each figure that the report has figures for. */
export function plotsOf(report) {
  const { threads, batch, width, memory } = report
  const list = []
  const add = (name, title, note, panels) =>
    list.push([`scaling-${name}.svg`, figure({ title, note, columns: Math.min(2, panels.length), panels })])
  const note = machineOf(report)
  if (threads?.length) add('threads', 'A training step over threads', note, threadPanels(report))
  if (batch?.length) add('batch', `${fashion} over the batch size`, note, sweepPanels(batch, batchAxis, perSample))
  if (width?.length) add('width', `${swept} over the width`, note, sweepPanels(width, widthAxis, perStep))
  if (!memory) return list
  add('memory-batch', `Memory of ${fashion} over the batch size`, memoryNote, memoryPanels(memory.batch, batchAxis))
  add('memory-width', `Memory of ${swept} over the width`, memoryNote, memoryPanels(memory.width, widthAxis))
  return list
}
