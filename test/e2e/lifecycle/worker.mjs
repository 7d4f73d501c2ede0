import { parentPort, workerData } from 'node:worker_threads'
import { data, model, stepForever, trainBriefly, trainForever } from './work.mjs'

const tasks = {
  async forever() {
    const of = trainForever()
    trainForever()
    await of.predict([Array.from({ length: 64 }, () => 1)])
    parentPort.postMessage('training')
  },
  async briefly() {
    parentPort.postMessage(await trainBriefly())
  },
  sync() {
    stepForever(() => parentPort.postMessage('stepping'))
  },
  /** Ends by itself while its job waits behind that of the main thread. */
  queued() {
    trainForever()
    parentPort.postMessage('queued')
    setImmediate(() => process.exit())
  },
  /** As above, but by an error that nobody catches. */
  throws() {
    trainForever()
    setImmediate(() => {
      throw new Error('thrown in a worker')
    })
  },
  /** One prediction after the other, on this thread. */
  predictSync() {
    const of = model()
    const sample = [Array.from(data().x.data.subarray(0, 64))]
    let sum = 0
    for (let i = 0; i < 3000; i++) sum += of.predictSync(sample).data()[0]
    parentPort.postMessage(sum)
  },
}
await tasks[workerData]()
