// Gradients of every layer, activation, loss and regularizer against finite differences in float64 of an oracle. The
// oracle's own derivatives are held to 1e-8 of them, ours in float32 to 1e-5: max|a − n| / max|n| for each tensor.
import { describe, expect, test } from 'vitest'
import {
  type ActivationName,
  activation,
  dense,
  dropout,
  flatten,
  gradient,
  l1l2,
  losses,
  mean,
  penalty,
  type Tensor,
  tensor,
} from '../src/index.ts'
import * as oracle from './support/layers-oracle.ts'
import { type Nd, numericDerivative, oneHot, product } from './support/oracle.ts'
import { awayFromZero, type Draw, integers, seeded, uniform } from './support/random.ts'

interface Row {
  readonly title: string
  readonly part: oracle.Part
  readonly inputs: readonly Nd[]
  /** The result, and the tensors that stand for the inputs. */
  compute(inputs: readonly Tensor[]): { y: Tensor; of: readonly Tensor[] }
  /** Points without a derivative, which the data avoid. */
  readonly kinks?: string
}

let seed = 0
const drawn = (draw: Draw, ...shape: number[]): Nd => ({ shape, data: draw.draw(product(shape), seeded(++seed)) })
const asTensor = ({ shape, data }: Nd) => tensor(Float32Array.from(data), { shape })
const direct = (f: (x: Tensor) => Tensor) => (inputs: readonly Tensor[]) => ({ y: f(inputs[0]!), of: inputs })

const plain = uniform(-2, 2)
const probabilities = uniform(0.05, 0.95)
const names: ActivationName[] = ['linear', 'relu', 'sigmoid', 'tanh', 'softmax', 'step']
const kinksOf: Partial<Record<ActivationName, string>> = { relu: '0', step: '0' }
const shapes: [number, number][] = [
  [1, 2],
  [5, 3],
  [4, 17],
  [33, 10],
]

const activationRows = names.flatMap((name) =>
  shapes.map(
    ([rows, width]): Row => ({
      title: `activation '${name}', ${rows}×${width}`,
      part: oracle.activations[name]!,
      inputs: [drawn(kinksOf[name] ? awayFromZero(0.05, 3) : plain, rows, width)],
      compute: direct((x) => activation(name).apply(x)),
      ...(kinksOf[name] ? { kinks: kinksOf[name] } : {}),
    }),
  ),
)

/** Biases of ±9 keep what goes into the activation away from 0: the products add at most 4·2·1. */
const denseRows = names.flatMap((name) =>
  shapes.map(([rows, width]): Row => {
    const bias = drawn(kinksOf[name] ? awayFromZero(8.9, 9) : plain, width)
    return {
      title: `dense, '${name}', ${rows}×4 to ${width}`,
      part: oracle.chain(oracle.dense, oracle.activations[name]!),
      inputs: [drawn(plain, rows, 4), drawn(uniform(-1, 1), 4, width), bias],
      compute: ([x, w, b]) => {
        const layer = dense(width, { activation: name })
        layer.apply(x!)
        layer.kernel.set(w!)
        layer.bias!.set(b!)
        return { y: layer.apply(x!), of: [x!, layer.kernel, layer.bias!] }
      },
      ...(kinksOf[name] ? { kinks: 'where the sum of a unit is 0' } : {}),
    }
  }),
)

const classes = drawn(integers(0, 5), 7)
const bits = drawn(integers(0, 2), 7, 5)
const targets = drawn(uniform(2, 3), 7, 5)
const labels = tensor(Int32Array.from(classes.data))
const distribution: Nd = { shape: [7, 5], data: oneHot(classes, 5).data.map((v) => 0.1 + 0.5 * v) }

function lossRow(title: string, part: oracle.Part, draw: Draw, f: (p: Tensor) => Tensor, kinks?: string): Row {
  return { title, part, inputs: [drawn(draw, 7, 5)], compute: direct((p) => mean(f(p))), ...(kinks ? { kinks } : {}) }
}

/** Rows that add up to 1, which is looked at where they do not come from a softmax: fifteenths, each row in another order. */
const shares: Nd = {
  shape: [7, 5],
  data: Float64Array.from({ length: 35 }, (_, i) => Math.fround((1 + ((2 * i + Math.floor(i / 5)) % 5)) / 15)),
}

const clip = 'the clip at 1e-7 and 1 − 1e-7, which is left out of the derivative'
const { categoricalCrossentropy, binaryCrossentropy, meanSquaredError, meanAbsoluteError } = oracle.losses as Record<
  keyof typeof losses,
  (y: Nd) => oracle.Part
