import { checkRows } from '../support/rows.ts'
import { rows } from './table/soft.ts'

checkRows(rows)
