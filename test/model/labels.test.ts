// Labels of the wrong kind for the loss, and targets of another width than the output: told, and the model stays usable.
import { describe, expect, test } from 'vitest'
import { type ArrayData, dense, type LossName, Model } from '../../src/index.ts'

const x = [
  [0, 1],
  [1, 0],
  [1, 1],
  [0, 0],
]

function model(loss: LossName, units: number) {
  const activation = { binaryCrossentropy: 'sigmoid', categoricalCrossentropy: 'softmax' }[loss as string] ?? 'linear'
  return new Model([dense(units, { activation: activation as 'linear' })], { seed: 1 }).compile({
    optimizer: 'sgd',
    loss,
    metrics: ['accuracy'],
  })
}

interface Case {
  title: string
  loss: LossName
  units: number
  bad: unknown
  good: ArrayData
  code: string
  text: RegExp
}

const classes = Int32Array.of(0, 1, 2, 1)
const oneHot = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [0, 1, 0],
]
const cases: Case[] = [
  {
    title: 'class numbers for one sigmoid',
    loss: 'binaryCrossentropy',
    units: 1,
    bad: classes,
    good: [0, 1, 1, 0],
    code: 'ERR_DATA',
    text: /labels of a cross-entropy are probabilities from 0 to 1, but sample 2 has 2.*categoricalCrossentropy/,
  },
  {
    title: 'labels of −1 and 1 for one sigmoid',
    loss: 'binaryCrossentropy',
    units: 1,
    bad: [1, -1, 1, -1],
    good: [[0], [1], [1], [0]],
    code: 'ERR_DATA',
    text: /sample 1 has -1/,
  },
  {
    title: 'one-hot rows for one sigmoid',
    loss: 'binaryCrossentropy',
    units: 1,
    bad: oneHot,
    good: [0.5, 1, 1, 0],
    code: 'ERR_SHAPE',
    text: /labels have shape \[4, 3], predictions \[4, 1]/,
  },
  {
    title: 'quantities for a softmax',
    loss: 'categoricalCrossentropy',
    units: 3,
    bad: [0.5, 1.5, 2, 0],
    good: classes,
    code: 'ERR_DATA',
    text: /class numbers and must be integers, got fractions/,
  },
  {
    title: 'rows of quantities for a softmax',
    loss: 'categoricalCrossentropy',
    units: 3,
    bad: oneHot.map((row) => row.map((v) => 3 * v)),
    good: oneHot,
    code: 'ERR_DATA',
    text: /probabilities from 0 to 1, but sample 0 has 3/,
  },
  {
    title: 'a class that the softmax does not have',
    loss: 'categoricalCrossentropy',
    units: 3,
    bad: Int32Array.of(0, 1, 2, 3),
    good: classes,
    code: 'ERR_DATA',
    text: /label 3 .*expected an integer from 0 to 2.*sample 3/,
  },
  {
    title: 'a negative class',
    loss: 'categoricalCrossentropy',
    units: 3,
    bad: Int32Array.of(0, -1, 2, 1),
    good: classes,
    code: 'ERR_DATA',
    text: /label -1 .*expected an integer from 0 to 2.*sample 1/,
  },
  {
    title: 'one-hot rows with fewer classes than outputs',
    loss: 'categoricalCrossentropy',
    units: 3,
    bad: [
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 1],
    ],
    good: classes,
    code: 'ERR_SHAPE',
    text: /labels have shape \[4, 2], predictions \[4, 3]/,
  },
  {
    title: 'class numbers where the last layer has one unit',
    loss: 'categoricalCrossentropy',
    units: 1,
    bad: classes,
    good: [],
    code: 'ERR_SHAPE',
    text: /expected predictions of shape \[batch, classes], got \[4, 1].*one unit per class/,
  },
  ...(['meanSquaredError', 'meanAbsoluteError'] as const).flatMap((loss): Case[] => [
    {
      title: `${loss}: more targets than outputs`,
      loss,
      units: 1,
      bad: oneHot,
      good: [0.5, 1.5, 2.5, 3],
      code: 'ERR_SHAPE',
      text: /labels have shape \[4, 3], predictions \[4, 1].*one target per output/,
    },
    {
      title: `${loss}: fewer targets than outputs`,
      loss,
      units: 3,
      bad: [1, 2, 3, 4],
      good: oneHot,
      code: 'ERR_SHAPE',
      text: /labels have shape \[4], predictions \[4, 3].*one target per output/,
    },
  ]),
  {
    title: 'words',
    loss: 'categoricalCrossentropy',
    units: 3,
    bad: ['cat', 'dog', 'cat', 'dog'],
    good: classes,
    code: 'ERR_DATA',
    text: /y: expected a number at \[0], got "cat"/,
  },
]

describe.each(cases)('$title', ({ loss, units, bad, good, code, text }) => {
  const wrong = { x, y: bad as ArrayData }
  const message = expect.stringMatching(text)

  test('fit, evaluate and validation refuse them', async () => {
    await expect(model(loss, units).fit(wrong)).rejects.toMatchObject({ code, message })
    await expect(model(loss, units).evaluate(wrong)).rejects.toMatchObject({ code })
  })

  test.skipIf((good as number[]).length === 0)('and the model stays usable', async () => {
    const own = model(loss, units)
    await expect(own.fit(wrong)).rejects.toMatchObject({ code })
    const { epochs } = await own.fit({ x, y: good }, { epochs: 2 })
    expect(epochs[1]!.loss).toBeLessThan(epochs[0]!.loss)
    await expect(own.fit({ x, y: good }, { validation: wrong })).rejects.toMatchObject({ code })
  })
})
