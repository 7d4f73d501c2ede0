// Sizes, counts, axes and indices: whole numbers in range, or an error with a code. Nothing is cut.
import { describe, expect, test } from 'vitest'
import * as c from '../../src/index.ts'

const x = () => c.tensor([[1, 2, 3], [4, 5, 6]]) // biome-ignore format: a matrix
const random = () => new c.RandomState(1)

const sizes: Record<string, (n: never) => unknown> = {
  eye: (n) => c.eye(n),
  arange: (n) => c.arange(n),
  randomPermutation: (n) => c.randomPermutation(n),
  'RandomState.permutation': (n) => random().permutation(n),
  zeros: (n) => c.zeros([n]),
  ones: (n) => c.ones([2, n]),
  full: (n) => c.full([n, 2], 1),
  randomUniform: (n) => c.randomUniform([n]),
  randomNormal: (n) => c.randomNormal([n]),
  randomBernoulli: (n) => c.randomBernoulli([n], 0.5),
  'RandomState.randn': (n) => random().randn(n),
  'RandomState.uniform': (n) => random().uniform(0, 1, [n]),
  'RandomState.binomial': (n) => random().binomial(3, 0.5, [n]),
  parameter: (n) => c.parameter([n]),
  'tensor, shape': (n) => c.tensor([1, 2, 3], { shape: [n] }),
  reshape: (n) => x().reshape([n, 2]),
  broadcastTo: (n) => c.tensor(1).broadcastTo([n]),
  'oneHot, classes': (n) => c.oneHot([0], n),
  'Model.build': (n) => new c.Model([c.dense(2)]).build([n]),
  dense: (n) => c.dense(n),
}
const axes: Record<string, (n: never) => unknown> = {
  'sum, axis': (n) => x().sum({ axis: n }),
  'mean, axes': (n) => x().mean({ axis: [0, n] }),
  'argmax, axis': (n) => x().argmax({ axis: n }),
  concat: (n) => c.concat([x(), x()], n),
  stack: (n) => c.stack([x(), x()], n),
  transpose: (n) => x().transpose([0, n]),
  size: (n) => x().size(n),
  at: (n) => x().at(n),
  'at, second': (n) => x().at(0, n),
}

const wrong: [string, unknown][] = [
  ['2.5', 2.5],
  ['-7', -7],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['2 ** 60', 2 ** 60],
  ["'2'", '2'],
  ['null', null],
  ['2n', 2n],
  ['{}', {}],
  ['true', true],
  ['a symbol', Symbol('2')],
]

describe.each([...Object.entries(sizes), ...Object.entries(axes)])('%s', (_, call) => {
  test.each(wrong)('of %s', (_name, n) => {
    let error: unknown
    try {
      const result = call(n as never)
      if (result instanceof c.Tensor) result.data()
    } catch (e) {
      error = e
    }
    expect(error).toBeInstanceOf(c.ChainruleError)
    expect((error as c.ChainruleError).code).toMatch(/^ERR_(SHAPE|OPTION)$/)
  })
})

test('what is right stays right', () => {
  expect(c.eye(0).shape).toEqual([0, 0])
  expect(c.arange(3).toArray()).toEqual([0, 1, 2])
  expect(c.zeros([0, 3]).shape).toEqual([0, 3])
  expect(c.full([1], -0).toArray()).toEqual([-0])
  expect(c.stack([c.tensor([1]), c.tensor([2])], -1).toArray()).toEqual([[1, 2]])
  expect(
    x()
      .sum({ axis: [-1, 0] })
      .item(),
  ).toBe(21)
})

test('fractions and NaN are no indices of rows, and the advice works', () => {
  for (const bad of [0.5, Number.NaN, Infinity]) {
    expect(() => c.gather(x(), [0, bad])).toThrow(`gather: an index must be a whole number, got ${bad}`)
    expect(() => c.oneHot([bad], 3)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
  }
  expect(c.gather(x(), c.tensor([0.5, 1]).cast('int32')).toArray()).toEqual(x().toArray())
  expect(c.gather(x(), [1, 0]).toArray()).toEqual([[4, 5, 6], [1, 2, 3]]) // biome-ignore format: a matrix
})

describe('more than any machine has', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['eye', () => c.eye(2 ** 30), /ERR_NATIVE eye: a tensor of shape .* needs 4,398,046,511,104 MB/],
    ['zeros', () => c.zeros([2 ** 30, 2 ** 20]), /ERR_NATIVE zeros: .* cannot be allocated/],
    ['more than can be counted', () => c.ones([2 ** 30, 2 ** 30]), /ERR_SHAPE ones: .* larger than any memory/],
    ['a draw', () => c.randomUniform([2 ** 30, 2 ** 20]).data(), /ERR_NATIVE/],
    [
      'a product',
      () =>
        c
          .ones([2 ** 22, 1])
          .matmul(c.ones([1, 2 ** 22]))
          .mul(2)
          .data(),
      /ERR_NATIVE/,
    ],
    ['a parameter', () => c.parameter([2 ** 30, 2 ** 20]), /ERR_NATIVE/],
    ['a layer', () => new c.Model([c.dense(2 ** 40)]).build([2 ** 10]), /ERR_NATIVE/],
  ])('%s', (_, call, expected) => {
    let text = ''
    try {
      call()
    } catch (error) {
      if (!(error instanceof c.ChainruleError)) throw error
      text = `${error.code} ${error.message}`
    }
    expect(text).toMatch(expected)
  })
})

test('tensors have at most eight axes', () => {
  const eight = [1, 2, 1, 2, 1, 2, 1, 2]
  expect(c.ones(eight).transpose().mul(c.ones(eight)).sum().item()).toBe(256)
  for (const call of [
    () => c.ones([...eight, 1]),
    () => c.ones(eight).reshape([...eight, 1]),
    () => c.stack([c.ones(eight), c.ones(eight)]),
    () => c.oneHot(c.zeros(eight, 'int32'), 2),
    () => c.gather(c.ones(eight), c.zeros([1, 1], 'int32')),
    () => c.ones([1]).broadcastTo([...eight, 1]),
    () => c.tensor([1], { shape: [1, 1, 1, 1, 1, 1, 1, 1, 1] }),
  ])
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_SHAPE', message: expect.stringContaining('8 axes') }))
})
