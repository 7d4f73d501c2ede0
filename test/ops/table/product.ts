import { dot, matmul, type Shape, type Tensor } from '../../../src/index.ts'
import { linear } from '../../../src/ops/matmul.ts'
import { type Activation, activationNamed, activations } from '../../support/activations.ts'
import { each, matmul as exact, type Nd, product, reshape, transpose } from '../../support/oracle.ts'
import { uniform } from '../../support/random.ts'
import { lanes, type Row } from '../../support/rows.ts'

const data = uniform(-1, 1)
const common = { data, relative: 1e-5, effort: 8 }
const turned = (x: Nd) => transpose(x, [...x.shape.slice(0, -2).keys(), x.shape.length - 1, x.shape.length - 2])

// [m, k, n]; the last ones are cut into tiles, with whole and partial ones.
const triples = [
  [1, 1, 1],
  [2, 3, 4],
  [1, 17, 1],
  [7, 8, 9],
  [15, 16, 17],
  [lanes, lanes + 1, lanes - 1 || 1],
  [37, 1, 5],
  [1, 5, 37],
  [33, 47, 21],
] as const
// Cut by rows, and by columns.
const large = [
  [145, 190, 150],
  [60, 300, 230],
] as const

const plain = (list: readonly (readonly number[])[]) =>
  list.map(([m, k, n]): Shape[] => [
    [m!, k!],
    [k!, n!],
  ])
const flip = (shape: Shape): Shape => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!]

const flags = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const

const matrices = flags.flatMap(([ta, tb]) =>
  [plain(triples), plain(ta === tb ? large.slice(0, 1) : large.slice(1))].map(
    (shapes, i): Row => ({
      op: 'matmul',
      title: `matmul${ta ? ', a.T' : ''}${tb ? ', b.T' : ''}${i ? ', tiled' : ''}`,
      ...common,
      shapes: shapes.map(([a, b]) => [ta ? flip(a!) : a!, tb ? flip(b!) : b!]),
      compute: (a, b) => matmul(ta ? a.T : a, tb ? b.T : b),
      oracle: (a, b) => exact(ta ? turned(a!) : a!, tb ? turned(b!) : b!),
    }),
  ),
)

const swap = (x: Tensor) => x.transpose([...x.shape.slice(0, -2).keys(), x.rank - 1, x.rank - 2])
const batches: Shape[][] = [
  [
    [5, 2, 3],
    [5, 3, 4],
  ],
  [
    [5, 7, 9],
    [9, 8],
  ],
  [
    [4, 3],
    [5, 3, 2],
  ],
  [
    [2, 1, 3, 4],
    [3, 4, 2],
  ],
  [
    [1, 2, 3],
    [6, 3, 1],
  ],
  [
    [2, 3, 17, 4],
    [2, 3, 4, 16],
  ],
]
const batched = flags.map(
  ([ta, tb]): Row => ({
    op: 'matmul',
    title: `matmul, batches${ta ? ', a transposed' : ''}${tb ? ', b transposed' : ''}`,
    ...common,
    shapes: batches.map(([a, b]) => [ta ? flip(a!) : a!, tb ? flip(b!) : b!]),
    compute: (a, b) => matmul(ta ? swap(a) : a, tb ? swap(b) : b),
    oracle: (a, b) => exact(ta ? turned(a!) : a!, tb ? turned(b!) : b!),
  }),
)

const asRow = (x: Nd) => (x.shape.length === 1 ? reshape(x, [1, ...x.shape]) : x)
const asColumn = (x: Nd) => (x.shape.length === 1 ? reshape(x, [...x.shape, 1]) : x)
function withVectors(a: Nd, b: Nd): Nd {
  const y = exact(asRow(a), asColumn(b))
  const shape = [...y.shape]
  if (b.shape.length === 1) shape.splice(-1, 1)
  if (a.shape.length === 1) shape.splice(b.shape.length === 1 ? -1 : -2, 1)
  return reshape(y, shape)
}

