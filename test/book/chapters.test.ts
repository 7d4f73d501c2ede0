// What the book computes in its first chapters.
import { describe, expect, test } from 'vitest'
import { spiral } from '../../src/datasets.ts'
import { argmax, dense, equal, gradient, losses, mean, RandomState, softmax, tensor } from '../../src/index.ts'
import { drawn, expectClose } from '../support/book.ts'

test('softmax of the example', () => {
  expectClose(softmax([[4.8, 1.21, 2.385]]), [0.89528266, 0.02470831, 0.08000903], 1e-7)
})

test('chapter 2: a batch of three through a layer of three', () => {
  const inputs = tensor([
    [1, 2, 3, 2.5],
    [2, 5, -1, 2],
    [-1.5, 2.7, 3.3, -0.8],
  ])
  const weights = tensor([
    [0.2, 0.8, -0.5, 1],
    [0.5, -0.91, 0.26, -0.5],
    [-0.26, -0.27, 0.17, 0.87],
  ])
  const outputs = inputs.dot(weights.T).add([2, 3, 0.5])
  const expected = [
    [4.8, 1.21, 2.385],
    [8.9, -1.81, 0.2],
    [1.41, 1.051, 0.026],
  ]
  expectClose(outputs, expected, 1e-6)
})

test('chapter 3: a dense layer on the spiral', () => {
  const generator = new RandomState(0)
  const { x } = spiral(100, 3, { generator })
  const layer = dense(3, drawn(generator))
  expectClose(layer.apply(x).at(4), [-5.770768e-4, 7.1401405e-4, -8.9430439e-5], 1e-6)
})

describe('chapters 5 and 9: 2-3-3 with relu and softmax', () => {
  const generator = new RandomState(0)
  const { x, y } = spiral(100, 3, { generator })
  const first = dense(3, { activation: 'relu', ...drawn(generator) })
  const second = dense(3, { activation: 'softmax', ...drawn(generator) })
  const outputs = second.apply(first.apply(x))
  const loss = mean(losses.categoricalCrossentropy(y, outputs))
  const [dw1, db2] = gradient(loss, [first.kernel, second.bias!])

  test('loss and accuracy', () => {
    expect(loss.item()).toBeCloseTo(1.0986104, 6)
    expect(mean(equal(argmax(outputs, { axis: 1 }), y)).item()).toBeCloseTo(0.34, 6)
  })

  test('gradients', () => {
    expectClose(dw1.at(0), [1.5766357e-4, 7.8368583e-5, 4.73244e-5], 1e-5)
    // The listed value carries NumPy's rounding of a sum whose terms nearly cancel; the other is exact.
    expectClose(db2, [-1.0729185e-5, -9.4610732e-6, 2.0027859e-5], 6e-3)
    expectClose(db2, [-1.06521077e-5, -9.44490355e-6, 2.00970112e-5], 2e-3)
  })
})

test("chapter 9: softmax's Jacobian at probabilities .7, .1, .2", () => {
  const z = tensor([[0.7, 0.1, 0.2]]).log()
  z.data() // a leaf from here on
  const rows = [0, 1, 2].map((i) => gradient(softmax(z), z, [[0, 1, 2].map((k) => (k === i ? 1 : 0))]).toArray(2)[0]!)
  const expected = [
    [0.21, -0.07, -0.14],
    [-0.07, 0.09, -0.02],
    [-0.14, -0.02, 0.16],
  ]
  expectClose(tensor(rows), expected, 1e-6)
})
