import { expect, test } from 'vitest'
import { gradient, tensor } from '../../src/index.ts'
import { checkRows } from '../support/rows.ts'
import { rows } from './table/reduce.ts'

checkRows(rows)

// As in JAX: jax.grad(lambda x: x.max(axis=(0, 2)).sum()) of these values.
test('equal extremes share the gradient, over axes that do not stand side by side too', () => {
  const x = tensor([[[1, 1]], [[1, 0]]])
  const dx = gradient(x.max({ axis: [0, 2] }).sum(), x)
  expect(dx.data()).toEqual(Float32Array.of(1 / 3, 1 / 3, 1 / 3, 0))
})
