import { checkRows } from '../support/rows.ts'
import { rows } from './table/unary.ts'

checkRows(rows)
