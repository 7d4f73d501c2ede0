/** The forms of recurrences, forward and back: see fused.ts. */
import type { Form, Input } from './form.ts'
import { integers, seeded, uniform } from './random.ts'
import { type Cell, gatesOf } from './recurrence.ts'

interface Kind {
  readonly title: string
  readonly attributes?: object
  readonly bias?: boolean
  readonly initial?: boolean
  readonly masked?: boolean
  readonly dropped?: boolean
}

const named = (name: string, ...numbers: number[]) => ({ name, numbers })
const common = { activation: named('tanh'), gateActivation: named('sigmoid'), reversed: false, scale: 1 }
const kinds: readonly Kind[] = [
  { title: 'plain' },
  { title: 'from a state, backwards', initial: true, attributes: { reversed: true } },
  { title: 'masked', masked: true },
  { title: 'masked, backwards, from a state', masked: true, initial: true, attributes: { reversed: true } },
  { title: 'dropped, masked', dropped: true, masked: true, initial: true, attributes: { scale: 1.25 } },
  { title: 'others', initial: true, attributes: { activation: named('sigmoid'), gateActivation: named('tanh') } },
  { title: 'none', attributes: { activation: null, gateActivation: named('hardSigmoid') } },
  { title: 'with a number', attributes: { activation: named('elu', 0.5), gateActivation: named('softsign') } },
]
const shapes = [
  [1, 1, 1],
  [3, 2, 5],
  [9, 3, 17],
] as const

let seed = 0
const drawn = (shape: readonly number[], draw = uniform(-0.5, 0.5)): Input => ({
  shape,
  dtype: draw.dtype,
  values: [
    ...draw.draw(
      shape.reduce((a, b) => a * b, 1),
      seeded(++seed),
    ),
  ],
})
const given = (there: boolean | undefined, shape: readonly number[], draw = uniform(-0.5, 0.5)): Input =>
  there ? drawn(shape, draw) : { shape: [0], dtype: draw.dtype, values: [] }
const bits = integers(0, 2)

export const cells = Object.keys(gatesOf) as Cell[]

function forms(cell: Cell, of: (kind: Kind, b: number, t: number, u: number) => Input[]) {
  const all = cell === 'gru' ? [...kinds, ...kinds.slice(1, 4).map((kind) => ({ ...kind, bias: true }))] : kinds
  return all.flatMap((kind) =>
    shapes.map(
      ([b, t, u]): Form => ({
        title: `${kind.title}${kind.bias ? ', bias' : ''} [${b},${t},${u}]`,
        attributes: { ...common, ...kind.attributes },
        inputs: of(kind, b, t, u),
        wild: false,
      }),
    ),
  )
}

export const forward = (cell: Cell): Form[] =>
  forms(cell, ({ bias, initial, masked, dropped }, b, t, u) => [
    drawn([b, t, gatesOf[cell] * u]),
    drawn([u, gatesOf[cell] * u]),
    given(bias, [gatesOf[cell] * u]),
    given(initial, [b, u]),
    given(initial && cell === 'lstm', [b, u]),
    given(masked, [b, t], bits),
    given(dropped, [b, u], bits),
  ])

/** Gates as activations give them, and all gradients of outputs, or that of the last state alone. */
export const back = (cell: Cell): Form[] =>
  forms(cell, ({ initial, masked, dropped }, b, t, u) => [
    drawn([b, t, gatesOf[cell] * u], uniform(0.1, 0.9)),
    drawn([b, t, u]),
    given(cell !== 'simpleRnn', [b, t, u]),
    drawn([u, gatesOf[cell] * u]),
    drawn([b, u]),
    given(cell === 'lstm' && masked, [b, u]),
    given(!initial || masked, [b, t, u]),
    given(masked, [b, t], bits),
    given(dropped, [b, u], bits),
  ])
