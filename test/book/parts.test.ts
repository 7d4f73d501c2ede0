// Each of the book's parts alone, forward and backward, against the same in NumPy (test/golden/book/network.py).
import { describe, expect, test } from 'vitest'
import {
  type ActivationName,
  activation,
  dense,
  dropout,
  gradient,
  l1l2,
  losses,
  mean,
  ones,
  type Parameter,
  parameter,
  penalty,
  tensor,
} from '../../src/index.ts'
import { expectClose, golden, type Matrix } from '../support/book.ts'

interface Parts {
  dense: {
    x: Matrix
    kernel: Matrix
    bias: number[]
    dy: Matrix
    y: Matrix
    dx: Matrix
    dkernel: Matrix
    dbias: number[]
  }
  activations: { name: ActivationName; x: Matrix; dy: Matrix; y: Matrix; dx: Matrix }[]
  losses: {
    name: Exclude<keyof typeof losses, 'custom'>
    p: Matrix
    y: Matrix
    classes: boolean
    values: number[]
    gradient: Matrix
  }[]
  penalties: { l1: number; l2: number; p: Matrix; value: number; gradient: Matrix }[]
}

const parts = golden<Parts>('parts')

function parameterOf(values: Matrix): Parameter {
  const p = parameter([values.length, values[0]!.length], 'zeros')
  p.set(values)
  return p
}

test('dense: output, and the gradients of kernel, bias and inputs', () => {
  const { x, kernel, bias, dy, y, dx, dkernel, dbias } = parts.dense
  const layer = dense(5)
  const inputs = tensor(x)
  layer.apply(inputs)
  layer.kernel.set(kernel)
  layer.bias!.set(bias)
  const output = layer.apply(inputs)
  const [dw, db, di] = gradient(output, [layer.kernel, layer.bias!, inputs], dy)
  expectClose(output, y)
  expectClose(dw, dkernel)
  expectClose(db, dbias)
  expectClose(di, dx)
})

describe.each(parts.activations)('$name', ({ name, x, dy, y, dx }) => {
  test('as a layer, forward and backward', () => {
    const inputs = tensor(x)
    const output = activation(name).apply(inputs)
    const back = gradient(output, inputs, dy)
    expectClose(output, y)
    expectClose(back, dx)
  })

  test('inside a dense layer', () => {
    const layer = dense(x[0]!.length, { activation: name, kernelInitializer: 'zeros' })
    layer.apply(tensor(x))
    layer.kernel.set(x[0]!.map((_, i) => x[0]!.map((_, k) => (i === k ? 1 : 0))))
    const inputs = tensor(x)
    const output = layer.apply(inputs)
    const back = gradient(output, inputs, dy)
    expectClose(output, y)
    expectClose(back, dx)
  })
})

describe.each(parts.losses)('$name (class numbers: $classes)', ({ name, p, y, classes, values, gradient: dp }) => {
  test('values per sample, and the gradient of their mean', () => {
    const outputs = tensor(p)
    const labels = classes ? tensor(Int32Array.from(y as unknown as number[])) : tensor(y)
    const found = losses[name](labels, outputs)
    const back = gradient(mean(found), outputs)
    expect(found.shape).toEqual([p.length])
    expectClose(found, values, 2e-6)
    expectClose(back, dp, 2e-6)
  })
})

test.each(parts.penalties)('penalty $l1·Σ|p| + $l2·Σp²: λ, not 0, is the derivative of λ|p| at 0', (expected) => {
  const { l1, l2, p } = expected
  const kernel = parameterOf(p)
  const value = penalty(kernel, l1l2({ l1, l2 }))
  const back = gradient(value, kernel)
  expect(value.item()).toBeCloseTo(expected.value, 6)
  expectClose(back, expected.gradient)
  if (l1 > 0 && l2 === 0) expect(back.at(0, 0).item()).toBe(Math.fround(l1))
})

describe('dropout', () => {
  const x = tensor(
    Float32Array.from({ length: 20_000 }, (_, i) => 1 + (i % 7)),
    { shape: [100, 200] },
  )

  test('keeps 1 − rate of its inputs, scaled by 1/(1 − rate), and uses the same mask backward', () => {
    const layer = dropout(0.3, { seed: 4 })
    const y = layer.apply(x, { mode: 'train' })
    const back = gradient(y, x, ones(x.shape))
    const mask = Array.from(back.data())
    const kept = mask.filter((m) => m !== 0)
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.7)]))
    // Four standard deviations of a binomial.
    expect(Math.abs(kept.length / mask.length - 0.7)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / mask.length))
    expectClose(
      y,
      Array.from(x.data(), (v, i) => v * mask[i]!),
      1e-7,
    )
  })

  test('does nothing when not training', () => {
    expect(dropout(0.3).apply(x).data()).toEqual(x.data())
  })
})

describe('the clip of probabilities', () => {
  test('logits (30, 0, 0) with label 1 lose 16.118, not 30, and the gradient goes through', () => {
    const z = tensor([[30, 0, 0]])
    const loss = mean(losses.categoricalCrossentropy(tensor(Int32Array.of(1)), z.softmax()))
    const back = gradient(loss, z)
    expect(loss.item()).toBeCloseTo(16.118, 3)
    expectClose(back, [[1, -1, 0]], 1e-6)
  })

  test('a sure and right prediction loses next to nothing', () => {
    const loss = losses.categoricalCrossentropy(tensor(Int32Array.of(0)), tensor([[1, 0, 0]]))
    expect(loss.item()).toBeCloseTo(1e-7, 7)
  })

  test.each([
    { y: 1, z: -200, loss: 16.118, dz: -1 },
    { y: 0, z: 200, loss: 15.942, dz: 1 },
    { y: 1, z: 200, loss: 0, dz: 0 },
  ])('a saturated sigmoid: label $y, input $z', ({ y, z, loss: expected, dz }) => {
    const input = tensor([[z]])
    const loss = mean(losses.binaryCrossentropy([[y]], input.sigmoid()))
    const back = gradient(loss, input)
    expect(loss.item()).toBeCloseTo(expected, 3)
    expect(back.item()).toBeCloseTo(dz, 6)
  })
})

test('losses take plain arrays; whole numbers are class numbers, fractions are refused', () => {
  expectClose(
    losses.categoricalCrossentropy(
      [1, 0],
      [
        [0.5, 0.5],
        [0.25, 0.75],
      ],
    ),
    [Math.log(2), Math.log(4)],
  )
  expectClose(losses.meanSquaredError([[1, 2]], [[2, 4]]), [2.5])
  expectClose(losses.meanAbsoluteError([[1, 2]], [[2, 4]]), [1.5])
  expectClose(losses.binaryCrossentropy([[1, 0]], [[0.5, 0.5]]), [Math.log(2)])
  expect(() => losses.categoricalCrossentropy([0.5], [[0.5, 0.5]])).toThrow(/must be integers, got fractions/)
})
