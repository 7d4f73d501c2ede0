/**
 * Recurrent cells through all time: one operation forward and one back, whatever the number of steps. What the input
 * adds to the gates comes in as one product over all time, and the gradients of the weights are such products again.
 */

import { applyAll } from '../tensor/apply.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Elementwise, Node, Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape } from '../tensor/shape.ts'
import { mul, toFloat } from './elementwise.ts'
import { matmul } from './matmul.ts'
import { reshape, transpose } from './movement.ts'
import {
  cells,
  float,
  instructions,
  loopOf,
  productFlops,
  type Recurrence,
  type RecurrentActivation,
  type RecurrentCell,
  scratchOf,
  where,
} from './recurrence-kernels.ts'
import { absent, absentIntegers, backLoop, forwardLoop, present } from './recurrence-loops.ts'
import type { Rule } from './recurrence-steps.ts'
import { sum } from './reduce.ts'
import { at, concat } from './slice.ts'

// ---- forward

// Inputs: projections, kernel, bias, first state, first carry, mask, kept. Outputs: gates, last state, last carry,
// outputs, states before, extra; then scratch.
function forwardOperation(cell: RecurrentCell): Operation<Recurrence> {
  const { gates, hasCarry, hasExtra } = cells[cell]
  return defineOperation<Recurrence>({
    name: cell,
    infer: ([p, u]) => {
      const units = u!.rank === 2 ? u!.size(0) : 0
      if (p!.rank !== 3 || u!.rank !== 2 || u!.size(1) !== gates * units || p!.size(2) !== u!.size(1))
        throw shapeError(cell, `projections ${formatShape(p!.shape)} and kernel ${formatShape(u!.shape)} do not fit`)
      const [batch, steps] = p!.shape as [number, number]
      const [state, sequence] = [
        [batch, units],
        [batch, steps, units],
      ]
      return [
        float(p!.shape),
        float(state),
        where(hasCarry, state),
        float(sequence),
        float(sequence),
        where(hasExtra, sequence),
        ...scratchOf(cell, batch, units),
      ]
    },
    emit: ({ inputs: [p, u, ...given], outputs, attributes }) => {
      const [panels, more, scratch] = outputs.slice(6) as [Tensor, Tensor, Tensor]
      return instructions(cell, [u!, panels, more, 0], attributes, outputs[4]!.shape, {
        kernel: cell,
        operands: [...outputs.slice(0, 6), scratch, p!, panels, more, ...given],
      })
    },
    gradient: (node, dy) => backward(cell, node, dy),
    inPlace: [[0, 0]],
    spare: [1, 2, 3, 4, 5],
    flops: ({ outputs }) => productFlops(cell, outputs[4]!.shape) + 8 * outputs[0]!.size(),
    reference: (inputs, attributes) => forwardLoop(loopOf(cell, attributes), inputs),
  })
}

// ---- back

// Inputs: gates, states before, extra, kernel, gradients of the last state, last carry and outputs, mask, kept.
// Outputs: the gradients of the projections, of h·U + b where they are others, of the first state and carry; then
// scratch.
function backOperation(cell: RecurrentCell): Operation<Recurrence> {
  const { hasInner, hasCarry } = cells[cell]
  const name = `${cell}Gradient`
  return defineOperation<Recurrence>({
    name,
    infer: ([gates, before]) => {
      const [batch, , units] = before!.shape as [number, number, number]
      const state = [batch, units]
      return [
        float(gates!.shape),
        where(hasInner, gates!.shape),
        float(state),
        where(hasCarry, state),
        ...scratchOf(cell, batch, units),
      ]
    },
    emit: ({ inputs: [gates, before, extra, kernel, ...given], outputs, attributes }) => {
      const [panels, more, scratch] = outputs.slice(4) as [Tensor, Tensor, Tensor]
      return instructions(cell, [kernel!, panels, more, 1], attributes, before!.shape, {
        kernel: name,
        operands: [...outputs.slice(0, 4), scratch, gates!, before!, extra!, panels, more, ...given],
      })
    },
    inPlace: [[0, 0]],
    spare: [2, 3],
    flops: ({ inputs: [gates, before] }) => productFlops(cell, before!.shape) + 12 * gates!.size(),
    reference: (inputs, attributes) => backLoop(loopOf(cell, attributes), inputs),
  })
}

