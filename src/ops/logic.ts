/** Truth: 0 is false, everything else is true, NaN too, as in NumPy. Results are int32, 1 or 0. */
import { type TensorLike, toTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/graph.ts'
import { equal, maximum, mul, notEqual } from './elementwise.ts'
import { type Reduce, reduceOptions, sum } from './reduce.ts'

const truth = (x: TensorLike) => notEqual(toTensor(x), 0)

/** 1 where both are true; with broadcasting. */
export function logicalAnd(a: TensorLike, b: TensorLike): Tensor {
  return mul(truth(a), truth(b))
}

/** 1 where one of them is true, or both. */
export function logicalOr(a: TensorLike, b: TensorLike): Tensor {
  return maximum(truth(a), truth(b))
}

/** 1 where x is 0. */
export function logicalNot(x: TensorLike): Tensor {
  return equal(toTensor(x), 0)
}

/** 1 where one is true along the axes; of nothing 0. */
export function any(x: TensorLike, options?: Reduce): Tensor {
  const t = truth(x)
  return notEqual(sum(t, reduceOptions('any', t, options)), 0)
}

/** 1 where all are true along the axes; of nothing 1. */
export function all(x: TensorLike, options?: Reduce): Tensor {
  const t = logicalNot(x)
  return logicalNot(sum(t, reduceOptions('all', t, options)))
}
