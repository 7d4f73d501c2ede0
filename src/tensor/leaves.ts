/** Tensors that nothing computes: fed, stored somewhere, or with a value. */
import { Tensor, type Values } from './graph.ts'
import { Past } from './past.ts'
import { type Place, Segment } from './segment.ts'
import type { Shape, StoredType } from './shape.ts'

/** A leaf that is fed when the program runs: its segment is bound to memory then. */
export function feed(shape: Shape, dtype: StoredType, name = 'input'): Tensor {
  return new Tensor({ shape, dtype }, { symbolic: 'fed', place: { segment: new Segment(name), offset: 0 } })
}

/** A leaf that lies in native memory. */
export function stored(shape: Shape, dtype: StoredType, place: Place): Tensor {
  return new Tensor({ shape, dtype }, { place })
}

/** A number that was written among tensors: nobody can ask for its gradient later. */
export function literal(values: Values): Tensor {
  const made = constant(values, [])
  made.past = Past.none
  return made
}

/** A leaf with a value that never changes. The array belongs to the tensor from now on. */
export function constant(values: Values, shape: Shape): Tensor {
  return new Tensor({ shape, dtype: values instanceof Int32Array ? 'int32' : 'float32' }, { value: values })
}
