// What nobody holds is freed: programs that are kept for the next time hold no values.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { gradient, tensor } from '../src/index.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('a tensor that was computed', async () => {
  const refs = (() => {
    const x = tensor([1, 2, 3])
    const between = x.mul(2)
    const y = between.exp().sum()
    const dx = gradient(y, x)
    expect(y.item()).toBeCloseTo(Math.exp(2) + Math.exp(4) + Math.exp(6), 3)
    expect(dx.data()).toHaveLength(3)
    return [x, between, y, dx].map((t) => new WeakRef(t))
  })()
  await new Promise(setImmediate)
  collect()
  expect(refs.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined, undefined])
})
