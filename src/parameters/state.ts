/** States: tensors in native memory that layers keep from step to step, and that training does not change. */
import { type Initializer, type InitializerName, initializerOf } from '../initializers.ts'
import { native } from '../native.ts'
import { bytesPer } from '../program/encode.ts'
import type { TensorLike } from '../tensor/create.ts'
import { Segment } from '../tensor/segment.ts'
import { type Shape, sizeOf } from '../tensor/shape.ts'
import { checkedShape } from '../tensor/sizes.ts'
import { Variable } from '../tensor/variable.ts'
import { giveFirstValues, setValues } from './parameter.ts'

/** A tensor that is saved and not trained, such as a running mean. It is made by `state()`. */
export class State extends Variable {
  readonly kind = 'state'
  /** @internal */ readonly initializer: Initializer

  /** @internal */
  constructor(shape: Shape, initializer: Initializer) {
    super(shape, new Segment('state', () => native().memory(sizeOf(shape) * bytesPer.float32)))
    this.initializer = initializer
  }

  /** Replaces the values. @throws ERR_SHAPE when the shape differs, ERR_BUSY while a job changes them */
  set(values: TensorLike): void {
    setValues(this, values)
  }
}

/**
 * State of a layer; assign it to a public field, so that it is found and saved. `context.update(state, value)` in `forward`
 * names its next value.
 * @param init an initializer or its name; by default 'zeros'
 */
export function state(shape: Shape, init: Initializer | InitializerName = 'zeros'): State {
  const made = new State(checkedShape('state', shape, 0), initializerOf(init, 'state'))
  giveFirstValues(made)
  return made
}
