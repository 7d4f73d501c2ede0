import type { Shape, Tensor } from '../../../src/index.ts'
import * as ops from '../../../src/index.ts'
import { build, concat, each, gather, get, type Nd, oneHot, reshape, transpose } from '../../support/oracle.ts'
import { integers, uniform } from '../../support/random.ts'
import { lanes, type Row } from '../../support/rows.ts'

const data = uniform(-3, 3)
const widths = [...new Set([1, 7, 8, 9, 15, 16, 17, lanes, lanes + 1, 37, 130])]

const row = (op: string, title: string, shapes: Shape[][], f: Pick<Row, 'compute' | 'oracle'> & Partial<Row>): Row => ({
  op,
  title: `${op} ${title}`,
  shapes,
  data,
  ...f,
})

// One index of NumPy's, to the positions that it takes: by definition of Python's slices.
function taken(index: number | string, n: number): number[] {
  if (typeof index === 'number') return [index < 0 ? index + n : index]
  const [start, stop, step = 1] = index.split(':').map((t) => (t === '' ? undefined : Number(t)))
  const wrap = (i: number) => (i < 0 ? i + n : i)
  const list: number[] = []
  if (step > 0) {
    const end = stop === undefined ? n : wrap(stop)
    for (let i = Math.max(0, start === undefined ? 0 : wrap(start)); i < Math.min(n, end); i += step) list.push(i)
  } else {
    const end = stop === undefined ? -1 : Math.max(-1, wrap(stop))
    for (let i = Math.min(n - 1, start === undefined ? n - 1 : wrap(start)); i > end; i += step) list.push(i)
  }
  return list
}

function slice(x: Nd, index: readonly (number | string)[]): Nd {
  const places = x.shape.map((n, axis) => taken(index[axis] ?? ':', n))
  const all = build(
    places.map((p) => p.length),
    (at) =>
      get(
        x,
        at.map((i, axis) => places[axis]![i]!),
      ),
  )
  return reshape(
    all,
    all.shape.filter((_, axis) => typeof index[axis] !== 'number'),
  )
}

const indices: { shapes: Shape[][]; index: (number | string)[][] }[] = [
  {
    shapes: [[[5]], [[17]], [[40]]],
    index: [[0], [-1], [':'], ['2:'], [':-2'], ['1:4'], ['::2'], ['1::3'], ['::-1'], ['4:0:-2'], ['-3:'], [':99']],
  },
  {
    shapes: [[[5, 9]], [[6, 16]], [[5, 33]]],
    index: [
      [0],
      [-1, 2],
      [':', 1],
      [':', -1],
      ['1:3'],
      ['1:3', '2:5'],
      ['::-1', '::-1'],
      ['::2', '1::3'],
      [':', ':4'],
      [2, ':3'],
    ],
  },
  {
    shapes: [[[3, 4, 5]], [[4, 5, 17]]],
    index: [
      [1],
      [1, 2],
      [0, 1, 2],
      [':', 1],
      [':', ':', 1],
      ['1:', '::-1', '::2'],
      [0, ':', 2],
      [':', '1:3', '1:4'],
      ['::-2', 0],
    ],
  },
]

const slices = indices.flatMap(({ shapes, index }) =>
  index.map((i) => row('at', JSON.stringify(i), shapes, { compute: (x) => x.at(...i), oracle: (x) => slice(x!, i) })),
)

// Gradients of parts that meet each other and one of the whole.
slices.push(
  row('at', 'parts that meet, beside the whole', [[[5]], [[17]], [[6, 16]]], {
    compute: (x) => ops.concat([x.mul(2), x.at('1:4'), x.at('::2'), x.at('::-1')]),
    oracle: (x) => concat([each((v) => 2 * v, x!), slice(x!, ['1:4']), slice(x!, ['::2']), slice(x!, ['::-1'])], 0),
  }),
)

const orders: [Shape[][], number[] | undefined][] = [
  [[[[7]], [[3, 5]], [[17, 9]], [[16, 16]], [[33, 47]], [[130, 70]], [[2, 3, 4]], [[2, 1, 3, 5]]], undefined],
  [
    [[[2, 3, 4]], [[5, 17, 16]]],
    [0, 2, 1],
  ],
  [
    [[[2, 3, 4]], [[9, 8, 17]]],
    [1, 0, 2],
  ],
  [
    [[[2, 3, 4]], [[9, 8, 17]]],
    [1, 2, 0],
  ],
  [
    [[[2, 3, 4]], [[9, 8, 17]]],
    [-1, 0, 1],
  ],
  [
    [[[2, 3, 4, 5]], [[3, 16, 2, 17]]],
    [2, 0, 3, 1],
  ],
]
const positive = (order: number[] | undefined, rank: number) => order?.map((a) => (a < 0 ? a + rank : a))
const transposes = orders.map(([shapes, order]) =>
  row('transpose', `${order ?? 'reversed'}`, shapes, {
    compute: (x) => ops.transpose(x, order),
    oracle: (x) => transpose(x!, positive(order, x!.shape.length)),
  }),
)

