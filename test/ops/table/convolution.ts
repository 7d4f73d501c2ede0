import { gradient, type Shape, zeros } from '../../../src/index.ts'
import { convolution, transposedConvolution } from '../../../src/ops/convolution.ts'
import { forwardWindow, type Moves, turnedWindow } from '../../../src/ops/window.ts'
import { biased, convolution as exact, ofKernel, transposed } from '../../support/convolution-oracle.ts'
import { uniform } from '../../support/random.ts'
import { lanes, type Row } from '../../support/rows.ts'

const common = { data: uniform(-1, 1), relative: 1e-5, gradientError: 2e-5, effort: 50 }

/** The shapes of x and of the kernel, and how it moves. */
interface Case {
  readonly x: Shape
  readonly kernel: Shape
  readonly padding?: Moves['padding']
  readonly strides?: readonly number[]
  readonly dilation?: readonly number[]
  readonly groups?: number
}

const movesOf = ({ kernel, padding = 'valid', strides, dilation, groups = 1 }: Case): Moves => {
  const ones = kernel.slice(2).map(() => 1)
  return { padding, strides: strides ?? ones, dilation: dilation ?? ones, groups }
}

const titleOf = ({ x, kernel, padding, strides, dilation, groups }: Case) =>
  [
    `[${x}] by [${kernel}]`,
    padding ?? 'valid',
    ...(strides ? [`strides ${strides}`] : []),
    ...(dilation ? [`dilation ${dilation}`] : []),
    ...(groups ? [`${groups} groups`] : []),
  ].join(', ')

function forward(of: Case): Row {
  const moves = movesOf(of)
  return {
    op: 'convolution',
    title: `convolution, ${titleOf(of)}`,
    ...common,
    shapes: [[of.x, of.kernel, [of.kernel.at(-1)!]]],
    compute: (x, kernel, bias) =>
      convolution(x, kernel, forwardWindow('convolution', x.shape, kernel.shape, moves), bias),
    oracle: (x, kernel, bias) => biased(exact(x!, kernel!, moves), bias!),
  }
}

/** Of an x that has the sizes of the result. */
function turned(of: Case): Row {
  const moves = movesOf(of)
  const window = turnedWindow('transposedConvolution', of.x, of.kernel, moves)
  const sizes = window.axes.map((axis) => axis.in)
  return {
    op: 'transposedConvolution',
    title: `transposed convolution, ${titleOf(of)}`,
    ...common,
    shapes: [[of.x, of.kernel, [of.kernel.at(-2)! * moves.groups]]],
    compute: (x, kernel, bias) => transposedConvolution(x, kernel, window, bias),
    oracle: (x, kernel, bias) => biased(transposed(x!, kernel!, sizes, moves), bias!),
  }
}

/** The gradient of the kernel, and its own gradient. */
function ofTheKernel(of: Case): Row {
  const moves = movesOf(of)
  const window = forwardWindow('convolution', of.x, of.kernel, moves)
  const dy = [of.x[0]!, ...window.axes.map((axis) => axis.out), of.kernel.at(-1)!]
  return {
    op: 'kernelConvolution',
    title: `gradient of the kernel, ${titleOf(of)}`,
    ...common,
    shapes: [[of.x, dy]],
    compute: (x, d) => {
      const kernel = zeros(of.kernel)
      return gradient(convolution(x, kernel, window), kernel, d)
    },
    oracle: (x, d) => ofKernel(x!, d!, of.kernel, moves),
  }
}

