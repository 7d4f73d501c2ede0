// The book's trainings to their end. Ten thousand steps carry the last bit far, so the accuracies are bounds.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, runNode } from '../support/processes.ts'

interface Bounds {
  /** Of the last epoch, for each training that the script prints. */
  readonly training: readonly number[]
  readonly validation?: number
}

const chapters: Record<string, Bounds> = {
  // sgd, with decay, with momentum, adagrad, rmsprop, adam
  '10-optimizers': { training: [0.55, 0.6, 0.85, 0.75, 0.83, 0.95] },
  '11-test-data': { training: [0.95], validation: 0.75 },
  '14-regularization': { training: [0.9], validation: 0.8 },
  '15-dropout': { training: [0.65], validation: 0.7 },
  '16-binary-classification': { training: [0.88], validation: 0.83 },
  '17-regression': { training: [0.9] },
  '18-model': { training: [0.6], validation: 0.7 },
}

const accuracies = (text: string, line: RegExp) => Array.from(text.matchAll(line), ([, accuracy]) => Number(accuracy))

test.each(Object.entries(chapters))('%s', async (name, { training, validation }) => {
  const { code, stderr, stdout } = await runNode([join('examples/book', `${name}.mjs`)], root, {})
  expect(code, stderr).toBe(0)
  const reached = accuracies(stdout, /^epoch: 10000, acc: (0\.\d+|1)/gm)
  expect(reached.length).toBe(training.length)
  for (const [i, least] of training.entries()) expect(reached[i], `training ${i}`).toBeGreaterThan(least)
  if (validation === undefined) return
  expect(accuracies(stdout, /^validation, acc: (\d\.\d+)/gm).at(-1)).toBeGreaterThan(validation)
})
