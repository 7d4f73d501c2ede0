/**
 * Operations that work element by element, with NumPy's broadcasting. Of int32 they are exact modulo 2³², in two's
 * complement: what is too large wraps, as in NumPy.
 */
import { describeValue } from '../options.ts'
import { apply } from '../tensor/apply.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { describeError, shapeError } from '../tensor/describing.ts'
import { type Node, type Operation, type Spec, Tensor } from '../tensor/graph.ts'
import { isContiguous } from '../tensor/layout.ts'
import { defineOperation } from '../tensor/operations.ts'
import { broadcastShapes, formatShape, type Shape } from '../tensor/shape.ts'
import { loops, readsLoops } from './loops.ts'

// ---- one input

type UnaryRule = (dy: Tensor, x: Tensor, y: Tensor) => Tensor | null

function unaryOperation(name: string, rule: UnaryRule, integers = false): Operation<null> {
  return defineOperation({
    name,
    infer: ([x]) => {
      if (x!.dtype === 'int32' && !integers) throw shapeError(name, 'expected float32, got int32. Use cast("float32").')
      return [{ shape: x!.shape, dtype: x!.dtype }]
    },
    emit: ({ inputs: [x], outputs: [y] }, { inputs: [layout] }) => ({
      kernel: name,
      attributes: isContiguous(layout!, x!.shape) ? [] : loops(y!.shape, [x!], [layout!]),
    }),
    reads: readsLoops,
    gradient: (node, [dy]) => [dy ? rule(dy, node.inputs[0]!, node.outputs[0]!) : null],
    inPlace: [[0, 0]],
  })
}

function unary(name: string, rule: UnaryRule, integers = false): (x: TensorLike) => Tensor {
  const operation = unaryOperation(name, rule, integers)
  return (x) => {
    const t = toTensor(x)
    return apply(operation, [integers ? t : toFloat(t)], null)
  }
}

/** −x. */
export const neg = unary('neg', (dy) => neg(dy), true)
export const exp = unary('exp', (dy, _, y) => mul(dy, y))
/** Natural logarithm: −Infinity at 0, NaN below. */
export const log = unary('log', (dy, x) => div(dy, x))
/** log(1 + x), exact for small x. */
export const log1p = unary('log1p', (dy, x) => div(dy, add(x, 1)))
/** exp(x) − 1, exact for small x. */
export const expm1 = unary('expm1', (dy, _, y) => mul(dy, add(y, 1)))
/** The square root; its derivative at 0 is Infinity. */
export const sqrt = unary('sqrt', (dy, _, y) => div(mul(dy, 0.5), y))
export const square = unary('square', (dy, x) => mul(mul(dy, 2), x), true)
/** |x|; its derivative is 0 at 0. */
export const abs = unary('abs', (dy, x) => mul(dy, sign(x)), true)
/** −1, 0 or 1; its derivative is 0. */
export const sign = unary('sign', () => null, true)
export const reciprocal = unary('reciprocal', (dy, _, y) => neg(mul(dy, square(y))))
/** The error function, 2/√π·∫₀ˣ e^(−t²) dt, to 1 ulp. */
export const erf = unary('erf', (dy, x) => mul(dy, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))))
export const sin = unary('sin', (dy, x) => mul(dy, cos(x)))
export const cos = unary('cos', (dy, x) => neg(mul(dy, sin(x))))
/** The largest integer ≤ x; its derivative is 0, as are those of `ceil` and `round`. */
export const floor = unary('floor', () => null)
export const ceil = unary('ceil', () => null)
/** The nearest integer, halves to the even one, as in NumPy. */
export const round = unary('round', () => null)

const clipOperation: Operation<{ low: number; high: number }> = defineOperation({
  name: 'clip',
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  emit: ({ attributes }) => ({ kernel: 'clip', attributes: [attributes.low, attributes.high] }),
  gradient: ({ inputs: [x], attributes: { low, high } }, [dy]) => [
    mul(dy!, cast(mul(greaterEqual(x!, low), lessEqual(x!, high)), 'float32')),
  ],
  inPlace: [[0, 0]],
})

/** min(max(x, low), high). Its derivative is 1 inside and at the limits, 0 outside. */
export function clip(x: TensorLike, low: number, high: number): Tensor {
  if (typeof low !== 'number' || typeof high !== 'number')
    throw describeError(
      'ERR_OPTION',
      'clip',
      `expected two numbers, got ${describeValue(low)} and ${describeValue(high)}`,
    )
  if (!(low <= high)) throw shapeError('clip', `expected low ≤ high, got ${low} and ${high}`)
  return apply(clipOperation, [toTensor(x)], { low, high })
}

const clipThroughOperation: Operation<{ low: number; high: number }> = defineOperation({
  ...clipOperation,
  name: 'clipThrough',
  gradient: (_, [dy]) => [dy!],
})

/** As `clip`, but its derivative is 1 everywhere ("straight-through"). */
export function clipThrough(x: Tensor, low: number, high: number): Tensor {
  return apply(clipThroughOperation, [x], { low, high })
}

/** 1 where x > 0, else 0. Its derivative is 0 everywhere: nothing in front of it can be trained. */
export function step(x: TensorLike): Tensor {
  return cast(greater(x, 0), 'float32')
}

// ---- dtypes

const castOperation: Operation<'float32' | 'int32'> = defineOperation({
  name: 'cast',
  isCast: true,
  flops: () => 0,
  infer: ([x], dtype) => [{ shape: x!.shape, dtype }],
  emit: () => ({ kernel: 'cast', attributes: [] }),
  gradient: ({ inputs: [x] }, [dy]) => [x!.dtype === 'float32' ? dy! : null],
})

