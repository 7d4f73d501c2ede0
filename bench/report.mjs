/** Figures of many rounds as minimum, median and ratios. */

export function spread(list) {
  const sorted = [...list].sort((a, b) => a - b)
  return { min: sorted[0], median: sorted[sorted.length >> 1], max: sorted.at(-1) }
}

/** Per figure its spread; ratios are taken within each round. */
export function summarize(rounds) {
  const figures = {}
  for (const key of Object.keys(rounds[0])) figures[key] = spread(rounds.map((r) => r[key]))
  const ratios = { stepToSgemm: spread(rounds.map((r) => r.step / r.sgemm)) }
  if (rounds[0].numpy) ratios.stepToNumpy = spread(rounds.map((r) => r.step / r.numpy))
  return { figures, ratios, ratioOfMinima: figures.step.min / figures.sgemm.min }
}

const show = ({ min, median, max }, digits) => [min, median, max].map((v) => v.toFixed(digits).padStart(9)).join(' ')

export function table({ case: name, threads, figures, ratios, ratioOfMinima }, { network, batch }) {
  const title = `${name} ${network.title}, batch ${batch}, ${threads} thread${threads > 1 ? 's' : ''}`
  const lines = [
    `${title.padEnd(52)}      min    median       max`,
    `  training step, µs${' '.repeat(33)}${show(figures.step, 1)}`,
    `  its bare sgemm calls, µs${' '.repeat(26)}${show(figures.sgemm, 1)}`,
    `  step / bare sgemm${' '.repeat(33)}${show(ratios.stepToSgemm, 3)}   of minima ${ratioOfMinima.toFixed(3)}`,
    `  sgemm 2048³, GFLOP/s${' '.repeat(30)}${show(figures.gflops, 1)}`,
  ]
  if (figures.numpy)
    lines.push(
      `  NumPy's step, µs${' '.repeat(34)}${show(figures.numpy, 1)}`,
      `  step / NumPy${' '.repeat(38)}${show(ratios.stepToNumpy, 3)}`,
    )
  return `${lines.join('\n')}\n`
}