const spread = (x: Nd, shape: Shape) => build(shape, (index) => get(x, index))
const broadcasts = [
  ...widths.map((n): [Shape, Shape] => [[n], [3, n]]),
  ...widths.map((n): [Shape, Shape] => [
    [4, 1],
    [4, n],
  ]),
  [[], [2, 3]] as [Shape, Shape],
  [
    [1, 3, 1],
    [2, 3, 17],
  ] as [Shape, Shape],
  [
    [2, 1, 4],
    [3, 2, 5, 4],
  ] as [Shape, Shape],
].map(([from, to]) =>
  row('broadcastTo', `[${from}] → [${to}]`, [[from]], {
    compute: (x) => ops.broadcastTo(x, to),
    oracle: (x) => spread(x!, to),
  }),
)

const reshapes = (
  [
    [[6], [2, 3], [2, 3]],
    [
      [2, 3, 4],
      [4, -1],
      [4, 6],
    ],
    [[17], [-1], [17]],
    [[1], [], []],
    [
      [3, 4],
      [2, 1, -1],
      [2, 1, 6],
    ],
  ] as [Shape, Shape, Shape][]
).map(([from, to, result]) =>
  row('reshape', `[${from}] → [${to}]`, [[from]], {
    compute: (x) => x.reshape(to),
    oracle: (x) => reshape(x!, result),
  }),
)

// Used twice, so that its slices' gradients meet.
const joins: Row[] = [
  row(
    'concat',
    'axis 0',
    [
      [[5], [3]],
      [
        [2, 3],
        [4, 3],
      ],
      [
        [17, 2],
        [1, 2],
      ],
      ...widths.map((n): Shape[] => [[n], [n]]),
    ],
    {
      compute: (...x) => ops.concat(x),
      oracle: (...x) => concat(x, 0),
    },
  ),
  row(
    'concat',
    'last axis',
    [
      [
        [2, 3],
        [2, 1],
        [2, 17],
      ],
      [
        [2, 3, 4],
        [2, 3, 5],
      ],
      [
        [1, 16],
        [1, 8],
      ],
    ],
    {
      compute: (...x) => ops.concat(x, -1),
      oracle: (...x) => concat(x, x[0]!.shape.length - 1),
    },
  ),
  row(
    'concat',
    'middle axis, one tensor twice',
    [
      [
        [2, 3, 4],
        [2, 5, 4],
      ],
      [
        [3, 1, 17],
        [3, 2, 17],
      ],
    ],
    {
      compute: (a, b) => ops.concat([a, b, a], 1),
      oracle: (a, b) => concat([a!, b!, a!], 1),
    },
  ),
  ...[0, 1, -1].map((axis) =>
    row(
      'stack',
      `axis ${axis}`,
      [
        [[3], [3]],
        [
          [2, 17],
          [2, 17],
          [2, 17],
        ],
        [
          [4, 1],
          [4, 1],
        ],
      ],
      {
        compute: (...x) => ops.stack(x, axis),
        oracle: (...x) => {
          const at = axis < 0 ? x[0]!.shape.length + 1 + axis : axis
          return concat(
            x.map((t) => reshape(t, [...t.shape.slice(0, at), 1, ...t.shape.slice(at)])),
            at,
          )
        },
      },
    ),
  ),
]

const lookups: Row[] = [
  row(
    'gather',
    'rows',
    [
      ...widths.map((n): Shape[] => [[5, n], [7]]),
      [[5], [3]],
      [
        [5, 2, 3],
        [4, 2],
      ],
      [[5, 3], []],
    ],
    {
      data: [data, integers(0, 5)],
      compute: (table, rows) => ops.gather(table, rows),
      oracle: (table, rows) => gather(table!, rows!),
    },
  ),
  row('gather', 'of int32', [[[5, 3], [4]]], {
    data: [integers(-9, 9), integers(0, 5)],
    compute: (table, rows) => ops.gather(table, rows),
    oracle: (table, rows) => gather(table!, rows!),
  }),
  ...[1, 2, 5, 10, 17].map((classes) =>
    row('oneHot', `${classes} classes`, [[[]], [[1]], [[9]], [[3, 4]], [[1000]]], {
      data: integers(0, classes),
      gradient: false,
      compute: (labels: Tensor) => ops.oneHot(labels, classes),
      oracle: (labels) => oneHot(labels!, classes),
    }),
  ),
]

export const rows: Row[] = [...slices, ...transposes, ...broadcasts, ...reshapes, ...joins, ...lookups]