const pictures: Case[] = [
  { x: [1, 1, 1, 1], kernel: [1, 1, 1, 1] },
  { x: [2, 5, 6, 3], kernel: [3, 3, 3, 5], padding: 'same' },
  { x: [2, 5, 6, 3], kernel: [3, 3, 3, 5] },
  { x: [1, 7, 7, 1], kernel: [3, 3, 1, 10], padding: 'same' },
  { x: [1, 9, 9, 1], kernel: [5, 5, 1, 33], padding: 'same' },
  { x: [3, 4, 4, 2], kernel: [4, 2, 2, 3], padding: 'same' }, // even kernels: the odd zero is behind
  { x: [1, 2, 3, 2], kernel: [5, 6, 2, 3], padding: 'same' }, // larger than the input
  { x: [1, 5, 5, 2], kernel: [5, 5, 2, 3] }, // as large
  { x: [2, 7, 8, 3], kernel: [3, 3, 3, 4], padding: 'same', strides: [2, 2] },
  { x: [2, 7, 8, 3], kernel: [2, 3, 3, 4], strides: [2, 3] },
  { x: [1, 9, 8, 3], kernel: [2, 1, 3, 4], padding: 'same', strides: [4, 3] }, // steps over some
  { x: [1, 3, 2, 2], kernel: [1, 1, 2, 3], strides: [5, 5] },
  { x: [1, 9, 8, 3], kernel: [3, 2, 3, 5], padding: 'same', dilation: [2, 3] },
  { x: [1, 9, 8, 3], kernel: [3, 2, 3, 5], dilation: [2, 3] },
  { x: [2, 5, 5, 6], kernel: [3, 3, 3, 4], padding: 'same', groups: 2 },
  { x: [1, 5, 5, 6], kernel: [3, 3, 1, 12], padding: 'same', groups: 6 },
  { x: [1, 6, 6, 6], kernel: [3, 3, 2, 9], strides: [2, 2], groups: 3 },
  { x: [1, 4, 17, 17], kernel: [3, 3, 17, lanes + 1], padding: 'same' },
  { x: [1, 3, 29, 5], kernel: [3, 3, 5, 2 * lanes + 1], padding: 'same' },
]
// Every channel by itself.
const apart: Case[] = [
  { x: [2, 6, 7, 3], kernel: [3, 3, 1, 3], padding: 'same', groups: 3 },
  { x: [1, 9, 23, 17], kernel: [3, 3, 1, 17], padding: 'same', groups: 17 },
  { x: [1, 8, 9, 16], kernel: [2, 7, 1, 16], padding: 'same', groups: 16 },
  { x: [1, 5, 4, lanes + 1], kernel: [7, 6, 1, lanes + 1], padding: 'same', groups: lanes + 1 },
  { x: [2, 7, 8, 5], kernel: [3, 2, 1, 5], padding: 'same', strides: [2, 3], groups: 5 },
  { x: [1, 7, 9, 5], kernel: [2, 1, 1, 5], strides: [3, 2], groups: 5 },
  { x: [1, 9, 8, 4], kernel: [3, 2, 1, 4], padding: 'same', dilation: [2, 3], groups: 4 },
  { x: [2, 11, 3], kernel: [4, 1, 3], padding: 'causal', dilation: [2], groups: 3 },
  { x: [1, 4, 3, 5, 2], kernel: [2, 3, 3, 1, 2], padding: 'same', groups: 2 },
  { x: [1, 5, 5, 3], kernel: [3, 3, 1, 9], padding: 'same', groups: 3 },
  { x: [2, 1, 1, 2], kernel: [7, 7, 1, 2], padding: 'same', groups: 2 }, // far larger than the input
  { x: [3, 2, 4], kernel: [5, 1, 4], padding: 'causal', dilation: [3], groups: 4 },
]
// Few filters.
const slim: Case[] = [1, 2, 3, 4].map((f) => ({ x: [1, 4, 7, 19], kernel: [3, 3, 19, f], padding: 'same' }))
// Three by three with many channels, by Winograd's way: whole squares and cut ones, blocks of them.
const squares: Case[] = [
  { x: [2, 6, 7, 32], kernel: [3, 3, 32, 17], padding: 'same' },
  { x: [1, 8, 6, 33], kernel: [3, 3, 33, 33] },
  { x: [1, 3, 12, 40], kernel: [3, 3, 40, 32], padding: 'same' },
  { x: [2, 13, 14, 32], kernel: [3, 3, 32, 16], padding: 'same' },
]
// Blocks that are cut by rows, by columns, and what fits in none.
const large: Case[] = [
  { x: [1, 30, 50, 48], kernel: [3, 3, 48, 2], padding: 'same' },
  { x: [1, 2, 1000, 48], kernel: [3, 3, 48, 1], padding: 'same' },
  { x: [1, 5, 16_384], kernel: [9, 16_384, 1], padding: 'same' },
]
const others: Case[] = [
  { x: [2, 11, 3], kernel: [3, 3, 5], padding: 'causal' },
  { x: [2, 11, 3], kernel: [3, 3, 5], padding: 'causal', dilation: [4] },
  { x: [2, 11, 3], kernel: [4, 3, 5], padding: 'causal', strides: [3] },
  { x: [1, 40, 1], kernel: [7, 1, 3], padding: 'same' },
  { x: [1, 40, 4], kernel: [3, 2, 6], padding: 'same', strides: [2], groups: 2 },
  { x: [1, 4, 5, 6, 2], kernel: [3, 3, 3, 2, 4], padding: 'same' },
  { x: [2, 3, 4, 5, 2], kernel: [2, 3, 2, 2, 3], strides: [1, 2, 2] },
  { x: [1, 5, 4, 3, 4], kernel: [2, 2, 2, 2, 4], padding: 'same', dilation: [2, 1, 2], groups: 2 },
]
// Strides over axes of size 1, of which only some taps meet anything.
const single: Case[] = [
  { x: [2, 1, 3], kernel: [3, 3, 4], padding: 'same', strides: [2] },
  { x: [1, 1, 1, 2], kernel: [2, 2, 2, 1], padding: 'same', strides: [2, 2] },
  { x: [2, 1, 5, 1], kernel: [4, 3, 1, 1], padding: 'same', strides: [3, 1] },
]
const back: Case[] = [
  { x: [2, 3, 4, 5], kernel: [3, 3, 2, 5], padding: 'same', strides: [2, 2] },
  { x: [2, 3, 4, 5], kernel: [3, 3, 2, 5], strides: [2, 2] },
  { x: [1, 3, 3, 2], kernel: [2, 1, 3, 2], strides: [3, 4] }, // holes
  { x: [1, 3, 3, 2], kernel: [4, 5, 17, 2], padding: 'same' },
  { x: [1, 4, 4, 4], kernel: [3, 2, 3, 4], padding: 'same', strides: [2, 3], groups: 2 },
  { x: [1, 5, 3, 2], kernel: [3, 2, 4, 2], dilation: [2, 1] },
  { x: [2, 7, 3], kernel: [4, 2, 3], padding: 'same', strides: [2] },
  { x: [1, 4, 5, 3], kernel: [3, 3, 1, 3], padding: 'same', strides: [2, 2], groups: 3 },
  { x: [1, 5, 6, 35], kernel: [3, 3, 18, 35] },
  { x: [1, 4, 5, 35], kernel: [4, 4, 1, 35], padding: 'same', strides: [2, 2] },
  { x: [1, 4, 5, 33], kernel: [3, 5, 3, 33], strides: [2, 3] },
]

export const rows: Row[] = [
  ...[...pictures, ...apart, ...slim, ...squares, ...large, ...others, ...single].map(forward),
  ...back.map(turned),
  ...[...pictures, ...apart, ...large, ...single].map(ofTheKernel),
]
