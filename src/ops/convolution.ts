/**
 * Convolutions, channels last, over one, two or three axes. Three operations have the same window, and each is what
 * the others' gradients are made of: the convolution itself, the way from its result's shape back to its input's (a
 * transposed convolution), and the sums over all positions that make a kernel.
 */
import { apply } from '../tensor/apply.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Instruction, Node, Operation, Spec, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, sizeOf } from '../tensor/shape.ts'
import { linear, matmul } from './matmul.ts'
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
function isWinograd({ axes, groups }: Window, side: 'in' | 'out', from: number, to: number): boolean {
  const even = (n: number) => n + (n % 2)
  const fits = axes.length === 2 && axes.every((a) => a.taps === 3 && a.stride === 1 && a.dilation === 1)
  const results = axes.map((axis) => axis[side])
  const extra = sizeOf(results.map(even)) / sizeOf(results)
  return fits && groups === 1 && from >= 32 && from <= 2048 && to >= 16 && extra <= 1.4
}

/** The kernel as convolutions read it, in an output beside: columns are filled up to a multiple of 16. */
function panels(window: Window, side: 'in' | 'out', from: number, to: number): readonly Spec[] {
  if (isDepthwise(window, from, to)) return []
  const columns = Math.ceil(to / window.groups / 16) * 16
  const taps = isWinograd(window, side, from, to) ? 16 : sizeOf(sizesOf(window, 'taps'))
  return [{ shape: [taps * from * columns], dtype: 'float32' }]
}

/** The kernel is laid out first; `turned` goes from what the window calls out to what it calls in. */
function convolve(node: Node<Window>, turned: 0 | 1, [channels, filters]: readonly [number, number]): Instruction[] {
  const [x, kernel, bias] = node.inputs as [Tensor, Tensor, Tensor | undefined]
  const [y, laid] = node.outputs as [Tensor, Tensor | undefined]
  const shared = [...geometry(node.attributes, x.shape[0]!, channels, filters), turned]
  const operands = [y, x, laid ?? kernel, ...(bias ? [bias] : [])]
  if (!laid) return [{ kernel: 'depthwise', attributes: [...shared, 0], operands }]
  const squares = isWinograd(node.attributes, turned ? 'in' : 'out', x.size(-1), y.size(-1))
  const [lay, run] = squares ? ['winogradPanels', 'winograd'] : ['convolutionPanels', 'convolution']
  return [
    { kernel: lay!, attributes: shared, operands: [laid, kernel], prepares: true },
    { kernel: run!, attributes: [...shared, 0], operands },
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

// ---- the convolution

const convolutionOperation: Operation<Window> = defineOperation({
  name: 'convolution',
  meaning: () => 'scores',
  infer: ([x, kernel, bias], window) => {
    const filters = kernel!.size(-1)
    checkBias('convolution', bias, filters)
    return [
      { shape: [x!.shape[0]!, ...sizesOf(window, 'out'), filters], dtype: 'float32' },
      ...panels(window, 'out', x!.size(-1), filters),
    ]
  },
  emit: (node) => convolve(node, 0, [node.inputs[0]!.size(-1), node.outputs[0]!.size(-1)]),
  gradient: ({ inputs: [x, kernel], attributes: window }, [dy]) => [
    transposedConvolution(dy!, kernel!, window),
    kernelConvolution(x!, dy!, window),
    biasGradient(dy!),
  ],
  flops: ({ inputs: [x, , bias], outputs: [y], attributes: window }) =>
    flopsOf(window, x!.shape[0]!, x!.size(-1), y!.size(-1)) + (bias ? y!.size() : 0),
})

/** x [n, ..., c] by a kernel [..., c / groups, f], and a bias [f]: what reaches over the edges is zero. */
export function convolution(x: Tensor, kernel: Tensor, window: Window, bias?: Tensor): Tensor {
  const channels = x.size(-1)
  const filters = kernel.size(-1)
  if (channels === window.groups && channels > 1 && filters > channels) {
    // Several filters for each channel: as many copies of it, each with one.
    return convolution(repeated(x, filters / channels), kernel, { ...window, groups: filters }, bias)
  }
  if (isProduct(window)) {
    const [rows, matrix] = [reshape(x, [-1, channels]), reshape(kernel, [channels, filters])]
    const y = bias ? linear(rows, matrix, bias) : matmul(rows, matrix)
    return reshape(y, [x.shape[0]!, ...sizesOf(window, 'out'), filters])
  }
  return apply(convolutionOperation, bias ? [x, kernel, bias] : [x, kernel], window)
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

const transposedOperation: Operation<Window> = defineOperation({
  name: 'transposedConvolution',
  meaning: () => 'scores',
  infer: ([y, kernel, bias], window) => {
    const channels = kernel!.size(-2) * window.groups
    checkBias('transposedConvolution', bias, channels)
    return [
      { shape: [y!.shape[0]!, ...sizesOf(window, 'in'), channels], dtype: 'float32' },
      ...panels(window, 'in', y!.size(-1), channels),
    ]
  },
  emit: (node) => convolve(node, 1, [node.outputs[0]!.size(-1), node.inputs[0]!.size(-1)]),
  gradient: ({ inputs: [y, kernel], attributes: window }, [dx]) => [
    convolution(dx!, kernel!, window),
    kernelConvolution(dx!, y!, window),
    biasGradient(dx!),
  ],
  flops: ({ inputs: [y, , bias], outputs: [x], attributes: window }) =>
    flopsOf(window, x!.shape[0]!, x!.size(-1), y!.size(-1)) + (bias ? x!.size() : 0),
})

/** The other way: y [n, ..., f] by a kernel [..., c / groups, f] to [n, ..., c], of the sizes `in`; and a bias [c]. */
export function transposedConvolution(y: Tensor, kernel: Tensor, window: Window, bias?: Tensor): Tensor {
  return apply(transposedOperation, bias ? [y, kernel, bias] : [y, kernel], window)
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
