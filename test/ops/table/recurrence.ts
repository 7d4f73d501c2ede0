import { concat, type Shape, type Tensor, tensor } from '../../../src/index.ts'
import { type Recurred, recurrence } from '../../../src/ops/recurrence.ts'
import type { Nd } from '../../support/oracle.ts'
import { uniform } from '../../support/random.ts'
import { type Cell, type Ended, gatesOf, type Named, recur, type Sequence } from '../../support/recurrence.ts'
import type { Row } from '../../support/rows.ts'

/** What a row has beside projections and kernel. */
interface Form {
  readonly title: string
  readonly bias?: boolean
  readonly initial?: boolean
  readonly masked?: boolean
  readonly dropped?: boolean
  readonly reversed?: boolean
  /** The last state only. */
  readonly last?: boolean
  readonly activation?: Named
  readonly gateActivation?: Named
}

const plain: Form = { title: '' }
const forms: readonly Form[] = [
  plain,
  { title: 'the last state', last: true },
  { title: 'from a state', initial: true },
  { title: 'masked', masked: true },
  { title: 'masked, backwards, from a state', masked: true, reversed: true, initial: true },
  { title: 'masked, the last state', masked: true, last: true, initial: true },
  { title: 'recurrent dropout', dropped: true, initial: true },
  { title: 'recurrent dropout, masked, backwards', dropped: true, masked: true, reversed: true },
  { title: 'linear and tanh', activation: 'linear', gateActivation: 'tanh', initial: true },
  { title: 'sigmoid and linear', activation: 'sigmoid', gateActivation: 'linear' },
]

// [batch, steps, units]
const odd = [
  [1, 1, 1],
  [7, 3, 1],
  [9, 2, 3],
  [2, 5, 15],
  [1, 4, 16],
  [3, 2, 17],
]
const sizesOf = (form: Form) => (form === plain ? [...odd, [33, 3, 7], [2, 3, 37]] : odd.slice(0, 4))

// Some rows without a first step, one without any, and gaps.
const isThere = (row: number, step: number) => row !== 2 && (row + 2 * step) % 3 !== 1
const isKept = (row: number, unit: number) => (row + unit) % 3 !== 0
const scale = 1.5

const integers = (shape: Shape, f: (i: number, j: number) => boolean): Tensor =>
  tensor(
    Int32Array.from({ length: shape[0]! * shape[1]! }, (_, i) => +f(Math.floor(i / shape[1]!), i % shape[1]!)),
    { shape },
  )

const elementwise = (name: Named) => (name === 'linear' ? null : { name, numbers: [] })

const inputsOf = (cell: Cell, { bias, initial }: Form) => {
  const state = (b: number, _: number, u: number): Shape => [b, u]
  return [
    { name: 'projections', shape: (b: number, t: number, u: number): Shape => [b, t, gatesOf[cell] * u] },
    { name: 'kernel', shape: (_: number, _t: number, u: number): Shape => [u, gatesOf[cell] * u] },
    ...(bias ? [{ name: 'bias', shape: (_: number, _t: number, u: number): Shape => [gatesOf[cell] * u] }] : []),
    ...(initial ? [{ name: 'hidden', shape: state }] : []),
    ...(initial && cell === 'lstm' ? [{ name: 'carry', shape: state }] : []),
  ] as const
}

const flat = (x: Tensor) => x.reshape([-1])
const parts = (cell: Cell, { last }: Form) =>
  [...(last ? [] : ['outputs']), 'hidden', ...(cell === 'lstm' ? ['carry'] : [])] as ('outputs' | 'hidden' | 'carry')[]

function compute(cell: Cell, form: Form, x: readonly Tensor[]): Tensor {
  const named = Object.fromEntries(inputsOf(cell, form).map(({ name }, i) => [name, x[i]!]))
  const [batch, steps] = x[0]!.shape as [number, number]
  const ended: Recurred = recurrence(
    cell,
    {
      ...(named as { projections: Tensor; kernel: Tensor }),
      mask: form.masked ? integers([batch, steps], isThere) : undefined,
      kept: form.dropped ? integers([batch, x[1]!.size(0)], isKept) : undefined,
    },
    {
      reversed: form.reversed ?? false,
      ...(form.dropped ? { scale } : {}),
      ...(form.activation ? { activation: elementwise(form.activation) } : {}),
      ...(form.gateActivation ? { gateActivation: elementwise(form.gateActivation) } : {}),
    },
  )
  return concat(parts(cell, form).map((part) => flat(ended[part]!)))
}

function oracle(cell: Cell, form: Form, x: readonly Nd[]): Nd {
  const named = Object.fromEntries(inputsOf(cell, form).map(({ name }, i) => [name, x[i]!]))
  const ended: Ended = recur(cell, {
    ...(named as unknown as Pick<Sequence, 'projections' | 'kernel'>),
    mask: form.masked ? isThere : undefined,
    factor: form.dropped ? (row, unit) => (isKept(row, unit) ? scale : 0) : undefined,
    reversed: form.reversed,
    activation: form.activation,
    gateActivation: form.gateActivation,
  })
  const data = parts(cell, form).flatMap((part) => [...ended[part].data])
  return { shape: [data.length], data: Float64Array.from(data) }
}

const row = (cell: Cell, form: Form): Row => ({
  op: cell,
  title: `${cell}${form.title ? `, ${form.title}` : ''}${form.bias ? ', with a bias' : ''}`,
  shapes: sizesOf(form).map(([b, t, u]) => inputsOf(cell, form).map(({ shape }) => shape(b!, t!, u!))),
  // With larger kernels the activations without bounds are chaotic.
  data: inputsOf(cell, form).map(({ name }) => (name === 'kernel' ? uniform(-0.4, 0.4) : uniform(-1, 1))),
  relative: 2e-6,
  effort: 40,
  compute: (...x) => compute(cell, form, x),
  oracle: (...x) => oracle(cell, form, x),
})

export const rows: Row[] = (Object.keys(gatesOf) as Cell[]).flatMap((cell) => [
  ...forms.map((form) => row(cell, form)),
  ...(cell === 'gru' ? [plain, forms[4]!, forms[6]!].map((form) => row(cell, { ...form, bias: true })) : []),
])
