import type { Tree } from '../gradient.ts'
import { feeds, tensorsOf } from '../layers/inputs.ts'
import { type AnyLayer, trainableParameters } from '../layers/layer.ts'
import { mapNamed, type Named } from '../named.ts'
import { bytesPer } from '../program/encode.ts'
import { describeOnly } from '../program/traced.ts'
import type { Spec } from '../tensor/graph.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'
import { type Connection, connectionsInRow, countOf } from './connections.ts'

export interface Summarized extends AnyLayer {
  readonly stack: readonly AnyLayer[]
  readonly inputs: Named<Spec> | null
}

/**
 * A table: layers, output shapes, parameters.
 * @param graph where layers are not in a row: what they are connected to is a column, then
 */
export function summarize(model: Summarized, graph: readonly Connection[] | null = null): string {
  const isBuilt = graph !== null || model.inputs !== null
  const connections = graph ?? connectionsInRow(model.stack, outputShapes(model))
  const header = ['layer', 'output', 'parameters', ...(graph ? ['connected to'] : [])]
  const rows = connections.map(({ name, type, shape, layer, kind, takes }) => {
    const count = isBuilt ? countText(kind, layer) : '?'
    const from = graph ? [takes.map(({ label }) => label).join(', ')] : []
    const isAgain = kind === 'layer' && !layer
    return [type === name || isAgain ? name : `${name} (${type})`, shape, count, ...from]
  })
  const lines = tableOf(header, rows)
  if (!isBuilt)
    return [...lines, 'The weights are made when the model first sees data, or by build(inputShape).'].join('\n')
  const outputs = connections.flatMap(({ name, gives }) => gives.map((output) => `${output} from ${name}`))
  const named = graph?.some(({ gives }) => gives.some((output) => output !== ''))
    ? [`outputs: ${outputs.join(', ')}`]
    : []
  return [...lines, ...named, totalOf(model)].join('\n')
}

// A layer that is called again has its parameters in the row of its first call.
function countText(kind: Connection['kind'], layer: AnyLayer | null): string {
  if (layer) return countOf(layer).toLocaleString('en-US')
  return kind === 'layer' ? 'shared' : '0'
}

function tableOf(header: readonly string[], rows: readonly string[][]): string[] {
  const widths = header.map((h, c) => Math.max(h.length, ...rows.map((r) => r[c]!.length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => (c === 2 ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join('  ')
      .trimEnd()
  const rule = '─'.repeat(widths.reduce((a, b) => a + b + 2, -2))
  return [line(header), rule, ...rows.map(line), rule]
}

function totalOf(model: Summarized): string {
  const all = [...model.parameters().values()]
  const total = all.reduce((sum, p) => sum + p.size(), 0)
  const trained = [...trainableParameters(model)].reduce((sum, p) => sum + p.size(), 0)
  const frozen = total === trained ? '' : `, ${trained.toLocaleString('en-US')} of them trained`
  const size = total * bytesPer.float32
  const bytes = size < 1e6 ? `${(size / 2 ** 10).toFixed(1)} KiB` : `${(size / 2 ** 20).toFixed(1)} MiB`
  return `${total.toLocaleString('en-US')} parameters (${bytes})${frozen}`
}

/** The output of each layer in a row. A size that follows the batch shows as `?`: it differs where the batch does. */
export function outputShapes(model: Summarized): string[] | null {
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

/** Layers in a row, with what goes in, as a graph is drawn. */
export function summarizedRow(model: Summarized): Connection[] {
  const inputs = [...(model.inputs ?? new Map([['', null]]))].map(([name, spec]): Connection => {
    const shape = spec ? formatShape(['?', ...spec.shape.slice(1)]) : 'not built'
    return { name: `${name || 'input'} `, kind: 'input', type: 'input', shape, takes: [], layer: null, gives: [] }
  })
  const [first, ...rest] = connectionsInRow(model.stack, outputShapes(model))
  const takes = inputs.map(({ name }) => ({ from: name, label: name }))
  return [...inputs, { ...first!, takes }, ...rest]
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
