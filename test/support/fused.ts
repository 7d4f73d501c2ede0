/** All forms of the fused operations: attributes, shapes, and inputs at the edges. By name; none may be missing. */
import { tensor } from '../../src/index.ts'
import '../../src/ops/attention.ts'
import { operationNamed } from '../../src/tensor/operations.ts'
import { type Activation, activationNamed, activations, drawFor } from './activations.ts'
import { type Form, form, type Input } from './form.ts'
import * as convolutions from './fused-convolution.ts'
import { normalizations } from './fused-normalization.ts'
import { back, cells, forward } from './fused-recurrence.ts'
import { type Draw, integers, seeded, uniform } from './random.ts'

type Shape = readonly number[]

const { NaN: nan, POSITIVE_INFINITY: inf } = Number
const size = (shape: Shape) => shape.reduce((a, b) => a * b, 1)

function drawn(shape: Shape, draw: Draw, seed: number): Input {
  return { shape, dtype: draw.dtype, values: [...draw.draw(size(shape), seeded(seed))] }
}

const given = (shape: Shape, values: readonly number[], dtype: Input['dtype'] = 'float32'): Input => ({
  shape,
  dtype,
  values: Array.from({ length: size(shape) }, (_, i) => Math.fround(values[i % values.length]!)),
})

// ---- derivatives in terms of an activation's output

const flat: Shape[] = [[1], [7], [8], [9], [16], [17], [37], [3, 5], [1000]]
const ends: Record<string, readonly number[]> = {
  relu: [0, 1, -0, 3e38],
  sigmoid: [0, 1, 0.5, 1e-38],
  tanh: [-1, 1, 0, 0.99999994],
}
const byValue = activations.filter(({ keeps }) => !keeps)
const kept = activations.filter(({ keeps }) => keeps)

/** Values that an activation has, or slopes where those are kept. */
const results = (a: Activation, shape: Shape, seed: number): Input => {
  const x = drawn(shape, drawFor(a, -4, 7), seed)
  return { ...x, values: x.values.map((v) => Math.fround(a.keeps ? a.slope(v) : a.value(v))) }
}

const ofOutput = (a: Activation): Form[] => [
  ...flat.map((s) => form('', a.numbers, [results(a, s, 1), drawn(s, uniform(-3, 3), 2)])),
  ...(ends[a.name]
    ? [
        form('saturated', a.numbers, [given([64], ends[a.name]!), given([64], [1, -2, 3, 1e30, 0])]),
        form('not finite', a.numbers, [given([70], ends[a.name]!), given([70], [1, nan, inf, -inf, 2, 0, -1])]),
        form('not finite output', a.numbers, [given([70], [nan, ...ends[a.name]!]), given([70], [1, 2, -3])]),
      ]
    : []),
]

const withSlope = (a: Activation): Form[] => flat.map((s) => form('', a.numbers, [drawn(s, drawFor(a, -4, 7), 1)]))

// ---- rows

const rows: Shape[] = [[1, 1], [3, 1], [5, 2], [41, 3], [5, 10], [33, 16], [3, 17], [2, 1000], [7], [2, 3, 4]]
const wide = uniform(-4, 4)
const rowEdges: [string, number[]][] = [
  ['equal', [2, 2, 2]],
  ['far apart', [1000, 0, -1000]],
  ['huge', [3e38, -3e38, 1]],
  ['masked', [-inf, 1, 2]],
  ['all masked', [-inf, -inf, -inf]],
  ['infinite', [inf, 1, 2]],
  ['not a number', [1, nan, 2]],
]
const ofRows = (): Form[] => [
  ...rows.map((s) => form('', null, [drawn(s, wide, 1)])),
  ...rowEdges.map(([title, values]) => form(title, null, [given([6, 3], [...values, 0.5, 0.25, 0])])),
]
const ofRowsBack = (from: Draw, edges: number[]): Form[] => [
  ...rows.map((s) => form('', null, [drawn(s, from, 1), drawn(s, wide, 2)])),
  form('saturated', null, [given([6, 3], edges), drawn([6, 3], wide, 2)]),
  form('not finite', null, [given([6, 3], edges), given([6, 3], [1, 2, 3, nan, 1, 2, 4, 5, inf, 1, 1, 1])]),
]

