import type { Tree } from '../gradient.ts'
import { feeds, tensorsOf } from '../layers/inputs.ts'
import { type AnyLayer, trainableParameters } from '../layers/layer.ts'
import { mapNamed, type Named } from '../named.ts'
import { bytesPer } from '../program/encode.ts'
import { describeOnly } from '../program/traced.ts'
import type { Spec } from '../tensor/graph.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'

interface Summarized extends AnyLayer {
  readonly stack: readonly AnyLayer[]
  readonly inputs: Named<Spec> | null
}

/** A table: layers, output shapes, parameters. */
export function summarize(model: Summarized): string {
  const shapes = outputShapes(model)
  const rows = model.stack.map((layer, i) => {
    const count = [...layer.parameters().values()].reduce((sum, p) => sum + p.size(), 0)
    const type = layer.type === layer.name ? '' : ` (${layer.type})`
    return [layer.name + type, shapes?.[i] ?? 'not built', shapes ? count.toLocaleString('en-US') : '?']
  })
  const header = ['layer', 'output', 'parameters']
  const widths = header.map((h, c) => Math.max(h.length, ...rows.map((r) => r[c]!.length)))
  const line = (cells: string[]) =>
    cells.map((cell, c) => (c === 2 ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!))).join('  ')
  const rule = '─'.repeat(widths.reduce((a, b) => a + b + 2, -2))
  const lines = [line(header), rule, ...rows.map(line), rule]
  if (!shapes)
    return [...lines, 'The weights are made when the model first sees data, or by build(inputShape).'].join('\n')
  const all = [...model.parameters().values()]
  const total = all.reduce((sum, p) => sum + p.size(), 0)
  const trained = [...trainableParameters(model)].reduce((sum, p) => sum + p.size(), 0)
  const frozen = total === trained ? '' : `, ${trained.toLocaleString('en-US')} of them trained`
  const size = total * bytesPer.float32
  const bytes = size < 1e6 ? `${(size / 2 ** 10).toFixed(1)} KiB` : `${(size / 2 ** 20).toFixed(1)} MiB`
  return [...lines, `${total.toLocaleString('en-US')} parameters (${bytes})${frozen}`].join('\n')
}

/** The output of each layer. A size that follows the batch shows as `?`: it differs where the batch does. */
function outputShapes(model: Summarized): string[] | null {
  const { inputs } = model
  if (!inputs) return null
  const shapes = shapesWith(model, inputs)
  const batch = [...inputs.values()][0]!.shape[0]!
  for (const other of [2 * batch, batch + 1, 1]) {
    if (other === batch) continue
    try {
      const others = shapesWith(
        model,
        mapNamed(inputs, (spec) => ({ ...spec, shape: [other, ...spec.shape.slice(1)] })),
      )
      return shapes.map((layer, i) => format(layer, others[i]!))
    } catch {
      // The model does not take this batch: perhaps another.
    }
  }
  return shapes.map((layer) => format(layer, layer))
}

function shapesWith(model: Summarized, inputs: Named<Spec>): Named<Shape>[] {
  return describeOnly(() => {
    let x: Tree = feeds(inputs)
    return model.stack.map((layer) => {
      x = layer.apply(x, { mode: 'predict' })
      return mapNamed(tensorsOf(x), (t) => t.shape)
    })
  })
}

function format(layer: Named<Shape>, other: Named<Shape>): string {
  const show = (shape: Shape, name: string) => {
    const sizes = shape.map((n, i) => (n === other.get(name)?.[i] ? n : '?'))
    return name === '' ? formatShape(sizes) : `${name} ${formatShape(sizes)}`
  }
  return [...mapNamed(layer, show).values()].join(', ')
}
