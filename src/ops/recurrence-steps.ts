/** One step of the recurrent cells and its way back, of simple operations: what their kernels mean. */

import type { Tensor } from '../tensor/graph.ts'
import { add, mul, sub } from './elementwise.ts'
import { matmul } from './matmul.ts'
import { transpose } from './movement.ts'
import { at, concat } from './slice.ts'

/** An activation, and the gradient of its input in terms of its output. */
export interface Rule {
  forward(x: Tensor): Tensor
  backward(y: Tensor, dy: Tensor): Tensor
}

/** What a step is given: columns of the projections and of the bias by gate, and the state as products see it. */
export interface StepInputs {
  readonly projections: readonly Tensor[]
  readonly kernel: Tensor
  readonly bias: readonly Tensor[] | null
  readonly hidden: Tensor
  readonly used: Tensor
  readonly carry: Tensor | null
}

export interface Step {
  readonly gates: readonly Tensor[]
  readonly hidden: Tensor
  readonly carry?: Tensor
  readonly extra?: Tensor
}

/** What the way back is given: `d` and `dCarry` are gradients of the new state. */
export interface BackInputs {
  readonly gates: readonly Tensor[]
  readonly before: Tensor
  readonly used: Tensor
  readonly extra: Tensor
  readonly kernel: Tensor
  readonly d: Tensor
  readonly dCarry: Tensor | null
}

export interface Back {
  readonly projections: readonly Tensor[]
  /** Of h·U + b, where that is not the same. */
  readonly inner?: readonly Tensor[]
  /** What goes to the state before directly, and by what the products see of it. */
  readonly direct: Tensor | null
  readonly used: Tensor
  readonly carry?: Tensor
}

export interface StepRules {
  forward(state: Rule, gate: Rule, inputs: StepInputs): Step
  back(state: Rule, gate: Rule, inputs: BackInputs): Back
}

/** The columns of each of `count` equal parts of the last axis. */
export function columnsOf(x: Tensor, count: number): Tensor[] {
  const each = x.size(-1) / count
  const lead = x.shape.slice(1).map(() => ':')
  return Array.from({ length: count }, (_, q) => at(x, ...lead, `${q * each}:${(q + 1) * each}`))
}

const sums = ({ projections, kernel, used }: StepInputs) =>
  columnsOf(matmul(used, kernel), projections.length).map((product, q) => add(projections[q]!, product))

const throughKernel = (d: readonly Tensor[], kernel: Tensor) => matmul(concat(d, -1), transpose(kernel))

export const simpleRnnStep: StepRules = {
  forward: (state, _, inputs) => {
    const hidden = state.forward(sums(inputs)[0]!)
    return { gates: [hidden], hidden }
  },
  back: (state, _, { gates: [h], kernel, d }) => {
    const projections = [state.backward(h!, d)]
    return { projections, direct: null, used: throughKernel(projections, kernel) }
  },
}

export const lstmStep: StepRules = {
  forward: (state, gate, inputs) => {
    const [pi, pf, pz, po] = sums(inputs)
    const [i, f, z, o] = [gate.forward(pi!), gate.forward(pf!), state.forward(pz!), gate.forward(po!)]
    const carry = add(mul(f, inputs.carry!), mul(i, z))
    return { gates: [i, f, z, o], hidden: mul(o, state.forward(carry)), carry, extra: inputs.carry! }
  },
  back: (state, gate, { gates: [i, f, z, o], extra, kernel, d, dCarry }) => {
    const y = state.forward(add(mul(f!, extra), mul(i!, z!)))
    const dc = add(dCarry!, state.backward(y, mul(d, o!)))
    const projections = [
      gate.backward(i!, mul(dc, z!)),
      gate.backward(f!, mul(dc, extra)),
      state.backward(z!, mul(dc, i!)),
      gate.backward(o!, mul(d, y)),
    ]
    return { projections, direct: null, used: throughKernel(projections, kernel), carry: mul(dc, f!) }
  },
}

const mixed = (z: Tensor, hidden: Tensor, n: Tensor) => add(mul(z, hidden), mul(sub(1, z), n))

export const gruStep: StepRules = {
  forward: (state, gate, { projections: [pz, pr, pn], kernel, bias, hidden, used }) => {
    const products = columnsOf(matmul(used, kernel), 3).map((product, q) => (bias ? add(product, bias[q]!) : product))
    const [z, r] = [gate.forward(add(pz!, products[0]!)), gate.forward(add(pr!, products[1]!))]
    const n = state.forward(add(pn!, mul(r, products[2]!)))
    return { gates: [z, r, n], hidden: mixed(z, hidden, n), extra: products[2]! }
  },
  back: (state, gate, { gates: [z, r, n], before, extra, kernel, d }) => {
    const dz = gate.backward(z!, mul(d, sub(before, n!)))
    const dn = state.backward(n!, mul(d, sub(1, z!)))
    const dr = gate.backward(r!, mul(dn, extra))
    const inner = [dz, dr, mul(dn, r!)]
    return { projections: [dz, dr, dn], inner, direct: mul(d, z!), used: throughKernel(inner, kernel) }
  },
}

export const gruBeforeStep: StepRules = {
  forward: (state, gate, { projections: [pz, pr, pn], kernel, hidden, used }) => {
    const [uz, ur, un] = columnsOf(kernel, 3)
    const z = gate.forward(add(pz!, matmul(used, uz!)))
    const r = gate.forward(add(pr!, matmul(used, ur!)))
    const extra = mul(r, used)
    const n = state.forward(add(pn!, matmul(extra, un!)))
    return { gates: [z, r, n], hidden: mixed(z, hidden, n), extra }
  },
  back: (state, gate, { gates: [z, r, n], before, used, kernel, d }) => {
    const [uz, ur, un] = columnsOf(kernel, 3)
    const dz = gate.backward(z!, mul(d, sub(before, n!)))
    const dn = state.backward(n!, mul(d, sub(1, z!)))
    const inner = matmul(dn, transpose(un!))
    const dr = gate.backward(r!, mul(inner, used))
    const through = add(matmul(dz, transpose(uz!)), matmul(dr, transpose(ur!)))
    return { projections: [dz, dr, dn], direct: mul(d, z!), used: add(through, mul(inner, r!)) }
  },
}