// ---- cross-entropies: class numbers, and probabilities, as labels

const probabilities = uniform(0.02, 0.95)
const labelled: Shape[] = [
  [1, 2],
  [3, 5],
  [41, 3],
  [5, 10],
  [3, 17],
  [2, 1000],
  [2, 3, 4],
]
const labelsOf = (s: Shape) => [drawn(s.slice(0, -1), integers(0, s.at(-1)!), 3), drawn(s, uniform(0, 1), 4)]
const dl = (s: Shape) => drawn(s.slice(0, -1), uniform(0.5, 1.5), 5)
const certain = [0, 1, 0, 1, 0, 0, 1e-7, 0.9999999, 1e-9]

function ofLabels(attributes: unknown, back: boolean): Form[] {
  const forms = (title: string, p: Input, s: Shape): Form[] =>
    labelsOf(s).map((y) => form(`${title} ${y.dtype}`, attributes, back ? [p, y, dl(s)] : [p, y]))
  return [
    ...labelled.flatMap((s) => forms('', drawn(s, probabilities, 1), s)),
    ...forms('certain', given([6, 3], certain), [6, 3]),
    ...forms('not a number', given([6, 3], [0.5, nan, 0.25, 0.25, 0.5, 0.25]), [6, 3]),
  ]
}

function ofLogits(): Form[] {
  const forms = (title: string, z: Input, s: Shape) => labelsOf(s).map((y) => form(`${title} ${y.dtype}`, null, [z, y]))
  return [
    ...labelled.flatMap((s) => forms('', drawn(s, wide, 1), s)),
    ...forms('far apart', given([6, 3], [1000, 0, -1000]), [6, 3]),
    ...forms('not a number', given([6, 3], [1, nan, 2, 0.5, 0.25, 0]), [6, 3]),
    form('masked classes', null, [given([6, 3], [-inf, 1, 2]), given([6], [1, 2, 0], 'int32')]),
  ]
}

// ---- binary cross-entropies: element by element

const logitEdges = [0, -0, 1e-8, -17, 17, -80, 80, 100, 1e30, -1e30]
function ofBinary(attributes: unknown, x: Draw, edges: readonly number[], back: boolean): Form[] {
  const forms = (title: string, p: Input): Form => {
    const y = title === '' ? drawn(p.shape, uniform(0, 1), 3) : given(p.shape, [0, 1, 1, 0, 0.5, 1, 0])
    return form(title, attributes, back ? [p, y, drawn(p.shape, uniform(-1, 1), 4)] : [p, y])
  }
  return [
    ...flat.map((s) => forms('', drawn(s, x, 1))),
    forms('edges', given([70], edges)),
    forms('not a number', given([70], [...edges, nan])),
  ]
}

// ---- products with an epilogue

const turned = (s: Shape, turn: boolean): Shape => (turn ? [...s.slice(0, -2), s.at(-1)!, s.at(-2)!] : s)
const products: [Shape, Shape][] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [3, 5],
    [5, 2],
  ],
  [
    [7, 3],
    [3, 17],
  ],
  [
    [33, 20],
    [20, 10],
  ],
  [
    [64, 3],
    [3, 300],
  ],
  [
    [29, 97],
    [97, 150],
  ],
]
const batches: [Shape, Shape][] = [
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [
    [2, 2, 7, 3],
    [2, 2, 3, 9],
  ],
]
const unit = uniform(-1, 1)

/** What tests compare with values that nobody rounds alike: not at the kinks. */
const gates = ['relu', 'sigmoid', 'tanh', 'elu', 'gelu', 'silu'].map(activationNamed)
const fusing = (a: Activation | null) => a && { name: a.name, numbers: a.numbers }

