import { activate } from '../../../src/ops/activation.ts'
import { type Activation, activations, drawFor } from '../../support/activations.ts'
import { each } from '../../support/oracle.ts'
import { type Row, vectors } from '../../support/rows.ts'

// Further out their slope is what the value lacks to its limit: digits are lost, as in all libraries.
const flat = new Set(['sigmoid', 'tanh'])
// Further down e^(−x²/2) is below what float32 holds.
const deep = new Set(['gelu', 'geluTanh'])

/** Value and derivative near 0; values where the function is flat, or as good as straight. */
const rowsOf = (a: Activation): Row[] => {
  const common = {
    op: a.name,
    compute: (x: Parameters<typeof activate>[1]) => activate(a, x),
    oracle: (x: Parameters<Row['oracle']>[0]) => each(a.value, x),
    ulps: a.ulps,
    ...(a.kinks.length > 0 ? { kinks: a.kinks.join(' and ') } : {}),
  }
  return [
    { ...common, shapes: vectors, data: flat.has(a.name) ? drawFor(a, -3, 3) : drawFor(a, -5, 8), derivative: a.slope },
    {
      ...common,
      title: `${a.name}, wide`,
      shapes: [[[1000]]],
      data: drawFor(a, deep.has(a.name) ? -9 : -80, 80),
      gradient: false,
    },
    { ...common, title: `${a.name}, small`, shapes: [[[1000]]], data: drawFor(a, -1e-3, 1e-3), gradient: false },
  ]
}

export const rows: Row[] = activations.flatMap(rowsOf)
