/**
 * Every fused operation that the table's graphs and their gradients contain, against its `reference`: the same meaning
 * composed of simpler operations. Value, and gradient where it has one.
 */
import { expect, test } from 'vitest'
import { gradient, type Tensor, tensor } from '../../src/index.ts'
import { apply, constant, type Node, type Operation, pendingNodes } from '../../src/tensor/graph.ts'
import { type Nd, product } from '../support/oracle.ts'
import { type Draw, seeded, uniform } from '../support/random.ts'
import type { Row } from '../support/rows.ts'
import { table } from './table/index.ts'

const smooth = [uniform(0.5, 1.5), seeded(5)] as const
const like = (t: Tensor) => tensor(Float32Array.from(smooth[0].draw(t.size(), smooth[1])), { shape: t.shape })

/** A row's graph with gradients, not computed. */
function graphOf(row: Row, shapes: readonly (readonly number[])[]): Tensor[] {
  const random = seeded(9)
  const draws = shapes.map((_, i) => (Array.isArray(row.data) ? row.data[i] : row.data) as Draw)
  const inputs = shapes.map((shape, i) => {
    const x: Nd = { shape, data: draws[i]!.draw(product(shape), random) }
    return tensor(draws[i]!.dtype === 'int32' ? Int32Array.from(x.data) : Float32Array.from(x.data), { shape })
  })
  const y = row.compute(...inputs)
  const floats = inputs.filter((t) => t.dtype === 'float32')
  return row.gradient === false || y.dtype !== 'float32' ? [y] : [y, ...gradient(y, floats, like(y))]
}

const small = (row: Row) => row.shapes.filter((shapes) => shapes.every((s) => product(s) <= 500)).slice(-12)

/** The node alone, over leaves with the values that its inputs have. */
function isolate(node: Node): { inputs: Tensor[]; fused: readonly Tensor[]; reference: readonly Tensor[] } {
  const inputs = node.inputs.map((t) => constant(t.data(), t.shape))
  return {
    inputs,
    fused: [apply(node.operation, inputs, node.attributes)],
    reference: node.operation.reference!(inputs, node.attributes),
  }
}

function expectClose(got: Tensor, expected: Tensor, label: string, tolerance: number): void {
  expect(got.shape, label).toEqual(expected.shape)
  const [a, b] = [Array.from(got.data()), Array.from(expected.data())]
  const scale = b.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-30)
  const worst = a.reduce((m, x, i) => Math.max(m, Math.abs(x - b[i]!)), 0)
  expect(worst / scale, label).toBeLessThanOrEqual(tolerance)
}

const found = new Map<string, { operation: Operation; nodes: Node[] }>()
const rows = table.filter((row) =>
  ['linear', 'softmax', 'logSoftmax', 'crossEntropy', 'categoricalCrossentropy'].includes(row.op),
)
for (const row of rows)
  for (const shapes of small(row)) {
    // Kept apart from reading: a read drops how a tensor was computed.
    for (const node of pendingNodes(graphOf(row, shapes)))
      if (node.operation.reference) {
        const { name } = node.operation
        if (!found.has(name)) found.set(name, { operation: node.operation, nodes: [] })
        found.get(name)!.nodes.push(node)
      }
  }

test('all fused operations are met', () => {
  expect([...found.keys()].sort()).toEqual([
    'crossEntropy',
    'crossEntropyGradient',
    'linear',
    'logSoftmax',
    'logSoftmaxGradient',
    'reluGradient',
    'sigmoidGradient',
    'softmax',
    'softmaxCrossEntropyGradient',
    'softmaxGradient',
    'tanhGradient',
  ])
})

test.each([...found])('%s is its reference', (name, { operation, nodes }) => {
  // Inputs are read while the nodes still hang together; the last reads come first.
  for (const node of [...nodes].reverse()) {
    const { inputs, fused, reference } = isolate(node)
    const label = `${name} of ${node.inputs.map((t) => `[${t.shape}]`)}`
    const dy = like(fused[0]!)
    const floats = inputs.filter((t) => t.dtype === 'float32').slice(0, name === 'crossEntropy' ? 1 : undefined)
    const has = operation.gradient !== undefined
    const own = has ? gradient(fused[0]!, floats, dy) : []
    const theirs = has ? gradient(reference[0]!, floats, dy) : []
    // Gradients are differences of nearly equal numbers.
    expectClose(fused[0]!, reference[0]!, label, name.endsWith('Gradient') ? 1e-4 : 4e-6)
    for (const [i, g] of own.entries()) expectClose(g, theirs[i]!, `${label}, gradient of input ${i}`, 1e-4)
  }
})
