/** Starts everyone, loads the cases, checks results, and finds out how many steps fill the time of a measurement. */
import { check, referenceOf } from './check.mjs'
import { startChild } from './child.mjs'
import { peers } from './peers.mjs'
import { environmentOf } from './setup.mjs'

/** How long one measurement shall take, in microseconds. */
const target = 250_000
const most = 20_000

export const sampleCase = 'sample'

/** Everybody who was asked for, chainrule first: the others are checked against it. */
export function participants(names, cores) {
  const chosen = peers.filter((p) => names.length === 0 || p.name === 'chainrule' || names.includes(p.name))
  return chosen.flatMap((peer) => {
    const counts = peer.oneThreadOnly || cores === 1 ? [1] : [1, cores]
    return counts.map((threads) => ({ peer, threads, cases: {} }))
  })
}

/** One that does not start stays in the list, with the reason. */
export async function start(row, { folder, log }) {
  const environment = environmentOf(row.peer.environment)
  if (environment.reason) return { ...row, reason: environment.reason }
  const child = startChild(row.peer, row.threads, environment, log)
  const load = (name) => child.ask('load', { folder, case: name })
  try {
    return { ...row, child: { ...child, load }, about: await child.ask('about') }
  } catch (error) {
    child.close()
    return { ...row, reason: error.message }
  }
}

async function calibrate(child, name) {
  const ask = async (steps) => (await child.ask('steps', { case: name, steps })).microseconds
  let time = await ask(1)
  if (time < target) time = await ask(Math.ceil(Math.min(most, target / 5 / time)))
  return Math.max(1, Math.min(most, Math.round(target / time)))
}

async function calibratePrediction(child, name) {
  const ask = async (calls) => (await child.ask('predict', { case: name, calls })).microseconds
  const callsIn = (time) => Math.max(1, Math.round(target / time))
  // Node compiles a function well only after some thousand calls.
  return callsIn(await ask(callsIn(await ask(200))))
}

/** Makes the row ready for one case: `{ steps, deviation, times: [] }`, or `{ reason }`. */
export async function prepareCase(row, spec, references) {
  const { peer, child } = row
  if (peer.skip?.[spec.name]) return { reason: peer.skip[spec.name] }
  try {
    const own = peer.name === 'chainrule' && !references[spec.name]
    if (own) references[spec.name] = await referenceOf(child, spec.name)
    if (peer.ownLoss) await child.load(spec.name)
    const checked = peer.ownLoss ? {} : await check(child, peer, spec, references[spec.name])
    if (checked.reason) return checked
    return { ...checked, count: await calibrate(child, spec.name), times: [] }
  } catch (error) {
    return { reason: error.message }
  }
}

/** One sample through the net of `spec`, which the row has loaded already. */
export async function prepareSample(row, spec) {
  if (row.peer.skip?.[sampleCase]) return { reason: row.peer.skip[sampleCase] }
  const { reason } = row.cases[spec.name] ?? {}
  if (reason) return { reason }
  try {
    return { count: await calibratePrediction(row.child, spec.name), loaded: spec.name, times: [] }
  } catch (error) {
    return { reason: error.message }
  }
}
