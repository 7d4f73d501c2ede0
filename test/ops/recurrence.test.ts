import { checkRows } from '../support/rows.ts'
import { rows } from './table/recurrence.ts'

checkRows(rows)
