/** Recurrent cells in float64, as their formulas stand in papers; nothing here comes from src. */
import type { Nd } from './oracle.ts'

export type Cell = 'simpleRnn' | 'lstm' | 'gru' | 'gruBefore'
export const gatesOf: Readonly<Record<Cell, number>> = { simpleRnn: 1, lstm: 4, gru: 3, gruBefore: 3 }

const functions = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(0, x),
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
}
export type Named = keyof typeof functions

export interface Sequence {
  readonly projections: Nd
  readonly kernel: Nd
  readonly bias?: Nd | undefined
  readonly hidden?: Nd | undefined
  readonly carry?: Nd | undefined
  /** [batch][step] */
  readonly mask?: ((row: number, step: number) => boolean) | undefined
  /** What the products see of unit j of a row's state. */
  readonly factor?: ((row: number, unit: number) => number) | undefined
  readonly reversed?: boolean | undefined
  readonly activation?: Named | undefined
  readonly gateActivation?: Named | undefined
}

export interface Ended {
  readonly outputs: Nd
  readonly hidden: Nd
  readonly carry: Nd
}

type State = { h: number[]; c: number[] }

/** One step of one row: p are the projections of all gates. */
function step(cell: Cell, s: Sequence, p: readonly number[], row: number, { h, c }: State): State {
  const f = functions[s.activation ?? 'tanh']
  const g = functions[s.gateActivation ?? 'sigmoid']
  const n = h.length
  const units = [...h.keys()]
  const seen = h.map((x, j) => x * (s.factor?.(row, j) ?? 1))
  const columns = gatesOf[cell] * n
  const through = (x: readonly number[], gate: number, j: number) =>
    x.reduce((sum, v, i) => sum + v * s.kernel.data[i * columns + gate * n + j]!, 0) + (s.bias?.data[gate * n + j] ?? 0)
  const gate = (q: number, j: number) => p[q * n + j]! + through(seen, q, j)
  if (cell === 'simpleRnn') return { h: units.map((j) => f(gate(0, j))), c }
  if (cell === 'lstm') {
    const next = units.map((j) => g(gate(1, j)) * c[j]! + g(gate(0, j)) * f(gate(2, j)))
    return { h: units.map((j) => g(gate(3, j)) * f(next[j]!)), c: next }
  }
  const z = units.map((j) => g(gate(0, j)))
  const r = units.map((j) => g(gate(1, j)))
  const reset = seen.map((x, j) => r[j]! * x)
  const inner = units.map((j) => (cell === 'gru' ? r[j]! * through(seen, 2, j) : through(reset, 2, j)))
  const next = units.map((j) => f(p[2 * n + j]! + inner[j]!))
  return { h: units.map((j) => z[j]! * h[j]! + (1 - z[j]!) * next[j]!), c }
}

/** A masked step keeps the state, and gives the output of the step before: zeros where there is none. */
export function recur(cell: Cell, s: Sequence): Ended {
  const [batch, steps, columns] = s.projections.shape as [number, number, number]
  const n = columns / gatesOf[cell]
  const row = (x: Nd | undefined, b: number) => (x ? [...x.data.subarray(b * n, (b + 1) * n)] : Array(n).fill(0))
  const outputs = new Float64Array(batch * steps * n)
  const ends: State[] = []
  for (let b = 0; b < batch; b++) {
    let state: State = { h: row(s.hidden, b), c: row(s.carry, b) }
    let output = Array<number>(n).fill(0)
    for (let i = 0; i < steps; i++) {
      const at = b * steps + (s.reversed ? steps - 1 - i : i)
      if (s.mask?.(b, at - b * steps) ?? true) {
        state = step(cell, s, [...s.projections.data.subarray(at * columns, (at + 1) * columns)], b, state)
        output = state.h
      }
      outputs.set(output, at * n)
    }
    ends.push(state)
  }
  const end = (part: 'h' | 'c'): Nd => ({ shape: [batch, n], data: Float64Array.from(ends.flatMap((e) => e[part])) })
  return { outputs: { shape: [batch, steps, n], data: outputs }, hidden: end('h'), carry: end('c') }
}
