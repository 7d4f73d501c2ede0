// node scenario.mjs NAME: one way for training, workers and the end of the process to meet. Prints "ok" where it returns.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { sleep, stepForever, trainBriefly, trainForever } from './work.mjs'

const rounds = Number(process.env.ROUNDS ?? 20)

function start(task) {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: task })
  const first = once(worker, 'message').then(([message]) => message)
  first.catch(() => {}) // a worker that is ended before it says anything
  return { worker, first }
}

async function repeat(round) {
  for (let i = 0; i < rounds; i++) await round(i)
}

function same(numbers) {
  if (new Set(numbers).size !== 1) throw new Error(`the results differ: ${numbers}`)
}

export const scenarios = {
  // ---- the process ends, once per process
  async exitInMidRun() {
    trainForever()
    await sleep(Math.random() * 30)
    process.exit(0)
  },
  exitAtOnce() {
    trainForever()
    process.exit(0)
  },
  async exitWithQueue() {
    const of = trainForever()
    trainForever()
    for (let i = 0; i < 50; i++) of.predict([Array.from({ length: 64 }, () => i)]).catch(() => {})
    await sleep(Math.random() * 10)
    process.exit(0)
  },
  async exitWithWorkers() {
    trainForever()
    const both = [start('forever'), start('sync')]
    await Promise.all(both.map(({ first }) => first))
    process.exit(0)
  },
  async exitWhileWorkersStart() {
    trainForever()
    start('forever')
    start('sync')
    await sleep(Math.random() * 80)
    process.exit(0)
  },
  async throwInMidRun() {
    trainForever()
    await sleep(Math.random() * 30)
    throw new Error('thrown in mid-run')
  },
  syncThenExit() {
    stepForever(() => process.exit(0))
  },
  /** Nothing may keep a process alive whose work is done. */
  async endByItself() {
    await trainBriefly()
  },

  // ---- workers come and go, many times per process
  async twoWorkers() {
    await repeat(async () => {
      const both = [start('forever'), start('forever')]
      await Promise.all(both.map(({ first }) => first))
      await Promise.all(both.map(({ worker }) => worker.terminate()))
    })
  },
  async terminateWhileStarting() {
    await repeat(async (i) => {
      const { worker } = start(i % 2 ? 'forever' : 'sync')
      await sleep(Math.random() * 80)
      await worker.terminate()
    })
  },
  async twoWorkersToTheEnd() {
    await repeat(async () => same(await Promise.all([start('briefly').first, start('briefly').first, trainBriefly()])))
  },
  async mainAndWorker() {
    const alone = await trainBriefly()
    await repeat(async () => {
      const { worker, first } = start('forever')
      await first
      same([alone, await trainBriefly()])
      await worker.terminate()
    })
  },
  async terminateSynchronous() {
    await repeat(async (i) => {
      const { worker, first } = start('sync')
      if (i % 2) trainForever.running ??= trainForever()
      await first
      await sleep(Math.random() * 10)
      await worker.terminate()
    })
    process.exit(0)
  },
  async endWhileQueued() {
    trainForever()
    await repeat(async () => {
      const { worker } = start('queued')
      await once(worker, 'exit')
    })
    process.exit(0)
  },
  async throwInWorker() {
    trainForever()
    await repeat(async () => {
      const { worker } = start('throws')
      const [error] = await once(worker, 'error')
      if (error.message !== 'thrown in a worker') throw error
    })
    process.exit(0)
  },
  /** Nobody here trains in the background, so no thread but the callers' can run what they offer each other. */
  async synchronousPredictions() {
    await repeat(async () => same(await Promise.all([1, 2, 3].map(() => start('predictSync').first))))
  },
  async spawnDuringRun() {
    const alone = await trainBriefly()
    await repeat(async () => {
      const training = trainBriefly()
      execFileSync('true')
      await Promise.all(Array.from({ length: 5 }, () => once(spawn('true'), 'exit')))
      same([alone, await training])
    })
  },
}

await scenarios[process.argv[2]]()
console.log('ok')
