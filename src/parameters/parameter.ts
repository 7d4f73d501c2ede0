/** Parameters: tensors in native memory that training changes. */
import { ChainruleError } from '../errors.ts'
import { type Initializer, type InitializerName, initializerOf } from '../initializers.ts'
import { native } from '../native.ts'
import { checkedShape, flatten, nestedShape, type TensorLike } from '../tensor/create.ts'
import { outsideTracing } from '../tensor/describing.ts'
import { hooks, Segment, Tensor } from '../tensor/graph.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../tensor/shape.ts'

/** A tensor that training changes. It is made by `parameter()` in a layer's `build`. */
export class Parameter extends Tensor {
  readonly kind = 'parameter'
  /** When false, training leaves it as it is. */
  trainable = true
  /** @internal */ readonly initializer: Initializer

  /** @internal */
  constructor(shape: Shape, initializer: Initializer) {
    super({ shape, dtype: 'float32' }, { place: { segment: new Segment('parameter'), offset: 0 } })
    this.initializer = initializer
    this.place!.segment.memory = native().memory(sizeOf(shape) * 4)
  }

  /** Replaces the values. @throws ERR_SHAPE when the shape differs, ERR_BUSY while training runs */
  set(values: TensorLike): void {
    setValues(this, values)
  }
}

/** What lies in native memory of its own, and can be set. */
export interface Settable extends Tensor {
  readonly kind: 'parameter' | 'state'
  readonly initializer: Initializer
  set(values: TensorLike): void
}

/** @throws ERR_SHAPE when the shape differs, ERR_BUSY while a job changes the values */
export function setValues(target: Settable, values: TensorLike): void {
  const shape = values instanceof Tensor ? values.shape : typeof values === 'number' ? [] : nestedShape(values, 'set')
  if (!sameShape(shape, target.shape))
    throw new ChainruleError(
      'ERR_SHAPE',
      `set: the ${target.kind} has shape ${formatShape(target.shape)}, got ${formatShape(shape)}`,
    )
  const { segment, offset } = target.place!
  if (segment.busy) throw new ChainruleError('ERR_BUSY', `set: ${segment.busy}; await it first`)
  const flat = new Float32Array(sizeOf(shape))
  flatten(values instanceof Tensor ? hooks.read(values) : values, flat)
  native().write(segment.memory!, offset, flat)
}

type Draw = (made: Settable) => unknown
let draw: Draw | null = null

/** Runs f and lets `how` give what is made there its first values, instead of an unseeded draw. */
export function withInitialValues<T>(how: Draw, f: () => T): T {
  const before = draw
  draw = how
  try {
    return f()
  } finally {
    draw = before
  }
}

export function giveFirstValues(made: Settable): void {
  outsideTracing(() => (draw ? draw(made) : made.set(made.initializer.values(made.shape))))
}

/**
 * A parameter of a layer; assign it to a field in `build`, so that it is found and named.
 * @param init an initializer or its name; by default 'glorotUniform'
 */
export function parameter(shape: Shape, init: Initializer | InitializerName = 'glorotUniform'): Parameter {
  const made = new Parameter(checkedShape('parameter', shape, 1), initializerOf(init, 'parameter'))
  giveFirstValues(made)
  return made
}
