/** The figures as text: medians, and minima of the times. */

const number = (v, digits) => (v === undefined ? '' : v.toLocaleString('en-US', { maximumSignificantDigits: digits }))
const times = ({ min, median }) => `${number(min, 4)} / ${number(median, 4)}`

function aligned(rows) {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((r) => r[c].length)))
  return rows.map((r) => r.map((cell, c) => cell.padStart(widths[c])).join('  ')).join('\n')
}

const ratio = (s) => (s ? s.median.toFixed(2) : '')

export function timeTable(name, points) {
  const header = [name, 'threads', 'step, µs min / median', 'bare sgemm, µs min / median', 'step / bare', 'speed-up']
  const rows = points.map((p) => [
    `${p.x}`,
    `${p.threads}`,
    times(p.step),
    times(p.bare),
    ratio(p.stepToBare),
    ratio(p.speedUp),
    ratio(p.bareSpeedUp),
    number(p.flops / p.step.median / 1000, 3),
    `${(100 * p.fractionOfPeak.median).toFixed(1)} %`,
  ])
  return `${aligned([[...header, 'of bare', 'GFLOP/s', 'of 2048³ sgemm'], ...rows])}\n`
}

export function memoryTable(name, points) {
  const kinds = ['scratch', 'parameters', 'gradients', 'slots', 'total', 'resident']
  const rows = points.map((p) => [`${p.x}`, ...kinds.map((k) => (p[k] / 1e6).toFixed(3))])
  return `${aligned([[name, ...kinds.map((k) => `${k}, MB`)], ...rows])}\n`
}
