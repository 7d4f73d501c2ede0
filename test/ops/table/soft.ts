import { logSoftmax, losses, type Shape, sigmoid, softmax, tensor } from '../../../src/index.ts'
import { crossEntropy } from '../../../src/ops/softmax.ts'
import { build, each, softmax as exact, type Nd, oneHot, reduce, rowwise, total } from '../../support/oracle.ts'
import { type Draw, integers, uniform } from '../../support/random.ts'
import { lanes, type Row } from '../../support/rows.ts'

const data = uniform(-4, 4)
const common = { data, relative: 1e-6, effort: 8 }

// Slim rows (up to 16) and wide ones go different ways; so do few rows and more than a vector of them.
const widths = [...new Set([1, 2, 3, 7, 8, 9, 10, 15, 16, 17, lanes - 1 || 1, lanes, lanes + 1, 37, 1000])]
const matrices: Shape[] = [
  ...widths.map((n) => [3, n]),
  ...[1, 7, 8, 9, 15, 16, 17, 33].flatMap((rows) => [3, 5, 10, 20].map((n) => [rows, n])),
  [300, 10],
  [300, 3],
  [33, 2],
]
const single: Shape[][] = [...matrices.map((s) => [s]), [[5]], [[2, 3, 4]]]
const logOf = (row: number[]) => exact(row).map(Math.log)

const softmaxes: Row[] = [
  // p·(dy − Σ dy·p): differences of nearly equal numbers.
  {
    op: 'softmax',
    ...common,
    gradientError: 1e-3,
    shapes: single,
    compute: softmax,
    oracle: (x) => rowwise(x!, exact),
  },
  { op: 'logSoftmax', ...common, shapes: single, compute: logSoftmax, oracle: (x) => rowwise(x!, logOf) },
]

/** −Σ y·log(clip(p)) per row. */
function entropy(p: Nd, y: Nd, epsilon: number): Nd {
  const terms = each((q, t) => (t === 0 ? 0 : -t * Math.log(Math.min(Math.max(q, epsilon), 1 - epsilon))), p, y)
  return reduce(terms, { axis: -1 }, total)
}

const labelled = (shapes: readonly Shape[]) => shapes.map((s): Shape[] => [s, s.slice(0, -1)])
const dense = (shapes: readonly Shape[]) => shapes.map((s): Shape[] => [s, s])
const wide = matrices.filter((s) => s[1]! > 1)
// Labels that every case has: the same few classes, whatever the width.
const labels = integers(0, 2)
const probabilities = uniform(0.05, 0.95)
const targets: Draw = {
  dtype: 'float32',
  draw: (n, r) => Float64Array.from({ length: n }, () => (r.next() < 0.3 ? 0 : Math.fround(r.next()))),
}

const entropies: Row[] = [
  {
    op: 'crossEntropy',
    title: 'crossEntropy, class numbers',
    relative: 4e-6,
    effort: 60,
    data: [probabilities, labels],
    kinks: 'the clip at epsilon and 1 − epsilon',
    shapes: labelled(wide),
    compute: (p, y) => crossEntropy(p, y),
    oracle: (p, y) => entropy(p!, oneHot(y!, p!.shape.at(-1)!), 1e-7),
  },
  {
    op: 'categoricalCrossentropy',
    title: 'categoricalCrossentropy of logits, class numbers',
    relative: 4e-6,
    effort: 60,
    data: [data, labels],
    shapes: labelled(wide),
    compute: (z, y) => losses.categoricalCrossentropy({ fromLogits: true })(y, z),
    oracle: (z, y) => entropy(rowwise(z!, exact), oneHot(y!, z!.shape.at(-1)!), 0),
  },
  {
    op: 'categoricalCrossentropy',
    title: 'softmax and categoricalCrossentropy, class numbers',
    relative: 4e-6,
    effort: 60,
    data: [data, labels],
    shapes: labelled(wide),
    compute: (z, y) => losses.categoricalCrossentropy(y, softmax(z)),
    oracle: (z, y) => entropy(rowwise(z!, exact), oneHot(y!, z!.shape.at(-1)!), 1e-7),
  },
]

