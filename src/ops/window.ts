/** How a kernel moves over positions: sizes, strides and edges of one, two or three axes. */
import { shapeError } from '../tensor/describing.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'

export type Padding = 'valid' | 'same' | 'causal'

/** One axis: `in` positions, padded, on which `taps` at a distance of `dilation` take `out` steps of `stride`. */
export interface WindowAxis {
  readonly in: number
  readonly out: number
  readonly taps: number
  readonly stride: number
  readonly dilation: number
  /** Zeros in front of the first position; what is read behind the last one is zero too. */
  readonly before: number
}

/** A kernel on all axes between batch and channels, which are in so many groups. */
export interface Window {
  readonly axes: readonly WindowAxis[]
  readonly groups: number
}

export interface Moves {
  readonly strides: readonly number[]
  readonly dilation: readonly number[]
  readonly padding: Padding
  readonly groups: number
}

/** How far a kernel reaches with its gaps. */
const reach = (taps: number, dilation: number) => (taps - 1) * dilation + 1

const sum = (padding: Padding, size: number, out: number, stride: number, field: number) =>
  padding === 'valid' ? 0 : padding === 'causal' ? field - 1 : Math.max(0, (out - 1) * stride + field - size)

/**
 * A forward axis. With 'same' there are size / stride results, rounded up, and one zero more behind than in front where
 * their number is odd (as in TensorFlow); 'causal' has all zeros in front.
 */
function forwardAxis(padding: Padding, size: number, taps: number, stride: number, dilation: number): WindowAxis {
  const field = reach(taps, dilation)
  const padded = padding === 'causal' ? size + field - 1 : size
  const out = padding === 'same' ? Math.ceil(size / stride) : Math.floor((padded - field) / stride) + 1
  const zeros = sum(padding, size, out, stride, field)
  const before = padding === 'same' ? Math.floor(zeros / 2) : zeros
  return { in: size, out, taps, stride, dilation, before }
}

/** The window of a convolution of x [n, ..., c] with a kernel [..., c / groups, f]. Throws where they do not fit. */
export function forwardWindow(where: string, x: Shape, kernel: Shape, moves: Moves): Window {
  checkSides(where, x, kernel, moves, 'x')
  const axes = moves.strides.map((stride, i) => {
    const axis = forwardAxis(moves.padding, x[i + 1]!, kernel[i]!, stride, moves.dilation[i]!)
    if (axis.out >= 1) return axis
    const taps = kernel.slice(0, -2)
    throw shapeError(
      where,
      `the kernel ${formatShape(taps)}${dilated(moves)} is larger than the input: axis ${i + 1} of ${formatShape(x)} has ` +
        `${x[i + 1]} positions and the kernel reaches over ${reach(kernel[i]!, moves.dilation[i]!)}. ` +
        `Take a smaller kernel, or padding 'same'.`,
    )
  })
  return { axes, groups: moves.groups }
}

const dilated = ({ dilation }: Moves) => (dilation.some((d) => d > 1) ? ` with dilation ${formatShape(dilation)}` : '')

/**
 * The window of a transposed convolution of x [n, ..., f] with a kernel [..., c / groups, f]: that of the convolution
 * whose result has the size of x. Its `in` is what becomes of x: size · stride, and with 'valid' all that the kernel
 * reaches.
 */
export function turnedWindow(where: string, x: Shape, kernel: Shape, moves: Moves): Window {
  checkSides(where, x, kernel, moves, 'y')
  const axes = moves.strides.map((stride, i) => {
    const field = reach(kernel[i]!, moves.dilation[i]!)
    const size = x[i + 1]! * stride + (moves.padding === 'valid' ? Math.max(0, field - stride) : 0)
    return { ...forwardAxis(moves.padding, size, kernel[i]!, stride, moves.dilation[i]!), out: x[i + 1]! }
  })
  return { axes, groups: moves.groups }
}

function checkSides(where: string, x: Shape, kernel: Shape, moves: Moves, side: 'x' | 'y'): void {
  const axes = moves.strides.length
  if (x.length !== axes + 2)
    throw shapeError(
      where,
      `expected [batch, ${'..., '.repeat(axes)}channels], which has ${axes + 2} axes, got ${formatShape(x)}`,
    )
  const channels = x.at(-1)!
  const { groups } = moves
  const expected = side === 'x' ? kernel.at(-2)! * groups : kernel.at(-1)!
  if (channels !== expected)
    throw shapeError(
      where,
      `the kernel ${formatShape(kernel)}${groups > 1 ? ` in ${groups} groups` : ''} takes ${expected} channels, ` +
        `the input ${formatShape(x)} has ${channels}`,
    )
  if (kernel.at(-1)! % groups !== 0)
    throw shapeError(
      where,
      `${groups} groups do not divide ${kernel.at(-1)} filters. Both must be multiples of groups.`,
    )
}
