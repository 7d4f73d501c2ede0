/** Cells of users, step by step. */
import { where } from '../../ops/elementwise.ts'
import { reshape } from '../../ops/movement.ts'
import { at, stack } from '../../ops/slice.ts'
import { checkOptions, describeValue, optionError, type Subject } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import { Tensor } from '../../tensor/graph.ts'
import { constant } from '../../tensor/leaves.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../../tensor/shape.ts'
import type { Context } from '../context.ts'
import { Layer } from '../layer.ts'
import { Cell } from './cell.ts'
import { type RunResult, SequenceLayer, type SequenceOptions, sequenceTable } from './sequence-layer.ts'

type States = Readonly<Record<string, Tensor>>

function cellOption(value: unknown, subject: Subject): Cell {
  if (value instanceof Cell) return value
  throw optionError(subject, 'a cell', value, 'Give an object of a class of your own that extends Cell.')
}

const table = { cell: cellOption, ...sequenceTable }

// biome-ignore lint/suspicious/noExplicitAny: a cell with any states
type AnyCell = Cell<any>
type StatesOf<C extends AnyCell> = keyof C['stateShapes'] & string

export class Rnn<C extends AnyCell, R extends boolean = false> extends SequenceLayer<StatesOf<C>, R> {
  static readonly type = 'rnn'
  readonly cell: C

  constructor(options: SequenceOptions & { cell: C; returnState?: R }) {
    const checked = checkOptions('rnn', options, table)
    super(checked)
    this.cell = checked.cell as C
  }

  protected override sampleStates(): Readonly<Record<string, Shape>> {
    return this.cell.stateShapes as Readonly<Record<string, Shape>>
  }

  // The cell makes its weights when it is applied.
  protected override buildFor(): void {}

  protected override copyOptions(): Readonly<Record<string, unknown>> {
    const { maker, options } = this.cell.restoration()
    if (Object.values(options).some((value) => value instanceof Layer))
      throw shapeError(
        'rnn',
        'the cell has a layer among its options, which two cells would share. Let the cell make its layers itself.',
      )
    return { ...this.options, cell: maker.make(options) }
  }

  protected override run(input: Tensor, first: States | null, { mask }: Context): RunResult {
    const batch = input.size(0)
    const shapes = Object.entries(this.sampleStates())
    let states: States = first ?? Object.fromEntries(shapes.map(([name, shape]) => [name, zeros([batch, ...shape])]))
    let last: Tensor | null = null
    const outputs: Tensor[] = []
    const steps = Array.from({ length: input.size(1) }, (_, i) => i)
    for (const time of this.isReversed ? steps.reverse() : steps) {
      const next = this.#step(at(input, ':', time), states)
      const rows = mask && at(mask, ':', time)
      const { output } = next as { readonly output: Tensor }
      last = rows ? chosen(rows, output, last ?? zeros(output.shape)) : output
      const own = (name: string) => (rows ? chosen(rows, next[name]!, states[name]!) : next[name]!)
      states = Object.fromEntries(shapes.map(([name]) => [name, own(name)]))
      outputs[time] = last
    }
    return { outputs: stack(outputs, 1), last: last!, states }
  }

  #step(input: Tensor, states: States): States {
    const given = this.cell.apply({ input, ...states }) as States
    for (const [name, expected] of Object.entries<Tensor | null>({ output: null, ...states })) {
      const value = (given as Readonly<Record<string, unknown>> | undefined)?.[name]
      if (value instanceof Tensor && (!expected || sameShape(value.shape, expected.shape))) continue
      const names = ['output', ...Object.keys(states)].join(', ')
      const what = expected ? `the state '${name}' ${formatShape(expected.shape)}` : `'output'`
      const got = value instanceof Tensor ? formatShape(value.shape) : describeValue(value)
      throw shapeError('rnn', `a cell gives { ${names} } for each step: expected ${what}, got ${got}`)
    }
    return given
  }
}

const zeros = (shape: Shape) => constant(new Float32Array(sizeOf(shape)), shape)

const chosen = (rows: Tensor, a: Tensor, b: Tensor) =>
  where(reshape(rows, [-1, ...a.shape.slice(1).map(() => 1)]), a, b)

/**
 * A recurrent layer of a cell of one's own, which is applied step by step.
 *
 * Input [batch, t, ...], or { input, ...states } with the states to start from, which are zeros otherwise. Output what the
 * cell gives for the last step, [batch, ...]; with `returnSequences` for all, [batch, t, ...]; with `returnState`
 * { output, ...states }. Where the mask of the input is 0 a step is left out: the states stay, and the output is the one
 * before.
 *
 * The steps are described one by one: a program has the operations of each.
 */
export function rnn<C extends AnyCell, const R extends boolean = false>(
  cell: C,
  options: SequenceOptions & { returnState?: R } = {},
): Rnn<C, R> {
  return new Rnn<C, R>({ cell, ...options })
}
