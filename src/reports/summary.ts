import type { Layer } from '../layers/layer.ts'
import { trainableParameters } from '../layers/layer.ts'
import { trace } from '../program/traced.ts'
import { feed } from '../tensor/graph.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'

interface Summarized extends Layer {
  readonly stack: readonly Layer[]
  readonly inputShape: Shape | null
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
  const bytes = total * 4 < 1e6 ? `${(total / 256).toFixed(1)} KiB` : `${(total / 262144).toFixed(1)} MiB`
  return [...lines, `${total.toLocaleString('en-US')} parameters (${bytes})${frozen}`].join('\n')
}

function outputShapes(model: Summarized): string[] | null {
  if (!model.inputShape) return null
  const shape = model.inputShape
  return trace(() => {
    let x = feed([Number.NaN, ...shape], 'float32')
    return model.stack.map((layer) => {
      x = layer.apply(x, { mode: 'predict' })
      return formatShape(x.shape)
    })
  })
}
