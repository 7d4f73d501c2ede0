// The real data, where they are: in CHAINRULE_DATA, or beside the project in ../shared/data.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { fashionMnist } from '../../src/datasets.ts'
import { type Dataset, dense, Model } from '../../src/index.ts'

const shared = fileURLToPath(new URL('../../../shared/data', import.meta.url))
const data = process.env.CHAINRULE_DATA || shared
const file = 'train-images-idx3-ubyte.gz'
const there = [data, join(data, 'fashion-mnist')].some((folder) => existsSync(join(folder, file)))
if (!there)
  console.warn(`Skipped: no ${file} in ${data} or its folder fashion-mnist; name the folder by CHAINRULE_DATA`)

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

function firstLabels(dataset: Dataset): number[] {
  return Array.from(dataset.samples(0, 1, 2, 3, 4, 5, 6, 7, 8, 9).y!.data())
}

describe.skipIf(!there)('Fashion-MNIST', () => {
  let train: Dataset
  let test10k: Dataset
  let grown = 0
  let turns = 0

  beforeAll(async () => {
    vi.stubEnv('CHAINRULE_DATA', data)
    collectGarbage()
    const before = process.memoryUsage().rss
    const count = setInterval(() => turns++, 1)
    const parts = await fashionMnist()
    clearInterval(count)
    train = parts.train
    test10k = parts.test
    collectGarbage()
    grown = process.memoryUsage().rss - before
  })
  afterAll(() => void vi.unstubAllEnvs())

  test('has its pictures and labels, in the official order', () => {
    expect([train.length, test10k.length]).toEqual([60_000, 10_000])
    // As on the first page of every tutorial: an ankle boot, then two T-shirts.
    expect(firstLabels(train)).toEqual([9, 0, 0, 3, 0, 2, 7, 2, 5, 5])
    expect(firstLabels(test10k)).toEqual([9, 2, 1, 1, 6, 1, 4, 6, 5, 7])
    expect(fashionMnist.classes).toHaveLength(10)
    expect(fashionMnist.classes[9]).toBe('Ankle boot')
  })

  test('has pixels from -1 to 1 with the known mean and deviation, and as many of each class', async () => {
    let [sum, squares, least, most] = [0, 0, Infinity, -Infinity]
    const counts = new Array<number>(10).fill(0)
    for await (const { x, y } of train.batches({ batchSize: 10_000 })) {
      expect(x.shape).toEqual([10_000, 784])
      for (const value of x.data()) {
        sum += value
        squares += value * value
        if (value < least) least = value
        if (value > most) most = value
      }
      for (const label of y.data()) counts[label]!++
    }
    const n = 60_000 * 784
    const mean = sum / n
    expect([least, most]).toEqual([-1, 1])
    expect(counts).toEqual(new Array(10).fill(6000))
    // Published for pixels from 0 to 1: 0.2860 and 0.3530.
    expect((mean + 1) / 2).toBeCloseTo(0.286, 4)
    expect(Math.sqrt(squares / n - mean * mean) / 2).toBeCloseTo(0.353, 4)
  })

  test('stays bytes in memory, and leaves the event loop free while it is read', () => {
    // 55 MB as bytes, 220 MB as float32; buffers of the reading may still wait for the garbage collector.
    expect(grown).toBeLessThan(200e6)
    expect(turns).toBeGreaterThan(10)
  })

  test('can keep rows and columns, and be trained on', async () => {
    const { test: square } = await fashionMnist({ flat: false })
    const [picture, row] = [square.samples(0).x, test10k.samples(0).x]
    expect(picture.shape).toEqual([1, 28, 28, 1])
    expect(Array.from(picture.data())).toEqual(Array.from(row.data()))
    // The toe of the boot points left, the sole is below: nothing in the top left corner.
    expect(picture.toArray(4)[0]![0]![0]![0]).toBe(-1)
    const model = new Model([dense(10, { activation: 'softmax' })], { seed: 1 })
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
    await model.fit(train.slice(0, 10_000), { epochs: 1, batchSize: 128, progress: false })
    expect((await model.evaluate(test10k)).accuracy).toBeGreaterThan(0.75)
  })
})