>
const lossRows: Row[] = [
  {
    ...lossRow(
      'categoricalCrossentropy, class numbers',
      categoricalCrossentropy(oneHot(classes, 5)),
      probabilities,
      (p) => losses.categoricalCrossentropy(labels, p),
      clip,
    ),
    inputs: [shares],
  },
  {
    ...lossRow(
      'categoricalCrossentropy, distributions',
      categoricalCrossentropy(distribution),
      probabilities,
      (p) => losses.categoricalCrossentropy(asTensor(distribution), p),
      clip,
    ),
    inputs: [shares],
  },
  lossRow(
    'softmax, then categoricalCrossentropy of class numbers',
    oracle.chain(oracle.activations.softmax!, categoricalCrossentropy(oneHot(classes, 5))),
    plain,
    (z) => losses.categoricalCrossentropy(labels, z.softmax()),
  ),
  lossRow(
    'softmax, then categoricalCrossentropy of distributions',
    oracle.chain(oracle.activations.softmax!, categoricalCrossentropy(distribution)),
    plain,
    (z) => losses.categoricalCrossentropy(asTensor(distribution), z.softmax()),
  ),
  lossRow(
    'binaryCrossentropy',
    binaryCrossentropy(bits),
    probabilities,
    (p) => losses.binaryCrossentropy(asTensor(bits), p),
    clip,
  ),
  lossRow(
    'sigmoid, then binaryCrossentropy',
    oracle.chain(oracle.activations.sigmoid!, binaryCrossentropy(bits)),
    plain,
    (z) => losses.binaryCrossentropy(asTensor(bits), z.sigmoid()),
  ),
  lossRow(
    'binaryCrossentropy from logits',
    oracle.chain(oracle.activations.sigmoid!, binaryCrossentropy(bits)),
    awayFromZero(0.05, 3),
    (z) => losses.binaryCrossentropy(asTensor(bits), z, { fromLogits: true }),
  ),
  lossRow('meanSquaredError', meanSquaredError(targets), plain, (p) => losses.meanSquaredError(asTensor(targets), p)),
  lossRow(
    'meanAbsoluteError',
    meanAbsoluteError(targets),
    uniform(-2, 1.9),
    (p) => losses.meanAbsoluteError(asTensor(targets), p),
    'equal label and prediction',
  ),
]

const penaltyRows = [
  [0.01, 0],
  [0, 5e-4],
  [0.3, 0.2],
].map(
  ([l1 = 0, l2 = 0]): Row => ({
    title: `penalty, l1 ${l1}, l2 ${l2}`,
    part: oracle.penalty(l1, l2),
    inputs: [drawn(awayFromZero(0.05, 2), 6, 7)],
    compute: direct((p) => penalty(p, l1l2({ l1, l2 }))),
    ...(l1 > 0 ? { kinks: '0' } : {}),
  }),
)

/** The mask is what the layer does to ones. */
const dropoutRows = [0.1, 0.5].map((rate): Row => {
  const layer = dropout(rate, { seed: 3 })
  const ones = tensor(new Float32Array(9 * 40).fill(1), { shape: [9, 40] })
  const mask: Nd = { shape: [9, 40], data: Float64Array.from(layer.apply(ones, { mode: 'train' }).data()) }
  return {
    title: `dropout(${rate})`,
    part: oracle.masked(mask),
    inputs: [drawn(plain, 9, 40)],
    compute: direct((x) => layer.apply(x, { mode: 'train' })),
  }
})

const flattened: oracle.Part = {
  forward: (x) => ({ shape: [3, 20], data: x!.data }),
  backward: ([x], dy) => [{ shape: x!.shape, data: dy.data }],
}
const flattenRow: Row = {
  title: 'flatten',
  part: flattened,
  inputs: [drawn(plain, 3, 4, 5)],
  compute: direct((x) => flatten().apply(x)),
}

/** max|a − n| / max|n|; where all numeric derivatives are 0, the largest difference. */
function errorOf(actual: ArrayLike<number>, numeric: readonly number[]): number {
  const scale = Math.max(...numeric.map(Math.abs)) || 1
  return Math.max(...numeric.map((n, i) => Math.abs(actual[i]! - n))) / scale
}

function check({ part, inputs, compute }: Row): void {
  const expected = part.forward(...inputs)
  const dy = drawn(uniform(0.5, 1.5), ...expected.shape)
  const { y, of } = compute(inputs.map(asTensor))
  const found = gradient(y, of, asTensor(dy))
  expect(y.shape).toEqual(expected.shape)
  expect(errorOf(y.data(), [...expected.data]), 'value').toBeLessThanOrEqual(1e-5)
  const exact = part.backward(inputs, dy)
  for (const [i, input] of inputs.entries()) {
    const numeric = Array.from(input.data, (_, at) => numericDerivative((x) => part.forward(...x), inputs, i, at, dy))
    expect(errorOf(exact[i]!.data, numeric), `the oracle's derivative for input ${i}`).toBeLessThanOrEqual(1e-8)
    expect(found[i]!.shape).toEqual(input.shape)
    expect(errorOf(found[i]!.data(), numeric), `gradient of input ${i}`).toBeLessThanOrEqual(1e-5)
  }
}

const groups = {
  activations: activationRows,
  dense: denseRows,
  losses: lossRows,
  penalties: penaltyRows,
  dropout: dropoutRows,
  flatten: [flattenRow],
}

describe.each(Object.entries(groups))('%s', (_, rows) => {
  test.each(rows.map((row) => [row.kinks ? `${row.title} (kinks: ${row.kinks})` : row.title, row] as const))(
    '%s',
    (_title, row) => check(row),
  )
})

test('every loss and activation has a row', () => {
  expect(
    Object.keys(losses)
      .filter((name) => name !== 'custom')
      .sort(),
  ).toEqual(Object.keys(oracle.losses).sort())
  expect(Object.keys(oracle.activations).sort()).toEqual([...names].sort())
})

test('at their kinks derivatives are those of the book', () => {
  const zero = tensor([0])
  expect(gradient(zero.relu(), zero, [1]).item()).toBe(0)
  expect(gradient(activation('step').apply(zero), zero, [1]).item()).toBe(0)
  expect(gradient(penalty(zero, l1l2({ l1: 0.5, l2: 1 })), zero).item()).toBe(0.5)
  const equal = tensor([[1, 2]])
  expect(gradient(mean(losses.meanAbsoluteError(tensor([[1, 1]]), equal)), equal).toArray(2)).toEqual([[0, 0.5]])
})
