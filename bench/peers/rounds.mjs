/** Rounds: in each, everybody is measured once per case, in turn, so that a drift of the machine meets all alike. */
import { setTimeout as sleep } from 'node:timers/promises'

// Threads of the one before still spin for a while.
const pause = 60

async function measure(row, name) {
  const of = row.cases[name]
  const [what, fields] = of.loaded
    ? ['predict', { case: of.loaded, calls: of.count }]
    : ['steps', { case: name, steps: of.count }]
  try {
    await sleep(pause)
    of.times.push((await row.child.ask(what, fields)).microseconds)
  } catch (error) {
    of.reason = error.message
  }
}

/** Every second round goes backwards. Times are pushed to `row.cases[name].times`. */
export async function runRounds(rows, names, rounds, say) {
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    for (const name of names) {
      const present = rows.filter((row) => row.child && row.cases[name] && !row.cases[name].reason)
      for (const row of round % 2 ? present.reverse() : present) await measure(row, name)
    }
    say(`round ${round + 1} of ${rounds}: ${((performance.now() - began) / 1000).toFixed(0)} s`)
  }
}
