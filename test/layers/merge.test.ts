// Merging: what is refused, and the masks of sequences (test/golden/layers/merging.py has values and gradients).
import { expect, test } from 'vitest'
import { dense, Model, masking, merge, ones, prelu, type Tensor, tensor, zeros } from '../../src/index.ts'

test('shapes and numbers of inputs that do not fit are refused', () => {
  const [a, b] = [ones([2, 3, 4]), ones([2, 5, 4])]
  const wrong: [() => unknown, string][] = [
    [() => merge('add').apply(a as never), 'merge: merge: takes a list of tensors: apply([a, b])'],
    [() => merge('subtract').apply([a]), "'subtract' takes two tensors, got 1"],
    [() => merge('dot').apply([a, a, a]), "'dot' takes two tensors, got 3"],
    [() => merge('add').apply([a, b]), "'add' needs inputs of one shape, or such that one repeats along axes of size 1, got [2, 3, 4], [2, 5, 4]"],
    [() => merge('multiply').apply([a, ones([3, 3, 4])]), 'the inputs have batches of different sizes: [2, 3, 4], [3, 3, 4]'],
    [() => merge('concatenate').apply([a, b]), "'concatenate' needs inputs that differ along axis -1 only, got [2, 3, 4], [2, 5, 4]"],
    [() => merge('concatenate', { axis: 3 }).apply([a, a]), 'has no axis 3'],
    [() => merge('dot', { axis: 1 }).apply([a, b]), "'dot' needs inputs of one size along axis 1, got [2, 3, 4], [2, 5, 4]"],
    [() => merge('dot', { axis: 0 }).apply([a, a]), 'axis 0, the batch, cannot be its axis'],
    [() => merge('add', { axis: 1 }), "merge: option 'axis' must be left out for 'add', got 1. It is for 'concatenate' and 'dot'."],
    [() => merge('concat' as never), "Did you mean 'concatenate'?"],
    [() => prelu({ sharedAxes: [0] }), "option 'sharedAxes' must be a list of axes from 1 on"],
    [() => prelu({ sharedAxes: [2] }).apply(ones([2, 3])), "the input [2, 3] has no axis 2, which 'sharedAxes' names"],
  ] // biome-ignore format: a table
  for (const [call, text] of wrong) expect(call).toThrow(text)
})

test('a slope per channel is for pictures of any size, one per element is not', () => {
  const perChannel = prelu({ sharedAxes: [1, 2] })
  perChannel.apply(ones([1, 4, 4, 3]))
  expect(perChannel.apply(ones([2, 6, 5, 3])).shape).toEqual([2, 6, 5, 3])
  const perElement = prelu()
  perElement.apply(ones([1, 4]))
  expect(() => perElement.apply(ones([1, 5]))).toThrow('prelu: expected inputs [batch, 4], got [1, 5]')
})

/** One number per step; 0 is padding. */
const masked = (steps: number[]) => masking().apply(tensor(steps).reshape([1, steps.length, 1]))
const maskAfter = (y: Tensor) => {
  let found: unknown
  class Probe extends Model {
    protected override computeMask(_x: Tensor, mask: Tensor | undefined) {
      found = mask?.toArray()
      return mask
    }
  }
  new Probe([dense(1)]).apply(y)
  return found
}

test('as in Keras, a step counts where it does for any input, if all have masks', () => {
  const [a, b, c] = [masked([1, 2, 0, 0]), masked([3, 0, 0, 4]), ones([1, 4, 1])]
  expect(maskAfter(merge('add').apply([a, b]))).toEqual([[1, 1, 0, 1]])
  expect(maskAfter(merge('concatenate').apply([a, b]))).toEqual([[1, 1, 0, 1]])
  expect(maskAfter(merge('add').apply([a, c]))).toBeUndefined()
  expect(maskAfter(merge('concatenate', { axis: 1 }).apply([a, c]))).toEqual([[1, 1, 0, 0, 1, 1, 1, 1]])
  expect(maskAfter(merge('dot').apply([a, b]))).toBeUndefined()
})

test('what does not count changes no product and no extreme', () => {
  const [a, b] = [masked([1, 2, 0, 0]), masked([-3, 0, 0, 4])]
  expect(merge('multiply').apply([a, b]).data()).toEqual(Float32Array.of(-3, 2, 1, 4))
  expect(merge('maximum').apply([a, b]).data()).toEqual(Float32Array.of(1, 2, 0, 4))
  expect(merge('minimum').apply([a, b]).data()).toEqual(Float32Array.of(-3, 2, 0, 4))
  expect(
    merge('minimum')
      .apply([a, zeros([1, 4, 1])])
      .data(),
  ).toEqual(Float32Array.of(0, 0, 0, 0))
})