const linear = (): Form[] =>
  [null, ...gates].flatMap((a) => [
    ...products.map(([x, w], i) =>
      form(a?.name ?? 'linear', fusing(a), [drawn(x, unit, i), drawn(w, unit, 2), drawn([w[1]!], unit, 3)]),
    ),
    form(`${a?.name}, saturated`, fusing(a), [
      drawn([9, 5], uniform(-90, 90), 1),
      drawn([5, 18], unit, 2),
      drawn([18], unit, 3),
    ]),
    form(`${a?.name}, not finite`, fusing(a), [
      given([4, 5], [1, 2, inf, 1, 0, 1, 1, 1, 1, 1, nan, 1, 1, 0, 1]),
      given([5, 18], [1, 2, 1]),
      drawn([18], unit, 3),
    ]),
  ])

const flags = [false, true].flatMap((ta) => [false, true].map((tb) => ({ ta, tb })))
function gated(): Form[] {
  const of = (
    title: string,
    [a, b]: readonly [Shape, Shape],
    gate: Activation,
    f: (typeof flags)[number],
    y?: number[],
    da?: number[],
  ) => {
    const out = [...a.slice(0, -1), b.at(-1)!]
    const left = turned(a, f.ta)
    return form(`${title} ${gate.name}, ta ${f.ta}, tb ${f.tb}`, { ...f, activation: fusing(gate) }, [
      da ? given(left, da) : drawn(left, unit, 1),
      drawn(turned(b, f.tb), unit, 2),
      y ? given(out, y) : results(gate, out, 3),
    ])
  }
  return gates.flatMap((gate) =>
    flags.flatMap((f) => [
      ...[...products, ...batches].map((shapes) => of('', shapes, gate, f)),
      of(
        'saturated',
        [
          [33, 20],
          [20, 10],
        ],
        gate,
        f,
        [...(ends[gate.name] ?? [0.5, -0.25, 1])],
      ),
      of(
        'not finite',
        [
          [5, 4],
          [4, 18],
        ],
        gate,
        f,
        [...(ends[gate.name] ?? [0.5, -0.25, 1])],
        [1, 2, 1, 0, 1, inf, 1, 1, 1, nan, 1, 1],
      ),
    ]),
  )
}

// ---- updates: the last input is a row of scalars

function update(changed: number, attributes: unknown, scalars: readonly number[]): Form[] {
  const values = (s: Shape) =>
    Array.from({ length: changed + 1 }, (_, i) => drawn(s, uniform(i === 2 && changed === 3 ? 0.1 : -1, 1), i))
  const row: Input = { shape: [scalars.length], dtype: 'float64', values: scalars }
  return [...flat, [40_001]].map((s) => form(JSON.stringify(attributes), attributes, [...values(s), row]))
}

// ---- attention: [batch, queries, keys, heads, heads of keys, d, w]

const heads: readonly (readonly number[])[] = [
  [1, 1, 1, 1, 1, 1, 1],
  [2, 3, 5, 2, 2, 4, 4],
  [1, 17, 17, 3, 1, 5, 7],
  [2, 15, 33, 4, 2, 16, 3],
  [1, 64, 64, 2, 2, 32, 32],
  [2, 70, 130, 2, 1, 9, 33],
  [1, 130, 70, 1, 1, 33, 16],
  [1, 5, 200, 2, 2, 128, 128],
]
function ofHeads(back: boolean): Form[] {
  const of = (title: string, sizes: readonly number[], causal: boolean, mask?: readonly number[], chance = 0.7) => {
    const [batch, queries, keys, all, shared, d, w] = sizes as [number, number, number, number, number, number, number]
    const [q, k, v] = [
      [batch, queries, all, d],
      [batch, keys, shared, d],
      [batch, keys, shared, w],
    ] as const
    const inputs = [drawn(q, wide, 1), drawn(k, unit, 2), drawn(v, unit, 3)]
    const seen =
      mask &&
      drawn(
        mask,
        { dtype: 'int32', draw: (n, r) => Float64Array.from({ length: n }, () => (r.next() < chance ? 1 : 0)) },
        4,
      )
    const attributes = { scale: 1 / Math.sqrt(d), causal }
    return form(`${title} ${causal ? 'causal ' : ''}`, attributes, [...inputs, ...(seen ? [seen] : [])])
  }
  const list = heads.flatMap((sizes) => {
    const [batch, queries, keys, all] = sizes as [number, number, number, number]
    return [false, true].flatMap((causal) => [
      of('', sizes, causal),
      of('padding', sizes, causal, [batch, 1, 1, keys]),
      of('pairs', sizes, causal, [batch, 1, queries, keys]),
      of('each head its own, for all samples', sizes, causal, [1, all, queries, keys]),
      of('queries that see nothing', sizes, causal, [batch, 1, queries, 1], 0.5),
      of('nothing is seen', sizes, causal, [1, 1, 1, 1], 0),
    ])
  })
  return back ? list.map(withResults) : list
}

