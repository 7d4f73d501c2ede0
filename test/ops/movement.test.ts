import { checkRows } from '../support/rows.ts'
import { rows } from './table/movement.ts'

checkRows(rows)
