/** What the kernels of recurrent cells take, and what each cell is to them. */
import type { Elementwise, Spec, Tensor } from '../tensor/graph.ts'
import type { Shape } from '../tensor/shape.ts'
import { activate, epilogueOf, gateBy, keepsSlope } from './activation.ts'
import type { Loop, LoopCell } from './recurrence-loops.ts'
import { gruBeforeStep, gruStep, lstmStep, type Rule, simpleRnnStep } from './recurrence-steps.ts'

/** An activation that the kernels know; null: none. */
export type RecurrentActivation = Elementwise | null

/** Whether the kernels know it: its value must tell its slope. */
export function isRecurrentActivation(e: Elementwise): boolean {
  return !keepsSlope(e)
}

const ruleOf = (e: RecurrentActivation): Rule => ({
  forward: (x) => (e ? activate(e, x) : x),
  backward: (y, dy) => (e ? gateBy(e, y, dy) : dy),
})

const lines = { hasCarry: false, hasExtra: false, hasInner: false, isSplit: false }
/** `isSplit`: the last gate has a product of its own, after the others are there. */
export const cells = {
  simpleRnn: { ...lines, gates: 1, steps: simpleRnnStep },
  lstm: { ...lines, gates: 4, hasCarry: true, hasExtra: true, steps: lstmStep },
  gru: { ...lines, gates: 3, hasExtra: true, hasInner: true, steps: gruStep },
  gruBefore: { ...lines, gates: 3, hasExtra: true, isSplit: true, steps: gruBeforeStep },
} as const satisfies Record<string, LoopCell & { isSplit: boolean }>

export type RecurrentCell = keyof typeof cells

export interface Recurrence {
  readonly activation: RecurrentActivation
  readonly gateActivation: RecurrentActivation
  readonly reversed: boolean
  /** Of what a recurrent dropout keeps of the state. */
  readonly scale: number
}

export const loopOf = (cell: RecurrentCell, { activation, gateActivation, ...rest }: Recurrence): Loop => ({
  cell: cells[cell],
  state: ruleOf(activation),
  gate: ruleOf(gateActivation),
  ...rest,
})

export const float = (shape: Shape): Spec => ({ shape, dtype: 'float32' })
export const where = (there: boolean, shape: Shape) => float(there ? shape : [0])

/** Rows of the batch that one thread takes through all time: enough of them for the kernel, and tiles for the threads. */
function rowsPerTile(batch: number): number {
  return Math.max(1, Math.min(8, Math.ceil(batch / 4)))
}

// In whole vectors, whatever their length.
const padded = (units: number) => Math.ceil(units / 16) * 16

/** What the kernels need beside their results: the packed kernel, in one or two parts, and rows of each tile. */
export function scratchOf(cell: RecurrentCell, batch: number, units: number): Spec[] {
  const { gates, isSplit } = cells[cell]
  const rows = rowsPerTile(batch)
  return [
    float([(isSplit ? gates - 1 : gates) * units * padded(units)]),
    where(isSplit, [units * padded(units)]),
    float([Math.ceil(batch / rows) * rows * (gates + 4) * padded(units)]),
  ]
}

/** Instructions that pack the kernel, and the one that uses it. */
export function instructions(
  cell: RecurrentCell,
  packed: readonly [kernel: Tensor, panels: Tensor, more: Tensor, turned: number],
  attributes: Recurrence,
  [batch, steps, units]: Shape,
  rest: { kernel: string; operands: readonly Tensor[] },
) {
  const { gates, isSplit } = cells[cell]
  const [kernel, panels, more, turned] = packed
  const pack = (to: Tensor, first: number, count: number) => ({
    kernel: 'packPanels',
    attributes: [units!, gates, first, count, turned],
    operands: [to, kernel],
    prepares: true,
  })
  const { reversed, activation, gateActivation, scale } = attributes
  const codes = [activation, gateActivation].flatMap((e) => {
    const { code, numbers } = epilogueOf(e)
    return [code, numbers[0]]
  })
  const sizes = [batch!, steps!, units!, rowsPerTile(batch!), reversed ? 1 : 0]
  return [
    pack(panels, 0, isSplit ? gates - 1 : gates),
    ...(isSplit ? [pack(more, gates - 1, 1)] : []),
    { ...rest, attributes: [...sizes, ...codes, scale] },
  ]
}

export const productFlops = (cell: RecurrentCell, [batch, steps, units]: Shape) =>
  2 * batch! * steps! * units! * units! * cells[cell].gates
