import { checkRows } from '../support/rows.ts'
import { rows } from './table/binary.ts'

checkRows(rows)