function backward(cell: RecurrentCell, node: Node<Recurrence>, dy: readonly (Tensor | null)[]) {
  const [dGates, dLast, dCarry, dOutputs, ...dInside] = dy
  // Second derivatives ask for what is inside, too: those go through the reference.
  if (dGates || dInside.some((d) => d)) return null
  const [, kernel, bias, first, firstCarry, mask, kept] = node.inputs as [Tensor, Tensor, ...Tensor[]]
  const [gates, , , , before, extra] = node.outputs as [Tensor, ...Tensor[]]
  const [d, inner, dFirst, dFirstCarry] = applyAll(
    operations[cell].back,
    [
      gates,
      before!,
      present(extra!) ?? absent,
      kernel,
      dLast ?? absent,
      dCarry ?? absent,
      dOutputs ?? absent,
      mask!,
      kept!,
    ],
    node.attributes,
  ) as [Tensor, Tensor, Tensor, Tensor]
  const flat = (t: Tensor) => reshape(t, [-1, t.size(-1)])
  const left = used(before!, kept!, node.attributes.scale)
  const through = cells[cell].hasInner ? inner : d
  return [
    d,
    kernelGradient(cell, flat(left), flat(extra!.rank === 3 ? extra! : left), flat(through)),
    present(bias!) && sum(through, { axis: [0, 1] }),
    present(first!) && dFirst,
    present(firstCarry!) && dFirstCarry,
    null,
    null,
  ]
}

/** The state as the products saw it. */
function used(before: Tensor, kept: Tensor, scale: number): Tensor {
  if (!present(kept)) return before
  return mul(before, reshape(mul(toFloat(kept), scale), [kept.size(0), 1, kept.size(1)]))
}

// One product over all time; where the last gate has a product of its own, its left side is extra.
function kernelGradient(cell: RecurrentCell, left: Tensor, extra: Tensor, d: Tensor): Tensor {
  if (!cells[cell].isSplit) return matmul(transpose(left), d)
  const units = left.size(1)
  const split = (cells[cell].gates - 1) * units
  const [others, last] = [at(d, ':', `:${split}`), at(d, ':', `${split}:`)]
  return concat([matmul(transpose(left), others), matmul(transpose(extra), last)], 1)
}

const both = (cell: RecurrentCell) => ({ forward: forwardOperation(cell), back: backOperation(cell) })
const operations = {
  simpleRnn: both('simpleRnn'),
  lstm: both('lstm'),
  gru: both('gru'),
  gruBefore: both('gruBefore'),
} as const

// ---- what layers call

export interface RecurrenceInputs {
  /** What the input adds to each gate, [batch, steps, gates·units]: for `lstm` i, f, c, o, for `gru` z, r, n. */
  readonly projections: Tensor
  /** [units, gates·units] */
  readonly kernel: Tensor
  /** Added to the product of the state, [gates·units]; of `gru` only. */
  readonly bias?: Tensor | undefined
  readonly hidden?: Tensor | undefined
  readonly carry?: Tensor | undefined
  /** int32 [batch, steps]: 0 where there is no step. */
  readonly mask?: Tensor | undefined
  /** int32 [batch, units]: 0 where products do not see the state; what they see is multiplied by `scale`. */
  readonly kept?: Tensor | undefined
}

export interface RecurrenceOptions {
  readonly activation?: RecurrentActivation
  readonly gateActivation?: RecurrentActivation
  /** From the last step to the first. */
  readonly reversed?: boolean
  readonly scale?: number
}

export interface Recurred {
  readonly hidden: Tensor
  readonly carry: Tensor | null
  /** Of all steps, [batch, steps, units], in the order of the input. */
  readonly outputs: Tensor
}

type Flags = Omit<RecurrenceOptions, 'activation' | 'gateActivation'>

function listed({ projections, kernel, bias, hidden, carry, mask, kept }: RecurrenceInputs): Tensor[] {
  const given = [bias, hidden, carry].map((t) => t ?? absent)
  const integers = [mask, kept].map((t) => t ?? absentIntegers)
  return [projections, kernel, ...given, ...integers]
}

function recurred(cell: RecurrentCell, outputs: readonly Tensor[]): Recurred {
  return { hidden: outputs[1]!, carry: cells[cell].hasCarry ? outputs[2]! : null, outputs: outputs[3]! }
}

const usual = (name: string): Elementwise => ({ name, numbers: [] })

/** A cell through all time. */
export function recurrence(cell: RecurrentCell, inputs: RecurrenceInputs, options: RecurrenceOptions = {}): Recurred {
  const { activation = usual('tanh'), gateActivation = usual('sigmoid'), reversed = false, scale = 1 } = options
  const attributes = { activation, gateActivation, reversed, scale }
  return recurred(cell, applyAll(operations[cell].forward, listed(inputs), attributes))
}

/** The same with activations that the kernels do not know: many operations for each step. */
export function recurrenceOfSteps(
  cell: RecurrentCell,
  inputs: RecurrenceInputs,
  functions: readonly [state: (x: Tensor) => Tensor, gate: (x: Tensor) => Tensor],
  { reversed = false, scale = 1 }: Flags = {},
): Recurred {
  // Their derivatives follow from what they are made of.
  const [state, gate] = functions.map((forward): Rule => ({ forward, backward: (_, dy) => dy }))
  return recurred(cell, forwardLoop({ cell: cells[cell], state: state!, gate: gate!, reversed, scale }, listed(inputs)))
}
