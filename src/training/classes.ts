import { cast, greater } from '../ops/elementwise.ts'
import { argmax } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/graph.ts'

/** Classes from outputs: several per sample are scores of classes, one is the probability of class 1. */
export function classesOf(outputs: Tensor): Tensor {
  if (outputs.rank >= 2 && outputs.size(-1) > 1) return argmax(outputs, { axis: -1 })
  return cast(greater(outputs, 0.5), 'int32')
}
