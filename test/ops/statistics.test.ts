import { checkRows } from '../support/rows.ts'
import { rows } from './table/statistics.ts'

checkRows(rows)
