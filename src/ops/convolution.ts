/**
 * Convolutions, channels last, over one, two or three axes. Three operations have the same window, and each is what
 * the others' gradients are made of: the convolution itself, the way from its result's shape back to its input's (a
 * transposed convolution), and the sums over all positions that make a kernel.
 */
import { apply } from '../tensor/apply.ts'
import { backThrough, shapeError } from '../tensor/describing.ts'
import type { Elementwise, Instruction, Node, Operation, Spec, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts'
import {
  activateAll,
  backThroughActivation,
  type Epilogue,
  epilogueOf,
  gateBy,
  gateOf,
  keepsSlope,
  meaningOfElementwise,
} from './activation.ts'
import { add } from './elementwise.ts'
import { linear } from './matmul.ts'
import { broadcastTo, reshape } from './movement.ts'
import { sum } from './reduce.ts'
import type { Window, WindowAxis } from './window.ts'

// ---- what the kernels take

const flat: WindowAxis = { in: 1, out: 1, taps: 1, stride: 1, dilation: 1, before: 0 }

/** The first attributes of every kernel of convolutions. Series and pictures have axes of size 1 in front. */
function geometry({ axes, groups }: Window, n: number, channels: number, filters: number): readonly number[] {
  const all = [...Array.from({ length: 3 - axes.length }, () => flat), ...axes]
  return [n, channels, filters, groups, ...all.flatMap((a) => [a.in, a.out, a.taps, a.stride, a.dilation, a.before])]
}

const sizesOf = (window: Window, side: 'in' | 'out' | 'taps') => window.axes.map((axis) => axis[side])

/** Every channel by itself, with one filter: kernels of their own, which take the kernel as it lies. */
const isDepthwise = ({ groups }: Window, channels: number, filters: number) =>
  groups > 1 && groups === channels && groups === filters

/**
 * Winograd's way, for pictures by kernels of 3×3: 16 products instead of 36, but values are transformed there and back,
 * which pays from some channels on, and where few squares of 2×2 reach over the edge.
 */
function isWinograd({ axes, groups }: Window, side: Side, from: number, to: number): boolean {
  const even = (n: number) => n + (n % 2)
  const fits = axes.length === 2 && axes.every((a) => a.taps === 3 && a.stride === 1 && a.dilation === 1)
  const results = axes.map((axis) => axis[side])
  const extra = sizeOf(results.map(even)) / sizeOf(results)
  return fits && groups === 1 && from >= 32 && from <= 2048 && to >= 16 && extra <= 1.4
}

/** What a convolution computes, and what follows on each result. */
interface Convolving extends Window {
  readonly activation: Elementwise | null
}

const hasSlope = ({ activation }: Convolving) => activation !== null && keepsSlope(activation)

type Side = 'in' | 'out'

/** The kernel as convolutions read it: columns are filled up to a multiple of 16. Empty where it is read as it is. */
function panels(window: Window, side: Side, from: number, to: number): Spec {
  const columns = Math.ceil(to / window.groups / 16) * 16
  const taps = isWinograd(window, side, from, to) ? 16 : sizeOf(sizesOf(window, 'taps'))
  return { shape: [isDepthwise(window, from, to) ? 0 : taps * from * columns], dtype: 'float32' }
}

/** The result, its slope where that is kept, and the kernel as it is read: scratch comes last. */
function outputsOf(shape: Shape, window: Convolving, side: Side, from: number): readonly Spec[] {
  const result = { shape, dtype: 'float32' } as const
  const slope = { shape: hasSlope(window) ? shape : [0], dtype: 'float32' } as const
  return [result, slope, panels(window, side, from, shape.at(-1)!)]
}

/**
 * The kernel is laid out first; with 'in' as the result's side it goes back from what the window calls out. A third input
 * is the bias, or what a gate goes by.
 */
function convolve(
  { inputs, outputs, attributes: window }: Node<Convolving>,
  side: Side,
  ending: Epilogue,
): Instruction[] {
  const [x, kernel, more] = inputs as [Tensor, Tensor, Tensor | undefined]
  const [y] = outputs as [Tensor]
  const laid = outputs.at(-1)!
  const slope = hasSlope(window) && outputs.length === 3 ? outputs[1]! : null
  const [from, to] = [x.size(-1), y.size(-1)]
  const [channels, filters] = side === 'out' ? [from, to] : [to, from]
  const shared = [...geometry(window, x.shape[0]!, channels, filters), side === 'out' ? 0 : 1]
  const attributes = [...shared, ending.code, ...ending.numbers]
  const apart = isDepthwise(window, from, to)
  const operands = [y, ...(slope ? [slope] : []), x, apart ? kernel : laid, ...(more ? [more] : [])]
  const call = (name: string) => ({ kernel: slope ? `${name}WithSlope` : name, attributes, operands })
  if (apart) return [call('depthwise')]
  const squares = isWinograd(window, side, from, to)
  return [
    {
      kernel: squares ? 'winogradPanels' : 'convolutionPanels',
      attributes: shared,
      operands: [laid, kernel],
      prepares: true,
    },
    call(squares ? 'winograd' : 'convolution'),
  ]
}

/** Two per multiply-add, those with zeros at the edges included; and the bias. */
function flopsOf(window: Window, batch: number, channels: number, filters: number): number {
  const steps = sizeOf([...sizesOf(window, 'out'), ...sizesOf(window, 'taps')])
  return (2 * batch * steps * channels * filters) / window.groups
}

function checkBias(name: string, bias: Tensor | undefined, channels: number): void {
  if (bias && (bias.rank !== 1 || bias.shape[0] !== channels))
    throw shapeError(name, `the bias has shape ${formatShape(bias.shape)}, expected [${channels}]`)
}

const biasGradient = (dy: Tensor) => sum(dy, { axis: dy.shape.slice(0, -1).map((_, i) => i) })

/** What follows on the results: one for a bias, one for an activation. */
const endingFlops = (y: Tensor, bias: Tensor | undefined, { activation }: Convolving) =>
  y.size() * ((bias ? 1 : 0) + (activation ? 1 : 0))

/** The gradients of x, the kernel and the bias; null where only the composite knows them. */
function gradientsOf(
  { inputs: [, , bias], outputs: [y, slope], attributes: { activation } }: Node<Convolving>,
  [dy, dSlope]: readonly (Tensor | null)[],
  parts: (dz: Tensor) => readonly Tensor[],
): readonly Tensor[] | null {
  if (!dy || dSlope) return null
  const dz = activation ? backThroughActivation(activation, keepsSlope(activation) ? slope! : y!, dy) : dy
  return bias ? [...parts(dz), biasGradient(dz)] : parts(dz)
}

/** The same, composed of the bare convolution and others. */
function composed(z: Tensor, bias: Tensor | undefined, { activation }: Convolving): readonly Tensor[] {
  const sums = bias ? add(z, bias) : z
  return activation ? activateAll(activation, sums) : [sums]
}

const bare = ({ activation: _, ...window }: Convolving): Window => window

// ---- the convolution

const convolutionOperation: Operation<Convolving> = defineOperation<Convolving>({
  name: 'convolution',
  meaning: ({ activation }) => meaningOfElementwise(activation),
  infer: ([x, kernel, bias], window) => {
    const filters = kernel!.size(-1)
    checkBias('convolution', bias, filters)
    return outputsOf([x!.shape[0]!, ...sizesOf(window, 'out'), filters], window, 'out', x!.size(-1))
  },
  emit: (node) => convolve(node, 'out', epilogueOf(node.attributes.activation)),
  spare: [1],
  gradient: (node, dy) => {
    const [x, kernel] = node.inputs as [Tensor, Tensor]
    const window = bare(node.attributes)
    return gradientsOf(node, dy, (dz) => [transposedConvolution(dz, kernel, window), kernelConvolution(x, dz, window)])
  },
  flops: ({ inputs: [x, , bias], outputs: [y], attributes: window }) =>
    flopsOf(window, x!.shape[0]!, x!.size(-1), y!.size(-1)) + endingFlops(y!, bias, window),
  reference: ([x, kernel, bias], window) => composed(convolution(x!, kernel!, bare(window)), bias, window),
})

/** activation(x ∗ kernel + bias) for x [n, ..., c], a kernel [..., c / groups, f] and a bias [f]; zeros around x. */
export function convolution(
  x: Tensor,
  kernel: Tensor,
  window: Window,
  bias: Tensor | null = null,
  activation: Elementwise | null = null,
): Tensor {
  const channels = x.size(-1)
  const filters = kernel.size(-1)
  if (channels === window.groups && channels > 1 && filters > channels) {
    // Several filters for each channel: as many copies of it, each with one.
    return convolution(repeated(x, filters / channels), kernel, { ...window, groups: filters }, bias, activation)
  }
  if (isProduct(window)) {
    const y = linear(reshape(x, [-1, channels]), reshape(kernel, [channels, filters]), bias, activation)
    return reshape(y, [x.shape[0]!, ...sizesOf(window, 'out'), filters])
  }
  return apply(convolutionOperation, bias ? [x, kernel, bias] : [x, kernel], { ...window, activation })
}

/** One tap that meets every position. */
const isProduct = ({ axes, groups }: Window) =>
  groups === 1 && axes.every((a) => a.taps === 1 && a.stride === 1 && a.before === 0 && a.in === a.out)

/** Each channel so many times, one after the other. */
function repeated(x: Tensor, times: number): Tensor {
  const wide = broadcastTo(reshape(x, [...x.shape, 1]), [...x.shape, times])
  return reshape(wide, [...x.shape.slice(0, -1), x.size(-1) * times])
}

// ---- back to the input's shape

const transposedOperation: Operation<Convolving> = defineOperation<Convolving>({
  name: 'transposedConvolution',
  meaning: ({ activation }) => meaningOfElementwise(activation),
  infer: ([y, kernel, bias], window) => {
    const channels = kernel!.size(-2) * window.groups
    checkBias('transposedConvolution', bias, channels)
    return outputsOf([y!.shape[0]!, ...sizesOf(window, 'in'), channels], window, 'in', y!.size(-1))
  },
  emit: (node) => convolve(node, 'in', epilogueOf(node.attributes.activation)),
  spare: [1],
  gradient: (node, dx) => {
    const [y, kernel] = node.inputs as [Tensor, Tensor]
    const window = bare(node.attributes)
    return gradientsOf(node, dx, (dz) => [convolution(dz, kernel, window), kernelConvolution(dz, y, window)])
  },
  flops: ({ inputs: [y, , bias], outputs: [x], attributes: window }) =>
    flopsOf(window, x!.shape[0]!, x!.size(-1), y!.size(-1)) + endingFlops(x!, bias, window),
  behindActivation: (node, activation, by) => {
    const [dy, kernel, bias] = node.inputs as [Tensor, Tensor, Tensor | undefined]
    if (bias || node.attributes.activation) return undefined
    const inputs = [dy, kernel, reshape(by, node.outputs[0]!.shape)]
    return backThrough(node, () => apply(gatedOperation, inputs, { ...node.attributes, activation }))
  },
  reference: ([y, kernel, bias], window) => composed(transposedConvolution(y!, kernel!, bare(window)), bias, window),
})

// f′ times what goes back, in terms of f's value or slope: through a layer and the activation before it in one kernel.
const gatedOperation: Operation<Convolving> = defineOperation<Convolving>({
  name: 'gatedConvolution',
  infer: ([dy, kernel, by], window) => [
    { shape: by!.shape, dtype: 'float32' },
    panels(window, 'in', dy!.size(-1), kernel!.size(-2) * window.groups),
  ],
  emit: (node) => convolve(node, 'in', gateOf(node.attributes.activation!)),
  flops: ({ inputs: [y], outputs: [x], attributes: window }) =>
    flopsOf(window, x!.shape[0]!, x!.size(-1), y!.size(-1)) + x!.size(),
  reference: ([dy, kernel, by], window) => [
    gateBy(window.activation!, by!, transposedConvolution(dy!, kernel!, bare(window))),
  ],
})

/**
 * The other way: y [n, ..., f] by a kernel [..., c / groups, f] to [n, ..., c], of the sizes `in`; then a bias [c] and an
 * activation.
 */
export function transposedConvolution(
  y: Tensor,
  kernel: Tensor,
  window: Window,
  bias: Tensor | null = null,
  activation: Elementwise | null = null,
): Tensor {
  return apply(transposedOperation, bias ? [y, kernel, bias] : [y, kernel], { ...window, activation })
}

// ---- the kernel

// Pictures are summed in so many parts, and the parts are added up; so that threads have something to share.
const mostParts = 16
const mostElements = 1_048_576

function partsOf(batch: number, kernel: number): number {
  return Math.max(1, Math.min(batch, mostParts, Math.floor(mostElements / Math.max(1, kernel))))
}

const kernelOperation: Operation<Window> = defineOperation({
  name: 'kernelConvolution',
  infer: ([x, y], window) => {
    const shape = [...sizesOf(window, 'taps'), x!.size(-1) / window.groups, y!.size(-1)]
    const parts = partsOf(x!.shape[0]!, sizeOf(shape))
    const result = { shape, dtype: 'float32' } as const
    return parts === 1 ? [result] : [result, { shape: [parts, ...shape], dtype: 'float32' }]
  },
  emit: ({ inputs: [x, y], outputs: [result, parts], attributes: window }): readonly Instruction[] => {
    const count = parts ? parts.shape[0]! : 1
    const attributes = [...geometry(window, x!.shape[0]!, x!.size(-1), y!.size(-1)), count]
    return [
      {
        kernel: isDepthwise(window, x!.size(-1), y!.size(-1)) ? 'depthwiseKernel' : 'convolutionKernel',
        attributes,
        operands: [parts ?? result!, x!, y!],
      },
      ...(parts ? [{ kernel: 'sum', attributes: [1, count, result!.size()], operands: [result!, parts] }] : []),
    ]
  },
  gradient: ({ inputs: [x, y], attributes: window }, [dk]) => [
    transposedConvolution(y!, dk!, window),
    convolution(x!, dk!, window),
  ],
  flops: ({ inputs: [x, y], attributes: window }) => flopsOf(window, x!.shape[0]!, x!.size(-1), y!.size(-1)),
})

/** Σ x·y over all positions where a tap of y's position meets one of x: [..., c / groups, f]. */
function kernelConvolution(x: Tensor, y: Tensor, window: Window): Tensor {
  return apply(kernelOperation, [x, y], window)
}
