/** Parameters: tensors in native memory that training changes. */
import { type Constraint, constraintOption } from '../constraints.ts'
import { ChainruleError } from '../errors.ts'
import { type Initializer, type InitializerName, initializerOf } from '../initializers.ts'
import { native } from '../native.ts'
import { checkOptions, describeValue, optional } from '../options.ts'
import { writeNow } from '../program/claims.ts'
import { bytesPer } from '../program/encode.ts'
import { convert } from '../tensor/convert.ts'
import type { TensorLike } from '../tensor/create.ts'
import { outsideTracing, shapeError } from '../tensor/describing.ts'
import { hooks, Tensor } from '../tensor/graph.ts'
import { Segment } from '../tensor/segment.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../tensor/shape.ts'
import { checkedShape } from '../tensor/sizes.ts'
import { Variable } from '../tensor/variable.ts'

/** A tensor that training changes. It is made by `parameter()` in a layer's `build`. */
export class Parameter extends Variable {
  readonly kind = 'parameter'
  /** When false, training leaves it as it is. */
  trainable = true
  /** @internal */ readonly initializer: Initializer
  /** @internal what holds after each update */ readonly constraint: Constraint | null

  /** @internal */
  constructor(shape: Shape, initializer: Initializer, constraint: Constraint | null = null) {
    super(shape, new Segment('parameter', () => native().memory(sizeOf(shape) * bytesPer.float32)))
    this.initializer = initializer
    this.constraint = constraint
  }

  /**
   * Replaces the values. What was described with the old ones keeps them.
   * @throws ERR_SHAPE when the shape differs, ERR_BUSY while a job in the background reads or changes them
   */
  set(values: TensorLike): void {
    setValues(this, values)
  }
}

/** What lies in native memory of its own, and can be set. */
export interface Settable extends Variable {
  readonly kind: 'parameter' | 'state'
  readonly initializer: Initializer
  set(values: TensorLike): void
}

/** @throws ERR_SHAPE when the shape differs, ERR_BUSY while a job changes the values */
export function setValues(target: Settable, values: TensorLike): void {
  const { shape, flat } =
    values instanceof Tensor
      ? { shape: values.shape, flat: Float32Array.from(hooks.read(values)) }
      : convert(values, 'set', 'float32')
  if (!sameShape(shape, target.shape))
    throw new ChainruleError(
      'ERR_SHAPE',
      `set: the ${target.kind} has shape ${formatShape(target.shape)}, got ${formatShape(shape)}`,
    )
  const { segment, offset } = target.place!
  writeNow('set', segment, target, () => native().write(segment.memory!, offset, flat))
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

/** Runs f; what is made there has a shape, and memory only when it is set or read. */
export function withoutValues<T>(f: () => T): T {
  return withInitialValues(() => {}, f)
}

/**
 * Runs f; what is made there gets its first values from the model that it becomes a part of (`giveLateValues`), or an
 * unseeded draw when it is read before.
 */
export function withValuesLater<T>(f: () => T): T {
  if (draw) return f()
  return withInitialValues(({ place, initializer, shape }) => {
    place!.segment.whenUsed((memory) => {
      const values = outsideTracing(() => hooks.read(initializer.values(shape)))
      native().write(memory, 0, values as Float32Array)
    })
  }, f)
}

/** Gives first values to those that have none yet, in the order in which they were made. */
export function giveLateValues(made: Iterable<Settable>, how: Draw): void {
  const waiting = [...made].filter(({ place }) => place!.segment.isUnused).sort((a, b) => a.id - b.id)
  for (const one of waiting) how(one)
}

/** Whether values come from elsewhere now: a model is made again, or built. */
export const isGivingValues = (): boolean => draw !== null

export function giveFirstValues(made: Settable): void {
  outsideTracing(() => (draw ? draw(made) : made.set(made.initializer.values(made.shape))))
}

/**
 * A parameter of a layer; assign it to a field in `build`, so that it is found and named.
 * @param init an initializer or its name; by default 'glorotUniform'
 * @param options `constraint`: what each step applies to it after its update
 */
export function parameter(
  shape: Shape,
  init: Initializer | InitializerName = 'glorotUniform',
  options: { constraint?: Constraint } = {},
): Parameter {
  const { constraint = null } = checkOptions('parameter', options, { constraint: optional(constraintOption) })
  const made = new Parameter(checkedShape('parameter', shape, 1), initializerOf(init, 'parameter'), constraint)
  if (constraint) checkConstraint(constraint, made.shape)
  giveFirstValues(made)
  return made
}

/** Described once where the user's line is, and not only in the first step. */
function checkConstraint(constraint: Constraint, shape: Shape): void {
  const result: unknown = constraint(new Tensor({ shape, dtype: 'float32' }, { symbolic: 'fed' }))
  if (result instanceof Tensor && result.dtype === 'float32' && sameShape(result.shape, shape)) return
  const got = result instanceof Tensor ? `${result.dtype} of shape ${formatShape(result.shape)}` : describeValue(result)
  throw shapeError(
    'parameter',
    `the constraint '${constraint.type}' must give float32 of the parameter's shape ${formatShape(shape)}, got ${got}`,
  )
}
