/** The parts of networks in float64, forward and backward, in the plainest way; nothing here comes from src. */
import { each, matmul, type Nd, product, reduce, rowwise, softmax as softmaxRow, total, transpose } from './oracle.ts'

/** A function with one result, and Σ dy·∂y/∂x for each of its inputs. */
export interface Part {
  forward(...x: Nd[]): Nd
  backward(x: readonly Nd[], dy: Nd): Nd[]
}

const elementwise = (f: (x: number) => number, derivative: (x: number) => number): Part => ({
  forward: (x) => each(f, x!),
  backward: ([x], dy) => [each((v, d) => d * derivative(v), x!, dy)],
})

const logistic = (x: number) => 1 / (1 + Math.exp(-x))
const softmax = (x: Nd) => rowwise(x, softmaxRow)

export const activations: Record<string, Part> = {
  linear: elementwise(
    (x) => x,
    () => 1,
  ),
  relu: elementwise(
    (x) => Math.max(0, x),
    (x) => (x > 0 ? 1 : 0),
  ),
  sigmoid: elementwise(logistic, (x) => logistic(x) * (1 - logistic(x))),
  tanh: elementwise(Math.tanh, (x) => 1 - Math.tanh(x) ** 2),
  step: elementwise(
    (x) => (x > 0 ? 1 : 0),
    () => 0,
  ),
  softmax: {
    forward: (x) => softmax(x!),
    backward: ([x], dy) => {
      const s = softmax(x!)
      const along = reduce(
        each((a, b) => a * b, s, dy),
        { axis: -1, keepdims: true },
        total,
      )
      return [each((p, d, sum) => p * (d - sum), s, dy, along)]
    },
  },
}

/** Inputs x, W, b. */
export const dense: Part = {
  forward: (x, w, b) => each((a, c) => a + c, matmul(x!, w!), b!),
  backward: ([x, w], dy) => [matmul(dy, transpose(w!)), matmul(transpose(x!), dy), reduce(dy, { axis: 0 }, total)],
}

/** One part after the other: the first takes all inputs. */
export function chain(first: Part, ...rest: Part[]): Part {
  const values = (x: readonly Nd[]) => {
    const list = [first.forward(...x)]
    for (const part of rest) list.push(part.forward(list.at(-1)!))
    return list
  }
  return {
    forward: (...x) => values(x).at(-1)!,
    backward: (x, dy) => {
      const list = values(x)
      let d = dy
      for (let i = rest.length - 1; i >= 0; i--) d = rest[i]!.backward([list[i]!], d)[0]!
      return first.backward(x, d)
    },
  }
}

/** A loss of fixed labels: the mean over samples of the mean over outputs of `one`, or of the sum. */
function loss(
  y: Nd,
  how: 'mean' | 'sum',
  one: (p: number, y: number) => number,
  slope: (p: number, y: number) => number,
): Part {
  const rows = y.shape[0]!
  const count = how === 'mean' ? product(y.shape) : rows
  return {
    forward: (p) => ({ shape: [], data: Float64Array.of(total([...each(one, p!, y).data]) / count) }),
    backward: ([p], dy) => [each((a, b) => (dy.data[0]! * slope(a, b)) / count, p!, y)],
  }
}

export const losses: Record<string, (y: Nd) => Part> = {
  categoricalCrossentropy: (y) =>
    loss(
      y,
      'sum',
      (p, t) => -t * Math.log(p),
      (p, t) => -t / p,
    ),
  binaryCrossentropy: (y) =>
    loss(
      y,
      'mean',
      (p, t) => -(t * Math.log(p) + (1 - t) * Math.log(1 - p)),
      (p, t) => -(t / p - (1 - t) / (1 - p)),
    ),
  meanSquaredError: (y) =>
    loss(
      y,
      'mean',
      (p, t) => (t - p) ** 2,
      (p, t) => -2 * (t - p),
    ),
  meanAbsoluteError: (y) =>
    loss(
      y,
      'mean',
      (p, t) => Math.abs(t - p),
      (p, t) => Math.sign(p - t),
    ),
}

/** l1·Σ|p| + l2·Σp². */
export const penalty = (l1: number, l2: number): Part => ({
  forward: (p) => ({ shape: [], data: Float64Array.of(total([...p!.data].map((v) => l1 * Math.abs(v) + l2 * v * v))) }),
  backward: ([p], dy) => [each((v) => dy.data[0]! * (l1 * (v < 0 ? -1 : 1) + 2 * l2 * v), p!)],
})

/** Times a mask. */
export const masked = (mask: Nd): Part => ({
  forward: (x) => each((a, m) => a * m, x!, mask),
  backward: (_, dy) => [each((d, m) => d * m, dy, mask)],
})
