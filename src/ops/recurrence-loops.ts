/** Recurrences as loops over single steps: what the kernels that go through all time mean. */

import type { Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { add, mul, notEqual, toFloat, where } from './elementwise.ts'
import { reshape } from './movement.ts'
import { columnsOf, type Rule, type StepRules } from './recurrence-steps.ts'
import { at, concat, stack } from './slice.ts'

/** What a recurrence goes without. */
export const absent = constant(new Float32Array(0), [0])
export const absentIntegers = constant(new Int32Array(0), [0])

/** Whether an operand that may be absent is there. */
export function present(t: Tensor): Tensor | null {
  return t.size() > 0 ? t : null
}

export interface LoopCell {
  readonly gates: number
  readonly hasCarry: boolean
  readonly hasExtra: boolean
  readonly hasInner: boolean
  readonly steps: StepRules
}

export interface Loop {
  readonly cell: LoopCell
  readonly state: Rule
  readonly gate: Rule
  readonly reversed: boolean
  /** Of what is kept of the state by a recurrent dropout. */
  readonly scale: number
}

const zeros = (batch: number, units: number) => constant(new Float32Array(batch * units), [batch, units])

const timesOf = (steps: number, reversed: boolean) =>
  Array.from({ length: steps }, (_, i) => (reversed ? steps - 1 - i : i))

/** Which rows have a step at this time, [batch, 1]; null for all. */
function rowsAt(mask: Tensor | null, time: number): Tensor | null {
  return mask && reshape(notEqual(at(mask, ':', time), 0), [-1, 1])
}

const choose = (rows: Tensor | null, a: Tensor, b: Tensor) => (rows ? where(rows, a, b) : a)

const factorOf = (kept: Tensor, scale: number) => {
  const given = present(kept)
  return given && mul(toFloat(given), scale)
}

/** The outputs of a recurrence: gates, last state and carry, outputs, states before, and the cell's extra. */
export function forwardLoop(loop: Loop, inputs: readonly Tensor[]): Tensor[] {
  const [p, kernel, bias, first, firstCarry, mask, kept] = inputs as [Tensor, Tensor, ...Tensor[]]
  const { cell, state, gate } = loop
  const [batch, steps] = p.shape as [number, number]
  const nothing = zeros(batch, kernel.size(0))
  const factor = factorOf(kept!, loop.scale)
  const biases = present(bias!) && columnsOf(bias!, cell.gates)
  let hidden = present(first!) ?? nothing
  let carry = cell.hasCarry ? (present(firstCarry!) ?? nothing) : null
  let output = nothing
  const byTime: Record<'gates' | 'outputs' | 'before' | 'extra', Tensor[]> = {
    gates: [],
    outputs: [],
    before: [],
    extra: [],
  }
  for (const time of timesOf(steps, loop.reversed)) {
    const rows = rowsAt(present(mask!), time)
    const used = factor ? mul(hidden, factor) : hidden
    const projections = columnsOf(at(p, ':', time), cell.gates)
    const step = cell.steps.forward(state, gate, { projections, kernel, bias: biases, hidden, used, carry })
    byTime.before[time] = hidden
    byTime.gates[time] = choose(rows, concat(step.gates, 1), zeros(batch, cell.gates * nothing.size(1)))
    if (step.extra) byTime.extra[time] = choose(rows, step.extra, nothing)
    hidden = choose(rows, step.hidden, hidden)
    output = choose(rows, step.hidden, output)
    if (carry) carry = choose(rows, step.carry!, carry)
    byTime.outputs[time] = output
  }
  const [gates, outputs, before] = [byTime.gates, byTime.outputs, byTime.before].map((list) => stack(list, 1))
  const extra = cell.hasExtra ? stack(byTime.extra, 1) : absent
  return [gates!, hidden, carry ?? absent, outputs!, before!, extra]
}

/** The gradients of the projections, of h·U + b where those are others, of the first state and of the first carry. */
export function backLoop(loop: Loop, inputs: readonly Tensor[]): Tensor[] {
  const [gates, before, extra, kernel, dLast, dLastCarry, dOutputs, mask, kept] = inputs as [Tensor, ...Tensor[]]
  const { cell, state, gate } = loop
  const [batch, steps, units] = before!.shape as [number, number, number]
  const nothing = zeros(batch, units)
  const factor = factorOf(kept!, loop.scale)
  const use = (t: Tensor) => (factor ? mul(t, factor) : t)
  let d = present(dLast!) ?? nothing
  let dCarry = cell.hasCarry ? (present(dLastCarry!) ?? nothing) : null
  let waiting = nothing
  const [projections, inner]: [Tensor[], Tensor[]] = [[], []]
  const none = zeros(batch, cell.gates * units)
  for (const time of timesOf(steps, !loop.reversed)) {
    const rows = rowsAt(present(mask!), time)
    const state0 = at(before!, ':', time)
    if (present(dOutputs!)) waiting = add(waiting, at(dOutputs!, ':', time))
    const back = cell.steps.back(state, gate, {
      gates: columnsOf(at(gates, ':', time), cell.gates),
      before: state0,
      used: use(state0),
      extra: present(extra!) ? at(extra!, ':', time) : absent,
      kernel: kernel!,
      d: add(d, waiting),
      dCarry,
    })
    projections[time] = choose(rows, concat(back.projections, 1), none)
    if (back.inner) inner[time] = choose(rows, concat(back.inner, 1), none)
    const through = use(back.used)
    d = choose(rows, back.direct ? add(back.direct, through) : through, d)
    waiting = rows ? where(rows, nothing, waiting) : nothing
    if (dCarry) dCarry = choose(rows, back.carry!, dCarry)
  }
  return [stack(projections, 1), cell.hasInner ? stack(inner, 1) : absent, d, dCarry ?? absent]
}
