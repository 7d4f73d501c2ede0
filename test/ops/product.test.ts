import { expect, test } from 'vitest'
import { checkRows } from '../support/rows.ts'
import { mostWork, rows } from './table/product.ts'

checkRows(rows)

test('the table has products that are cut into tiles', () => {
  expect(mostWork).toBeGreaterThan(4e6)
})
