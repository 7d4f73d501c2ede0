// The book's optimizers on given gradients, 20 updates each, and their learning rates.
import { describe, expect, test } from 'vitest'
import { adagrad, adam, type Optimizer, parameter, rmsprop, sgd, type Tensor, trainStep } from '../../src/index.ts'
import { expectClose, golden, type Matrix, type OptimizerOptions, optimizerOf } from '../support/book.ts'

interface Updates {
  start: number[]
  gradients: Matrix
  optimizers: { kind: string; options: OptimizerOptions; path: Matrix; rates: number[] }[]
}

const { start, gradients, optimizers } = golden<{ updates: Updates }>('parts').updates

describe.each(optimizers)('$kind $options', ({ kind, options, path, rates }) => {
  const optimizer = optimizerOf({ ...options, kind })

  test('20 updates', () => {
    const p = parameter([start.length], 'zeros')
    p.set(start)
    // The gradient of Σ p·g is g.
    const step = trainStep({ parameters: p, optimizer, loss: (g: Tensor) => p.mul(g).sum() })
    for (const [i, g] of gradients.entries()) {
      step.sync(g)
      expectClose(p, path[i]!, 2e-6, `after update ${i + 1}`)
    }
    expect(step.step).toBe(gradients.length)
  })

  test('learning rates, to the last digit', () => {
    expect(gradients.map((_, i) => optimizer.learningRate(i))).toEqual(rates)
  })
})

test.each([
  [0.02, 1e-5, 0.018181983472577025],
  [1.0, 1e-3, 0.09091735612328393],
])('the learning rate %d with decay %d at iteration 9999', (learningRate, decay, expected) => {
  for (const make of [sgd, adagrad, rmsprop, adam] as ((o: object) => Optimizer)[])
    expect(make({ learningRate, decay }).learningRate(9999)).toBe(expected)
})

test.each([
  [99, 0.004549590536851684, 0.005, 1e-3],
  [468, 0.000681198910081744, 0.001, 1e-3],
])('the rate after %d steps has the digits that the book prints', (step, expected, learningRate, decay) => {
  expect(adam({ learningRate, decay }).learningRate(step)).toBe(expected)
})