/** As the way back gets them: q, k, v, what they gave, its derivative, and the mask. */
function withResults({ title, attributes, inputs, wild }: Form): Form {
  const results = operationNamed('attention')!.reference!(inputs.map(tensorOf), attributes)
  const given = results.map((t): Input => ({ shape: t.shape, dtype: 'float32', values: [...t.data()] }))
  const dy = drawn(results[0]!.shape, unit, 5)
  return { title, attributes, inputs: [...inputs.slice(0, 3), ...given, dy, ...inputs.slice(3)], wild }
}
const tensorOf = ({ shape, dtype, values }: Input) =>
  tensor((dtype === 'int32' ? Int32Array : Float32Array).from(values), { shape })

export const forms: Readonly<Record<string, readonly Form[]>> = {
  ...Object.fromEntries(byValue.map((a) => [`${a.name}Gradient`, ofOutput(a)])),
  ...Object.fromEntries(kept.map((a) => [a.name, withSlope(a)])),
  ...normalizations,
  softmax: ofRows(),
  logSoftmax: ofRows(),
  // What is infinite is NumPy's to say (golden/numpy): the composition has NaN there.
  logSumExp: ofRows().filter(({ title }) => !/^(infinite|all masked)/.test(title)),
  softmaxGradient: ofRowsBack(uniform(0, 1), [0, 1, 0, 1, 0, 0]),
  logSoftmaxGradient: ofRowsBack(uniform(-5, 0), [0, -100, -1000, -0.5, -1, -2]),
  crossEntropy: ofLabels({ epsilon: 1e-7 }, false),
  logitsCrossEntropy: ofLogits(),
  crossEntropyGradient: ofLabels({ epsilon: 1e-7 }, true),
  softmaxCrossEntropyGradient: ofLabels(null, true),
  binaryCrossEntropy: ofBinary({ epsilon: 1e-7 }, probabilities, certain, false),
  binaryCrossEntropyGradient: ofBinary({ epsilon: 1e-7 }, probabilities, certain, true),
  sigmoidCrossEntropyGradient: ofBinary(null, probabilities, certain, true),
  logitCrossEntropy: ofBinary(null, wide, logitEdges, false),
  logitCrossEntropyGradient: ofBinary(null, wide, logitEdges, true),
  attention: ofHeads(false),
  attentionGradient: ofHeads(true),
  linear: linear(),
  gatedMatmul: gated(),
  convolution: convolutions.forwards,
  transposedConvolution: convolutions.turned,
  gatedConvolution: convolutions.gated,
  ...Object.fromEntries(
    cells.flatMap((cell) => [
      [cell, forward(cell)],
      [`${cell}Gradient`, back(cell)],
    ]),
  ),
  sgd: update(1, null, [0.1, 0.02]),
  momentum: [false, true].flatMap((nesterov) => update(2, { nesterov }, [0.1, 0.9, 0.02])),
  adam: update(3, null, [0.01, 0.9, 0.999, 1e-7, 1 / (1 - 0.9 ** 3), 1 / (1 - 0.999 ** 3), 0.004]),
}