/** Float to integer cuts the fraction off; what lies outside becomes the nearest int32, and NaN becomes 0. */
export function cast(x: TensorLike, dtype: 'float32' | 'int32'): Tensor {
  const t = toTensor(x)
  if (dtype !== 'float32' && dtype !== 'int32')
    throw describeError('ERR_OPTION', 'cast', `expected the dtype 'float32' or 'int32', got ${describeValue(dtype)}`)
  return t.stored === dtype ? t : apply(castOperation, [t], dtype)
}

export function toFloat(x: Tensor): Tensor {
  return cast(x, 'float32')
}

// ---- two inputs

function broadcast(name: string, a: Tensor, b: Tensor): Shape {
  const shape = broadcastShapes(a.shape, b.shape)
  if (!shape)
    throw shapeError(
      name,
      `shapes ${formatShape(a.shape)} and ${formatShape(b.shape)} do not fit: compared from the last axis, ` +
        'sizes must be equal or one of them 1',
    )
  return shape
}

type BinaryRule = (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => [Tensor | null, Tensor | null]

function binaryOperation(name: string, rule: BinaryRule | null, result?: 'int32'): Operation<null> {
  return defineOperation({
    name,
    infer: ([a, b]): Spec[] => [{ shape: broadcast(name, a!, b!), dtype: result ?? a!.dtype }],
    emit: (node, { inputs }) => ({ kernel: name, attributes: loops(node.outputs[0]!.shape, node.inputs, inputs) }),
    reads: readsLoops,
    gradient: ({ inputs: [a, b], outputs: [y] }, [dy]) => (rule && dy ? rule(dy, a!, b!, y!) : [null, null]),
    inPlace: [
      [0, 0],
      [0, 1],
    ],
  })
}

/** Both as one dtype: float32 unless both are int32. */
export function pair(x: TensorLike, y: TensorLike): [Tensor, Tensor] {
  const a = toTensor(x, y instanceof Tensor ? y : undefined)
  const b = toTensor(y, a)
  return a.dtype === b.dtype ? [cast(a, a.dtype), cast(b, b.dtype)] : [toFloat(a), toFloat(b)]
}

type Binary = (a: TensorLike, b: TensorLike) => Tensor

function binary(name: string, rule: BinaryRule | null, kind?: 'float' | 'comparison'): Binary {
  const operation = binaryOperation(name, rule, kind === 'comparison' ? 'int32' : undefined)
  return (x, y) => {
    const [a, b] = pair(x, y)
    return apply(operation, kind === 'float' ? [toFloat(a), toFloat(b)] : [a, b], null)
  }
}

export const add = binary('add', (dy) => [dy, dy])
export const sub = binary('sub', (dy) => [dy, neg(dy)])
export const mul = binary('mul', (dy, a, b) => [mul(dy, b), mul(dy, a)])
/** True division: the result is float32. */
export const div = binary('div', (dy, _, b, y) => [div(dy, b), neg(div(mul(dy, y), b))], 'float')
/**
 * aᵇ, and 1 where b is 0. The derivative for a is b·aᵇ⁻¹, and 0 where b is 0; for b it is aᵇ·log a: NaN for a < 0, where
 * aᵇ is defined at single points only, and 0 for a = 0 with b ≥ 0.
 */
export const pow = binary('pow', (dy, a, b, y) => [mul(dy, powSlope(a, b)), mul(dy, mul(y, powLog(a, b)))], 'float')

function powSlope(a: Tensor, b: Tensor): Tensor {
  // 0·aᵇ⁻¹ would be NaN at 0; a constant exponent such as 2 does not come near.
  const lower = sub(b, 1)
  return mul(b, pow(a, b.value?.every((v) => v !== 0) ? lower : where(equal(b, 0), 0, lower)))
}

const powLog = (a: Tensor, b: Tensor) => log(where(mul(equal(a, 0), greaterEqual(b, 0)), 1, a))
/** Element by element; where both are equal the first gets the gradient. */
export const maximum = binary('maximum', (dy, a, b) => choose(dy, greaterEqual(a, b)))
export const minimum = binary('minimum', (dy, a, b) => choose(dy, lessEqual(a, b)))

function choose(dy: Tensor, first: Tensor): [Tensor, Tensor] {
  return [where(first, dy, 0), where(first, 0, dy)]
}

/** Comparisons give int32: 1 where true, else 0. */
export const equal = binary('equal', null, 'comparison')
export const notEqual = binary('notEqual', null, 'comparison')
export const greater = binary('greater', null, 'comparison')
export const greaterEqual = binary('greaterEqual', null, 'comparison')
export const less = binary('less', null, 'comparison')
export const lessEqual = binary('lessEqual', null, 'comparison')

// ---- choice

const whereOperation: Operation<null> = defineOperation({
  name: 'where',
  infer: ([c, a, b]) => {
    const both = broadcast('where', a!, b!)
    const shape = broadcastShapes(c!.shape, both)
    if (!shape)
      throw shapeError('where', `the condition ${formatShape(c!.shape)} does not fit the values ${formatShape(both)}`)
    return [{ shape, dtype: a!.dtype }]
  },
  emit: (node: Node, { inputs }) => ({
    kernel: 'where',
    attributes: loops(node.outputs[0]!.shape, node.inputs, inputs),
  }),
  reads: readsLoops,
  gradient: ({ inputs: [c] }, [dy]) => [null, ...choose(dy!, c!)],
})

/**
 * a where the condition is not 0, else b; all three broadcast. What is not chosen gets the derivative 0: if its own
 * derivative is infinite there, as of a logarithm or root at 0, the product is NaN. Choose before: log(where(ok, x, 1)).
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  const c = toTensor(condition)
  return apply(whereOperation, [c.dtype === 'int32' ? cast(c, 'int32') : notEqual(c, 0), ...pair(a, b)], null)
}
