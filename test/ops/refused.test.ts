// What operations refuse when they are described: the message says what was expected and what came.
import { expect, test } from 'vitest'
import {
  argmax,
  ChainruleError,
  clip,
  concat,
  einsum,
  gradient,
  max,
  min,
  softmax,
  split,
  stack,
  sum,
  tensor,
  topK,
  zeros,
} from '../../src/index.ts'
import { crossEntropy } from '../../src/ops/softmax.ts'

const x = tensor([
  [1, 2],
  [3, 4],
])

const whole = tensor(Int32Array.of(1, 2, 3))

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
  [
    'widths for other axes',
    () => x.pad([[1, 1]]),
    /pad: expected a pair \[before, after] for each axis of \[2, 2], got a/,
  ],
  ['a width below 0', () => x.pad([[0, -1], [0, 0]]), /pad: option 'width' must be an integer from 0 to/], // biome-ignore format: pairs
  ['a pad of NaN', () => x.pad([[1, 0], [0, 0]], Number.NaN), /pad: the value must be a number, got NaN/], // biome-ignore format: pairs
  ['a pad of halves in int32', () => whole.pad([[1, 0]], 0.5), /pad: the value must be an integer of 32 bits.*got 0.5/],
  ['to flip an axis that is not there', () => x.flip(2), /flip: a tensor of shape \[2, 2] has no axis 2/],
  ['half a roll', () => x.roll(0.5, 0), /roll: the shift must be an integer, got 0.5/],
  ['a tile without numbers', () => x.tile(2 as never), /tile: expected a list of how many times/],
  [
    'a split that leaves some',
    () => split(x, [1], 1),
    /split: the sizes \[1] add up to 1, but axis 1 of \[2, 2] has 2/,
  ],
  ['a split by a number', () => split(x, 2 as never), /split: expected a list of sizes that add up to 2/],
  ['the triangle of a vector', () => whole.triu(), /triu: expected matrices, got shape \[3]/],
  ['half a diagonal', () => x.tril(0.5), /tril: the diagonal must be an integer/],
  ['sums along no axis', () => x.cumsum({ axis: 2 }), /cumsum: a tensor of shape \[2, 2] has no axis 2/],
  ['more than there are', () => topK(x, 3), /topK: there are no 3 values along the last axis of \[2, 2]/],
  ['order in a scalar', () => tensor(1).sort(), /sort: a tensor of shape \[] has no axis -1. It is a scalar/],
  [
    'values that are no rows',
    () => x.scatter([0], [[1, 2, 3]]),
    /scatter: \[1] rows of \[2, 2] take values \[1, 2], got \[1, 3]/,
  ],
  ['an option of no reduction', () => x.std({ ddof: 1 } as never), /std: unknown option 'ddof'/],
  ['a logSumExp of nothing', () => zeros([0]).logSumExp(), /logSumExp: shape \[0] has nothing to reduce/],
  [
    'an equation of one operand',
    () => einsum('ij->i', x, x),
    /einsum: expected two operands by letters, such as 'bij,bjk->bik', got 'ij->i'/,
  ],
  ['dots in an equation', () => einsum('...i,i->...', x, x), /Name all axes: '...' is not known/],
  ['a diagonal', () => einsum('ii,i->i', x, [1, 2]), /einsum: 'i' stands twice in the first operand of 'ii,i->i'/],
  ['a result from nowhere', () => einsum('ij,jk->il', x, x), /einsum: 'l' of the result stands in no operand/],
  ['a result twice', () => einsum('ij,jk->ii', x, x), /einsum: 'i' stands twice in the result/],
  [
    'too many letters',
    () => einsum('ijk,jk->i', x, x),
    /einsum: the first operand has the axes 'ijk', but its shape is \[2, 2]/,
  ],
  [
    'sizes that do not meet',
    () => einsum('ij,jk->ik', x, [[1, 2, 3]]),
    /einsum: 'j' is 2 in \[2, 2], but 1 in \[1, 3]/,
  ],
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
