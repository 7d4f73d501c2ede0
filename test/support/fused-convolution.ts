/** The forms of convolutions with a bias and an activation, and of gates on the way back: see fused.ts. */

import { forwardWindow, turnedWindow, type Window } from '../../src/ops/window.ts'
import { type Activation, activationNamed, drawFor } from './activations.ts'
import type { Form, Input } from './form.ts'
import { type Draw, seeded, uniform } from './random.ts'

type Shape = readonly number[]
interface Case {
  readonly path: string
  readonly x: Shape
  readonly kernel: Shape
  readonly strides?: readonly number[]
  readonly groups?: number
}

// One for each way to compute, forwards and back.
const cases: readonly Case[] = [
  { path: 'rows', x: [2, 5, 6, 7], kernel: [3, 3, 7, 18] },
  { path: 'rows, strides', x: [1, 6, 7, 5], kernel: [3, 3, 5, 34], strides: [2, 2] },
  { path: 'groups', x: [1, 5, 5, 4], kernel: [3, 3, 2, 6], groups: 2 },
  { path: 'small', x: [2, 6, 7, 1], kernel: [3, 3, 1, 19] },
  { path: 'slim', x: [1, 4, 7, 19], kernel: [3, 3, 19, 3] },
  { path: 'apart', x: [1, 6, 7, 18], kernel: [3, 3, 1, 18], groups: 18 },
  { path: 'squares', x: [1, 7, 6, 33], kernel: [3, 3, 33, 34] },
  { path: 'series', x: [2, 9, 3], kernel: [3, 3, 4] },
]
const activations: readonly (Activation | null)[] = [
  null,
  ...['relu', 'sigmoid', 'tanh', 'elu', 'gelu', 'silu'].map(activationNamed),
]

function drawn(shape: Shape, seed: number, draw: Draw = uniform(-1, 1)): Input {
  const size = shape.reduce((a, b) => a * b, 1)
  return { shape, dtype: 'float32', values: [...draw.draw(size, seeded(seed))].map(Math.fround) }
}

/** Values of an activation, or slopes where those are kept. */
function results(a: Activation, shape: Shape): Input {
  const x = drawn(shape, 4, drawFor(a, -4, 7))
  return { ...x, values: x.values.map((v) => Math.fround(a.keeps ? a.slope(v) : a.value(v))) }
}

const movesOf = ({ kernel, strides, groups = 1 }: Case) => {
  const ones = kernel.slice(2).map(() => 1)
  return { strides: strides ?? ones, dilation: ones, padding: 'same', groups } as const
}
const fusing = (a: Activation | null) => a && { name: a.name, numbers: a.numbers }

function form(of: Case, a: Activation | null, window: Window, inputs: readonly Input[]): Form {
  const title = `${of.path}, ${a?.name ?? 'linear'}${inputs.length < 3 ? ', no bias' : ''}`
  return { title, attributes: { ...window, activation: fusing(a) }, inputs, wild: false }
}

export const forwards = cases.flatMap((of) =>
  activations.flatMap((a) => {
    const window = forwardWindow('convolution', of.x, of.kernel, movesOf(of))
    const inputs = [drawn(of.x, 1), drawn(of.kernel, 2), drawn([of.kernel.at(-1)!], 3)]
    return [form(of, a, window, inputs), form(of, a, window, inputs.slice(0, 2))]
  }),
)

/** What has as many channels as the kernel has filters, to the kernel's channels. */
function backwards(of: Case): { window: Window; x: Input; kernel: Input; channels: number } {
  const x = [...of.x.slice(0, -1), of.kernel.at(-1)!]
  const window = turnedWindow('transposedConvolution', x, of.kernel, movesOf(of))
  return { window, x: drawn(x, 1), kernel: drawn(of.kernel, 2), channels: of.kernel.at(-2)! * (of.groups ?? 1) }
}

export const turned = cases.flatMap((of) =>
  activations.map((a) => {
    const { window, x, kernel, channels } = backwards(of)
    return form(of, a, window, [x, kernel, drawn([channels], 3)])
  }),
)

export const gated = cases.flatMap((of) =>
  activations.flatMap((a) => {
    if (!a) return []
    const { window, x, kernel, channels } = backwards(of)
    const shape = [x.shape[0]!, ...window.axes.map((axis) => axis.in), channels]
    return [form(of, a, window, [x, kernel, results(a, shape)])]
  }),
)
