import type { Row } from '../../support/rows.ts'
import { rows as activation } from './activation.ts'
import { rows as arrange } from './arrange.ts'
import { rows as binary } from './binary.ts'
import { rows as convolution } from './convolution.ts'
import { rows as einsum } from './einsum.ts'
import { rows as movement } from './movement.ts'
import { rows as normalization } from './normalization.ts'
import { rows as order } from './order.ts'
import { rows as pooling } from './pooling.ts'
import { rows as product } from './product.ts'
import { rows as recurrence } from './recurrence.ts'
import { rows as reduce } from './reduce.ts'
import { rows as sampling } from './sampling.ts'
import { rows as soft } from './soft.ts'
import { rows as statistics } from './statistics.ts'
import { rows as unary } from './unary.ts'

export const table: readonly Row[] = [
  ...unary,
  ...activation,
  ...binary,
  ...reduce,
  ...movement,
  ...normalization,
  ...pooling,
  ...product,
  ...convolution,
  ...recurrence,
  ...sampling,
  ...soft,
  ...arrange,
  ...order,
  ...statistics,
  ...einsum,
]
