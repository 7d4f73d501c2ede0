import { checkRows } from '../support/rows.ts'
import { rows } from './table/reduce.ts'

checkRows(rows)
