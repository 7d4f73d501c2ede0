// A read drops how a tensor was computed. A gradient that would need it says so; it does not quietly give zeros.
import { expect, test } from 'vitest'
import { gradient, parameter, type Tensor, tensor } from '../src/index.ts'

const list = (t: Tensor) => Array.from(t.data())
const forgotten = /y depends on a tensor of shape \[\] that has already been computed, by a read/

test('says so, instead of zeros', () => {
  const [w, x] = [tensor([1, 2]), tensor([3, 4])]
  const z = x.mul(w).sum()
  expect(list(gradient(z.relu(), w))).toEqual([3, 4])
  expect(() => gradient(z.relu(), w)).toThrow(forgotten)
  expect(list(gradient(x.mul(w).sum().relu(), w))).toEqual([3, 4])
})

test('of a parameter too', () => {
  const w = parameter([2], 'ones')
  const z = w.mul(3).sum()
  expect(z.item()).toBe(6)
  expect(() => gradient(z.square(), w)).toThrow(forgotten)
})

test('is zero for what y does not depend on, and right for what was read itself', () => {
  const [w, x] = [tensor([1, 2]), tensor([3, 4])]
  const h = x.mul(2)
  expect(list(h)).toEqual([6, 8])
  const y = h.mul(h).sum()
  const [dw, dh] = gradient(y, [w, h])
  expect(list(dw)).toEqual([0, 0])
  expect(list(dh)).toEqual([12, 16])
})

test('that was too long to wait says so', () => {
  const w = tensor(1)
  let y = w.mul(1)
  for (let i = 0; i < 1500; i++) y = y.add(0)
  expect(() => gradient(y.mul(2), w)).toThrow(/over 1,000 operations were pending/)
})
