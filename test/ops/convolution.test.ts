import { checkRows } from '../support/rows.ts'
import { rows } from './table/convolution.ts'

checkRows(rows)