const vectors: Shape[][] = [
  [[3], [3, 2]],
  [[17], [17, 16]],
  [[2, 3], [3]],
  [[16, 37], [37]],
  [[5, 2, 3], [3]],
  [[3], [5, 3, 2]],
  [[4], [4]],
]

const others: Row[] = [
  {
    op: 'matmul',
    title: 'matmul, vectors',
    ...common,
    shapes: vectors,
    compute: matmul,
    oracle: (a, b) => withVectors(a!, b!),
  },
  {
    op: 'matmul',
    title: 'matmul, a matrix by itself',
    ...common,
    shapes: [[[3, 3]], [[17, 17]]],
    compute: (a) => matmul(a, a.T),
    oracle: (a) => exact(a!, transpose(a!)),
  },
  {
    op: 'dot',
    ...common,
    shapes: [1, 7, 8, 9, 15, 16, 17, 37, 1000].map((n) => [[n], [n]]),
    compute: dot,
    oracle: (a, b) => reshape(withVectors(a!, b!), []),
  },
  {
    op: 'dot',
    title: 'dot of matrices',
    ...common,
    shapes: plain(triples),
    compute: dot,
    oracle: (a, b) => exact(a!, b!),
  },
  {
    op: 'dot',
    title: 'dot with a scalar',
    ...common,
    shapes: [
      [[], [3, 4]],
      [[17], []],
    ],
    compute: dot,
    oracle: (a, b) => each((x, y) => x * y, a!, b!),
  },
]

// With an activation that has kinks the bias keeps each sum away from them.
const bias = {
  dtype: 'float32',
  draw: (n: number) => Float64Array.from({ length: n }, (_, i) => (i % 2 ? 9 : -9)),
} as const

function layer(
  list: readonly (readonly [number, number, number])[],
  activation: Activation | null,
  title: string,
): Row {
  const kinked = activation !== null && activation.kinks.length > 0
  return {
    op: 'linear',
    title: `linear, ${activation?.name ?? 'linear'}${title}`,
    ...common,
    data: [data, data, kinked ? bias : data],
    ...(kinked ? { kinks: activation.kinks.join(' and ') } : {}),
    // At −9 they have a slope of 10⁻⁴, which is what the value is above its limit: digits are lost.
    ...(activation && ['elu', 'selu'].includes(activation.name) ? { gradientError: 5e-4 } : {}),
    // So that no sum of k products reaches the bias.
    shapes: plain(kinked ? list.map(([m, k, n]) => [m, Math.min(k, 4), n] as const) : list).map(([x, w]) => [
      x!,
      w!,
      [w![1]!],
    ]),
    compute: (x, w, b) => linear(x, w, b, activation),
    oracle: (x, w, b) => each((z, c) => (activation ? activation.value(z + c) : z + c), exact(x!, w!), b!),
  }
}
const often = new Set(['relu', 'sigmoid', 'tanh', 'elu', 'gelu'])
const layers = [
  layer(triples, null, ''),
  layer(large, null, ', tiled'),
  ...activations.flatMap((activation) => [
    layer(often.has(activation.name) ? triples : triples.slice(0, 4), activation, ''),
    ...(often.has(activation.name) ? [layer(large.slice(0, 1), activation, ', tiled')] : []),
  ]),
  {
    ...layer(triples, null, ', without a bias'),
    data,
    shapes: plain(triples),
    compute: (x: Tensor, w: Tensor) => linear(x, w, null, { name: 'gelu', numbers: [] }),
    oracle: (x: Nd, w: Nd) => each(activationNamed('gelu').value, exact(x, w)),
  },
]

/** Size of the largest product of the table, to see that it is one that the kernel cuts. */
export const mostWork = Math.max(...large.map((t) => product(t)))

export const rows: Row[] = [...matrices, ...batched, ...others, ...layers]
