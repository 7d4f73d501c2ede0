import { checkRows } from '../support/rows.ts'
import { rows } from './table/order.ts'

checkRows(rows)