// Distributions as labels, made inside the row from the shape.
const fixed = (shape: readonly number[]): Nd => build(shape, (index) => ((total([...index]) * 7) % 5) / 8)
const asTensor = (x: Nd) => tensor(Float32Array.from(x.data), { shape: x.shape })
const distributions: Row[] = [
  {
    op: 'crossEntropy',
    title: 'crossEntropy, distributions',
    relative: 4e-6,
    effort: 60,
    data: probabilities,
    kinks: 'the clip at epsilon and 1 − epsilon',
    shapes: wide.map((s) => [s]),
    compute: (p) => crossEntropy(p, asTensor(fixed(p.shape))),
    oracle: (p) => entropy(p!, fixed(p!.shape), 1e-7),
  },
  {
    op: 'categoricalCrossentropy',
    title: 'softmax and categoricalCrossentropy, distributions',
    relative: 4e-6,
    effort: 60,
    data,
    shapes: wide.map((s) => [s]),
    compute: (z) => losses.categoricalCrossentropy(asTensor(fixed(z.shape)), softmax(z)),
    oracle: (z) => entropy(rowwise(z!, exact), fixed(z!.shape), 1e-7),
  },
  {
    op: 'crossEntropy',
    title: 'crossEntropy, distributions drawn at random, value only',
    relative: 4e-6,
    effort: 60,
    data: [probabilities, targets],
    gradient: false,
    shapes: dense(wide),
    compute: (p, y) => crossEntropy(p, y),
    oracle: (p, y) => entropy(p!, y!, 1e-7),
  },
]

/** The mean over all axes but the first, of a function of label and prediction. */
function perSample(f: (y: number, p: number) => number, y: Nd, p: Nd): Nd {
  const values = each(f, y, p)
  if (values.shape.length === 1) return values
  const rest = values.shape.slice(1).map((_, i) => i + 1)
  return reduce(values, { axis: rest }, (l) => total(l) / l.length)
}

const samples: Shape[][] = [
  ...dense(matrices.slice(0, 12)),
  [[5], [5]],
  [
    [2, 3, 4],
    [2, 3, 4],
  ],
]
const binary = (y: number, p: number) => -(y * Math.log(p) + (1 - y) * Math.log(1 - p))
const loss = (op: string, own: Pick<Row, 'data' | 'compute' | 'oracle'> & Partial<Row>): Row => ({
  op,
  relative: 4e-6,
  effort: 20,
  shapes: samples,
  ...own,
})

const errors: Row[] = [
  loss('meanSquaredError', {
    data,
    compute: (y, p) => losses.meanSquaredError(y, p),
    oracle: (y, p) => perSample((a, b) => (a - b) ** 2, y!, p!),
  }),
  loss('meanAbsoluteError', {
    data: [uniform(-4, -1), uniform(0, 4)],
    kinks: 'equal label and prediction',
    compute: (y, p) => losses.meanAbsoluteError(y, p),
    oracle: (y, p) => perSample((a, b) => Math.abs(a - b), y!, p!),
  }),
  loss('binaryCrossentropy', {
    data: [integers(0, 2), probabilities],
    kinks: 'the clip at epsilon and 1 − epsilon',
    compute: (y, p) => losses.binaryCrossentropy(y, p),
    oracle: (y, p) => perSample(binary, y!, p!),
  }),
  loss('binaryCrossentropy', {
    title: 'binaryCrossentropy, from logits',
    data: [integers(0, 2), data],
    compute: (y, z) => losses.binaryCrossentropy({ fromLogits: true })(y, z),
    oracle: (y, z) => perSample((a, b) => binary(a, 1 / (1 + Math.exp(-b))), y!, z!),
  }),
  loss('binaryCrossentropy', {
    title: 'sigmoid and binaryCrossentropy',
    data: [uniform(0, 1), data],
    compute: (y, z) => losses.binaryCrossentropy(y, sigmoid(z)),
    oracle: (y, z) => perSample((a, b) => binary(a, 1 / (1 + Math.exp(-b))), y!, z!),
  }),
]

export const rows: Row[] = [...softmaxes, ...entropies, ...distributions, ...errors]
