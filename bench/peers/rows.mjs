/** Starts everyone, loads the cases, checks results, and finds out how many steps fill the time of a measurement. */
import { check, referenceOf } from './check.mjs'
import { startChild } from './child.mjs'
import { peers } from './peers.mjs'
import { environmentOf } from './setup.mjs'

/** How long one measurement shall take, in microseconds. */
const target = 250_000
const most = 20_000

/** Everybody who was asked for, chainrule first: the others are checked against the first that has the case. */
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
  const reason = peer.leftOut?.(spec)
  if (reason) return { reason }
  try {
    if (!peer.ownLoss) references[spec.name] ??= await referenceOf(child, spec.name)
    if (peer.ownLoss) await child.load(spec.name)
    const checked = peer.ownLoss ? {} : await check(child, peer, spec, references[spec.name])
    if (checked.reason) return checked
    return { ...checked, count: await calibrate(child, spec.name), times: [] }
  } catch (error) {
    return { reason: error.message }
  }
}

/** One sample through the network of a case, which the row has loaded already. */
export async function preparePrediction(row, { of }) {
  const reason = row.peer.noPredictions ?? row.cases[of]?.reason
  if (reason) return { reason }
  try {
    return { count: await calibratePrediction(row.child, of), loaded: of, times: [] }
  } catch (error) {
    return { reason: error.message }
  }
}
