import { checkRows } from '../support/rows.ts'
import { rows } from './table/activation.ts'

checkRows(rows)
