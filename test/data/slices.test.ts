// Reading and checking data lets the event loop turn, and gives the same as at once.
import { describe, expect, test } from 'vitest'
import { Dataset, dense, Model } from '../../src/index.ts'

const n = 200_000
const width = 50
const x = Array.from({ length: n }, (_, i) => Array.from({ length: width }, (_, k) => ((i * 7 + k * 3) % 11) / 11))
const y = Array.from({ length: n }, (_, i) => i % 2)
const model = () =>
  new Model([dense(1, { activation: 'sigmoid' })], { seed: 1 }).compile({
    optimizer: 'sgd',
    loss: 'binaryCrossentropy',
  })

/** How often the loop turns until `stop` is called. */
function turns(): { stop(): number } {
  let count = 0
  let isOver = false
  const again = () => {
    count++
    if (!isOver) setImmediate(again)
  }
  setImmediate(again)
  return {
    stop() {
      isOver = true
      return count
    },
  }
}

describe('nested arrays of ten million numbers', () => {
  test('are read by fit in many turns, before the first step', async () => {
    const counter = turns()
    let before = -1
    const onBatchEnd = (_: unknown, run: { stop(): void }) => {
      before = counter.stop()
      run.stop()
    }
    await model().fit({ x, y }, { batchSize: 100_000, callbacks: [{ onBatchEnd }] })
    expect(before).toBeGreaterThan(5)
  })

  test('are evaluated and predicted as a data set of them is', async () => {
    const [a, b] = [model(), model()]
    const set = new Dataset({ x, y })
    const counter = turns()
    const scores = await a.evaluate({ x, y }, { batchSize: n })
    const predicted = await a.predict(x, { batchSize: n })
    expect(counter.stop()).toBeGreaterThan(10)
    expect(await b.evaluate(set, { batchSize: n })).toEqual(scores)
    expect((await b.predict(set, { batchSize: n })).data()).toEqual(predicted.data())
  })

  test('a label far behind is found', async () => {
    const wrong = y.map((v, i) => (i === n - 2 ? 3 : v))
    await expect(model().fit({ x, y: wrong })).rejects.toMatchObject({
      code: 'ERR_DATA',
      message: expect.stringContaining('sample 199998 has 3'),
    })
    const part = new Dataset({ x, y: wrong }).take([5, n - 2, 7])
    await expect(model().fit(part)).rejects.toMatchObject({ message: expect.stringContaining('sample 1 has 3') })
  })
})
