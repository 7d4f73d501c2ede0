/** Convolutions in the plainest way, in float64; nothing here comes from src. */
import { build, type Nd, product } from './oracle.ts'

export interface Moves {
  readonly strides?: readonly number[]
  readonly dilation?: readonly number[]
  readonly padding?: 'valid' | 'same' | 'causal'
  readonly groups?: number
}

interface Edge {
  readonly before: number
  readonly out: number
}

/** TensorFlow's rule: 'same' has ⌈size / stride⌉ results, and the odd zero behind. */
export function edge(size: number, taps: number, stride: number, dilation: number, padding: Moves['padding']): Edge {
  const field = (taps - 1) * dilation + 1
  if (padding === 'same') {
    const out = Math.ceil(size / stride)
    return { out, before: Math.floor(Math.max(0, (out - 1) * stride + field - size) / 2) }
  }
  const before = padding === 'causal' ? field - 1 : 0
  return { out: Math.floor((size + before - field) / stride) + 1, before }
}

/** All indices below these sizes. */
function* indices(sizes: readonly number[]): Generator<number[]> {
  const total = product(sizes)
  for (let i = 0; i < total; i++) {
    const index: number[] = []
    let rest = i
    for (let d = sizes.length - 1; d >= 0; d--) {
      index[d] = rest % sizes[d]!
      rest = Math.floor(rest / sizes[d]!)
    }
    yield index
  }
}

function place(sizes: readonly number[], index: readonly number[]): number {
  let at = 0
  for (const [d, n] of sizes.entries()) at = at * n + index[d]!
  return at
}

type Visit = (from: number, to: number, kernel: number) => void

/** Calls f(place in x, place in y, place in the kernel) for each product in y = x ∗ kernel. */
function visit(x: readonly number[], kernel: readonly number[], y: readonly number[], moves: Moves, f: Visit): void {
  const axes = x.length - 2
  const ones = Array.from({ length: axes }, () => 1)
  const { strides = ones, dilation = ones, padding = 'valid', groups = 1 } = moves
  const taps = kernel.slice(0, axes)
  const edges = taps.map((k, d) => edge(x[d + 1]!, k, strides[d]!, dilation[d]!, padding))
  const [channels, filters] = kernel.slice(axes) as [number, number]
  for (const to of indices(y)) {
    const group = Math.floor(to.at(-1)! / (filters / groups))
    for (const tap of indices(taps)) {
      const at = tap.map((t, d) => to[d + 1]! * strides[d]! + t * dilation[d]! - edges[d]!.before)
      if (at.some((p, d) => p < 0 || p >= x[d + 1]!)) continue
      for (let c = 0; c < channels; c++)
        f(place(x, [to[0]!, ...at, group * channels + c]), place(y, to), place(kernel, [...tap, c, to.at(-1)!]))
    }
  }
}

/** The same, remembered: differences ask thousands of times. */
const walks = new Map<string, Int32Array>()
function walk(x: readonly number[], kernel: readonly number[], y: readonly number[], moves: Moves, f: Visit): void {
  const key = JSON.stringify([x, kernel, y, moves])
  let steps = walks.get(key)
  if (!steps) {
    const list: number[] = []
    visit(x, kernel, y, moves, (...places) => list.push(...places))
    walks.set(key, (steps = Int32Array.from(list)))
  }
  for (let i = 0; i < steps.length; i += 3) f(steps[i]!, steps[i + 1]!, steps[i + 2]!)
}

export function outShape(x: readonly number[], kernel: readonly number[], moves: Moves): number[] {
  const { strides, dilation, padding = 'valid' } = moves
  const out = kernel.slice(0, -2).map((k, d) => edge(x[d + 1]!, k, strides?.[d] ?? 1, dilation?.[d] ?? 1, padding).out)
  return [x[0]!, ...out, kernel.at(-1)!]
}

export function convolution(x: Nd, kernel: Nd, moves: Moves = {}): Nd {
  const shape = outShape(x.shape, kernel.shape, moves)
  const data = new Float64Array(product(shape))
  walk(x.shape, kernel.shape, shape, moves, (from, to, k) => {
    data[to]! += x.data[from]! * kernel.data[k]!
  })
  return { shape, data }
}

/** The transpose of the convolution from [n, ...sizes, c] to y's shape. */
export function transposed(y: Nd, kernel: Nd, sizes: readonly number[], moves: Moves = {}): Nd {
  const shape = [y.shape[0]!, ...sizes, kernel.shape.at(-2)! * (moves.groups ?? 1)]
  const data = new Float64Array(product(shape))
  walk(shape, kernel.shape, y.shape, moves, (to, from, k) => {
    data[to]! += y.data[from]! * kernel.data[k]!
  })
  return { shape, data }
}

/** Σ x·dy for each tap, channel and filter: the gradient of the kernel. */
export function ofKernel(x: Nd, dy: Nd, kernel: readonly number[], moves: Moves = {}): Nd {
  const data = new Float64Array(product(kernel))
  walk(x.shape, kernel, dy.shape, moves, (from, to, k) => {
    data[k]! += x.data[from]! * dy.data[to]!
  })
  return { shape: kernel, data }
}

/** Plus one number per channel. */
export const biased = (x: Nd, bias: Nd): Nd => build(x.shape, (i) => x.data[place(x.shape, i)]! + bias.data[i.at(-1)!]!)
