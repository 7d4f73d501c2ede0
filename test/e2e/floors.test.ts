// Where the book's trainings end. Past its first hundred epochs training is chaotic, so the figures at epoch 10,000 are
// floors for the median of five runs whose starting weights are one unit in the last place apart.
import { expect, test } from 'vitest'
import { sine, spiral } from '../../src/datasets.ts'
import { adam, type Data, dense, dropout, l2, Model, type Optimizer, RandomState } from '../../src/index.ts'
import { drawn, nextFloat } from '../support/book.ts'

/** A chapter's data and network, weights drawn. `validation` draws the next numbers. */
interface Chapter {
  readonly data: Data
  readonly model: Model<{ loss: number; accuracy: number }>
  readonly samples: number
  validation?(): Data
}

const epochs = 10_001
const penalties = { kernelRegularizer: l2(5e-4), biasRegularizer: l2(5e-4) }

interface Spiral {
  samples?: number
  optimizer: Optimizer
  regularized?: boolean
  rate?: number
}

function spiralChapter({ samples = 100, optimizer, regularized = true, rate = 0 }: Spiral, seed: number): Chapter {
  const generator = new RandomState(0)
  const data = spiral(samples, 3, { generator })
  const hidden = dense(64, { activation: 'relu', ...drawn(generator), ...(regularized ? penalties : {}) })
  const output = dense(3, { activation: 'softmax', ...drawn(generator) })
  const model = new Model(rate > 0 ? [hidden, dropout(rate), output] : [hidden, output], { seed })
  model.build([2])
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  return { data, model: model as never, samples: 3 * samples, validation: () => spiral(100, 3, { generator }) }
}

function binaryChapter(): Chapter {
  const generator = new RandomState(0)
  const data = spiral(100, 2, { generator })
  const hidden = dense(64, { activation: 'relu', ...drawn(generator), ...penalties })
  const model = new Model([hidden, dense(1, { activation: 'sigmoid', ...drawn(generator) })])
  model.build([2])
  model.compile({ optimizer: adam({ decay: 5e-7 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] })
  return { data, model: model as never, samples: 200, validation: () => spiral(100, 2, { generator }) }
}

function sineChapter(): Chapter {
  const generator = new RandomState(0)
  const hidden = () => dense(64, { activation: 'relu', ...drawn(generator, 0.1) })
  const model = new Model([hidden(), hidden(), dense(1, drawn(generator, 0.1))])
  model.build([1])
  const optimizer = adam({ learningRate: 0.005, decay: 1e-3 })
  model.compile({ optimizer, loss: 'meanSquaredError', metrics: ['accuracy'] })
  return { data: sine(1000), model: model as never, samples: 1000 }
}

/** Moves one kernel's weights by some units in the last place; run 0 starts where the book starts. */
function perturb(model: Model<{ loss: number; accuracy: number }>, run: number): void {
  if (run === 0) return
  const kernels = Object.entries(model.getParameters()).filter(([path]) => path.endsWith('kernel'))
  const [path, kernel] = kernels[(run - 1) % 2]!
  const direction = run % 5 < 3 ? 1 : -1
  const places = 1 + Math.floor(run / 5)
  const move = (x: number) => Array.from({ length: places }).reduce<number>((y) => nextFloat(y, direction), x)
  const moved = kernel.toArray(2).map((row) => row.map(move))
  model.setParameters({ [path]: moved })
}

async function finalScores({ data, model, samples, validation }: Chapter, run: number) {
  perturb(model, run)
  const history = await model.fit(data, { epochs, batchSize: samples, shuffle: false })
  const { accuracy, regularizationLoss = 0 } = history.epochs.at(-1)!
  return {
    train: accuracy,
    regularization: regularizationLoss,
    validation: validation ? (await model.evaluate(validation())).accuracy : 0,
  }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Bounds of the median: [at least] or [at least, at most]. */
interface Expected {
  title: string
  make: (run: number) => Chapter
  /** How many runs; default 5. */
  runs?: number
  train: number[]
  validation?: number[]
  regularization?: number[]
}

const chapters: Expected[] = [
  {
    title: 'chapter 11: Adam',
    make: (run) => spiralChapter({ optimizer: adam({ learningRate: 0.05, decay: 5e-7 }), regularized: false }, run),
    train: [0.95],
    validation: [0.75],
  },
  {
    title: 'chapter 14: L2',
    make: (run) => spiralChapter({ optimizer: adam({ learningRate: 0.02, decay: 5e-7 }) }, run),
    train: [0.92],
    validation: [0.8],
    regularization: [0.05, 0.07],
  },
  {
    title: 'chapter 15: dropout',
    make: (run) =>
      spiralChapter({ samples: 1000, optimizer: adam({ learningRate: 0.05, decay: 5e-5 }), rate: 0.1 }, run),
    train: [0.65, 0.73],
    validation: [0.7, 0.8],
  },
  // 200 samples decide, and one unit in the last place of a weight moves the result from 0.85 to 0.94: the median of five
  // is as much chance as code.
  { title: 'chapter 16: binary classification', make: binaryChapter, runs: 25, train: [0.91], validation: [0.88] },
  { title: 'chapter 17: regression', make: sineChapter, train: [0.95] },
]

test.each(chapters)('$title', async ({ make, runs: count = 5, ...expected }) => {
  const runs = []
  for (let run = 0; run < count; run++) runs.push(await finalScores(make(run), run))
  for (const what of ['train', 'validation', 'regularization'] as const) {
    const [least, most = Number.POSITIVE_INFINITY] = expected[what] ?? [0]
    const values = runs.map((r) => r[what])
    const label = `${what} of ${count} runs: ${values.map((v) => v.toFixed(3)).join(', ')}`
    expect(median(values), label).toBeGreaterThanOrEqual(least!)
    expect(median(values), label).toBeLessThanOrEqual(most)
    if (expected[what]) console.log(`${expected.title}, ${label}`)
  }
})
