import { checkRows } from '../support/rows.ts'
import { rows } from './table/arrange.ts'

checkRows(rows)
