import { checkRows } from '../support/rows.ts'
import { rows } from './table/einsum.ts'

checkRows(rows)
