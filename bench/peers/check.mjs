/** Before a time is believed: the same losses, correct predictions and probabilities as chainrule on one thread. */

const steps = 20
/** How many steps may be compared: those where each takes seconds do not take them all. */
const counts = [2, 5, steps]
// Far above rounding (1e-6), and far below what another rate or a forgotten update would do to the slowest case.
const tolerance = 1e-4

const largest = (list) => list.reduce((a, b) => Math.max(a, b), 0)

/** The largest relative deviation of a loss from the reference's. */
const deviationOf = (losses, reference) =>
  largest(losses.map((loss, i) => (Number.isFinite(loss) ? Math.abs(loss / reference[i] - 1) : Infinity)))

/** What chainrule computes, and what the others are held against. */
export async function referenceOf(child, name) {
  const results = {}
  for (const n of counts) results[n] = await childResult(child, name, n)
  return results
}

/** Each count starts from a network that was loaded anew, because not every peer can start again. */
async function childResult(child, name, n) {
  await child.load(name)
  return {
    ...(await child.ask('losses', { case: name, steps: n })),
    ...(await child.ask('predict', { case: name, calls: 1 })),
  }
}

/** Predictions of one step: a text has one per character. */
const labelsOf = ({ batch, network: { tokens, input } }) => (tokens ? batch * input[0] : batch)

/** `{ steps, deviation }`, with a `reason` where they disagree. */
export async function check(child, peer, spec, reference) {
  const n = peer.checkSteps?.[spec.name] ?? steps
  const [got, wanted] = [await childResult(child, spec.name, n), reference[n]]
  const deviation = deviationOf(got.losses, wanted.losses)
  const missed = Math.abs(got.correct - wanted.correct)
  const output = largest(got.output.map((v, i) => Math.abs(v - wanted.output[i])))
  const answer = { steps: n, deviation }
  if (!(deviation <= tolerance)) answer.reason = `its losses deviate by ${deviation.toExponential(1)}`
  else if (missed > n * labelsOf(spec) * 0.002)
    answer.reason = `it counts ${got.correct} correct, not ${wanted.correct}`
  else if (!(output <= 10 * tolerance)) answer.reason = `its prediction deviates by ${output.toExponential(1)}`
  return answer
}
