import { checkRows } from '../support/rows.ts'
import { rows } from './table/sampling.ts'

checkRows(rows)
