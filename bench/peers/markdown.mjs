/** The results as one page of Markdown. */

const time = (value) => (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en'))
const ratio = (value) => (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0))
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const nameOf = ({ title, threads }) => `${title}, ${threads} thread${threads > 1 ? 's' : ''}`

function titleOf(name, { specs, predictions }) {
  const of = predictions.find((p) => p.name === name)?.of
  const { network, batch, optimizer } = specs.find((s) => s.name === (of ?? name))
  if (of) return `${name}: one sample through ${network.title}, from host array to host array, µs`
  return `${name}: a training step of ${network.title}, batch ${batch}, ${optimizer.name}, µs`
}

function caseTable({ rows }) {
  const compared = rows.some((row) => row.deviation !== undefined)
  const head = [
    'who',
    'min',
    'median',
    'chainrule is × as fast',
    'of minima',
    ...(compared ? ['losses deviate by'] : []),
  ]
  const lines = rows
    .filter((row) => !row.reason)
    .map((row) => {
      const own = row.name === 'chainrule'
      const { median, ofMinima } = row.chainruleTimesAsFast ?? {}
      const ratios = own || !median ? ['', ''] : [ratio(median), ratio(ofMinima)]
      const deviation = row.deviation === undefined ? 'not compared' : deviationOf(row)
      return [nameOf(row), time(row.min), time(row.median), ...ratios, ...(compared ? [deviation] : [])]
    })
  return table(head, lines)
}

const deviationOf = ({ deviation, stepsCompared }) =>
  deviation === 0 ? '0' : `${deviation.toExponential(0)}${stepsCompared < 20 ? ` (${stepsCompared} steps)` : ''}`

function bestTable(results) {
  const lines = results.flatMap(({ case: name, best }) =>
    best.map((b) => [name, b.title, b.threads, b.chainruleThreads, ratio(b.median), ratio(b.ofMinima)]),
  )
  const head = ['case', 'against', 'its threads', "chainrule's", 'chainrule is × as fast', 'of minima']
  return table(head, lines)
}

function leftOut(results, peers) {
  const lines = results.flatMap(({ case: name, rows }) =>
    rows.filter((row) => row.reason).map((row) => `- ${name}: ${nameOf(row)}: ${row.reason}`),
  )
  for (const { title, oneThreadOnly } of peers)
    if (oneThreadOnly) lines.push(`- ${title} has one row: ${oneThreadOnly}`)
  return lines.join('\n')
}

function versionsTable(peers) {
  const lines = peers
    .filter((peer) => peer.about)
    .map(({ title, about }) => {
      const versions = Object.entries(about.versions).map(([name, version]) => `${name} ${version}`)
      return [title, versions.join(', '), about.blas, about.how]
    })
  return table(['who', 'versions', 'products of matrices', 'how'], lines)
}

export function markdown(report) {
  const { machine, command, rounds, results, peers } = report
  const notes = peers.filter((peer) => peer.ownLoss).map((peer) => `${peer.title}: ${peer.ownLoss}.`)
  return `# chainrule and its peers

${machine.processor}, ${machine.cores} cores, ${machine.platform}; load at the start ${machine.load.toFixed(2)}; ${machine.date}.
\`${command}\`: ${rounds} rounds, in each of which everybody is measured once per case, in turn.

A step is: gather of the batch by row number, conversion to float32, forward pass, softmax cross-entropy, backward pass,
update, sums of loss and accuracy. All start from the same weights and take the same batches. Before a time is believed,
the losses of 20 steps, the correct predictions in them and a prediction after them are compared with chainrule's.
chainrule shuffles in each epoch, the others get the order of the batches ready-made. "× as fast" is the other's time
through chainrule's: the median of the ratios in the rounds, then that of the minima; with the same number of threads.
${notes.join('\n')}

${results.map((result) => `## ${titleOf(result.case, report)}\n\n${caseTable(result)}`).join('\n\n')}

## Each at its best number of threads

${bestTable(results)}

## Left out

${leftOut(results, peers)}

## Versions

${versionsTable(peers)}
`
}
