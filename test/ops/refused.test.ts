// What operations refuse when they are described: the message says what was expected and what came.
import { expect, test } from 'vitest'
import {
  argmax,
  ChainruleError,
  clip,
  concat,
  gradient,
  max,
  min,
  softmax,
  stack,
  sum,
  tensor,
  zeros,
} from '../../src/index.ts'
import { crossEntropy } from '../../src/ops/softmax.ts'

const x = tensor([
  [1, 2],
  [3, 4],
])

test.each<[string, () => unknown, RegExp]>([
  ['clip with its limits the wrong way round', () => clip(x, 2, 1), /clip: expected low ≤ high, got 2 and 1/],
  ['clip to no number', () => clip(x, Number.NaN, 1), /clip: .*got NaN/],
  ['a maximum of nothing', () => max(zeros([0, 2]), { axis: 0 }), /max: shape \[0, 2] has nothing to reduce/],
  ['a minimum of nothing', () => min(zeros([0])), /min: shape \[0] has nothing to reduce/],
  ['the place of the largest of nothing', () => argmax(zeros([2, 0]), { axis: 1 }), /has nothing to search/],
  ['an axis named twice', () => sum(x, { axis: [0, -2] }), /twice/],
  ['a slice that does not move', () => x.at('0:2:0'), /at: expected an index or a slice/],
  ['a slice that is none', () => x.at('a'), /at: expected an index or a slice .*got 'a'/],
  ['more indices than axes', () => x.at(0, 0, 0), /3 indices for \[2, 2], which has 2 axes/],
  ['an index outside', () => x.at(2), /index 2 is outside axis 0, which has size 2/],
  ['an order that is none', () => x.transpose([0, 0]), /transpose: .*is not an order of the 2 axes/],
  ['nothing to join', () => concat([]), /concat: expected a list of tensors/],
  ['shapes that do not join', () => concat([x, [[1, 2, 3]]]), /concat: shapes \[2, 2], \[1, 3] differ outside axis 0/],
])('%s', (_, call, message) => {
  expect(call).toThrow(message)
  expect(call).toThrow(ChainruleError)
})

test('limits that are equal, and joins of one, are no mistakes', () => {
  expect(clip(x, 2, 2).toArray()).toEqual([
    [2, 2],
    [2, 2],
  ])
  expect(concat([x]).toArray()).toEqual(x.toArray())
  expect(stack([x]).shape).toEqual([1, 2, 2])
})

test('the short derivative of a softmax is for a cross-entropy of its very output', () => {
  const z = tensor([[0.3, -0.2, 0.1]])
  const label = tensor(Int32Array.of(1))
  // An addition hands the gradient on as it is: what arrives is that of a cross-entropy, but of other probabilities.
  const found = gradient(crossEntropy(softmax(z).add(0.1), label), z, [1]).toArray(2)[0]!
  const powers = [0.3, -0.2, 0.1].map(Math.exp)
  const p = powers.map((e) => e / powers.reduce((a, b) => a + b))
  const dp = -1 / (p[1]! + 0.1)
  const expected = p.map((q, i) => p[1]! * dp * ((i === 1 ? 1 : 0) - q))
  for (const [i, e] of expected.entries()) expect(found[i]).toBeCloseTo(e, 6)
})
