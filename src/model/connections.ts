/** What is connected to what in a graph of layers. */
import type { AnyLayer } from '../layers/layer.ts'
import type { Structure } from '../layers/recorded.ts'
import { type Connection, formatShapes } from '../reports/connections.ts'
import { leavesOf } from '../saving/paths.ts'
import type { Tensor } from '../tensor/graph.ts'
import type { LayerGraph, Step } from './graph.ts'

interface Source {
  readonly from: string | null
  readonly label: string
}

export function connectionsOf(graph: LayerGraph): Connection[] {
  const sources = sourcesIn(graph)
  const resultsOf = (tensors: readonly Tensor[]) =>
    [...graph.results].filter(([, t]) => tensors.includes(t)).map(([name]) => name)
  const inputs = [...graph.symbols.values()].map((t): Connection => {
    const name = graph.inputNames.get(t)!
    const shape = formatShapes(new Map([['', t.shape]]))
    return { name, kind: 'input', type: 'input', shape, takes: [], layer: null, gives: resultsOf([t]) }
  })
  const seen = new Set<AnyLayer>()
  const steps = graph.steps.map(({ name, node, call }): Connection => {
    const layer = call && !seen.has(call.layer) ? call.layer : null
    if (layer) seen.add(layer)
    return {
      name,
      kind: call ? 'layer' : 'operation',
      type: call ? call.layer.type : node.operation.name,
      shape: formatShapes(new Map(outputsOf({ node, call }).map(([key, t]) => [key, t.shape]))),
      takes: node.inputs.map((t) => sources.get(t) ?? { from: null, label: leafName(graph, t) }),
      layer,
      gives: resultsOf(node.outputs),
    }
  })
  return [...inputs, ...steps]
}

function sourcesIn(graph: LayerGraph): Map<Tensor, Source> {
  const found = new Map<Tensor, Source>()
  for (const [t, name] of graph.inputNames) found.set(t, { from: name, label: name })
  for (const step of graph.steps)
    for (const [key, t] of outputsOf(step))
      found.set(t, { from: step.name, label: key === '' ? step.name : `${step.name}.${key}` })
  return found
}

/** The outputs of a step by name; those of a list by number. Of operations the first is what others use. */
function outputsOf({ node, call }: Pick<Step, 'node' | 'call'>): [string, Tensor][] {
  const gives: Structure = call ? call.gives : null
  if (gives === null) return [['', node.outputs[0]!]]
  return node.outputs.map((t, i) => [typeof gives === 'number' ? String(i) : gives[i]!, t])
}

function leafName(graph: LayerGraph, t: Tensor): string {
  for (const layer of graph.layers)
    for (const [path, leaf] of leavesOf(layer)) if (leaf === t.origin) return `${layer.name}.${path}`
  const constant = graph.constantOf(t)
  return constant?.size() === 1 ? `${Number(constant.item().toPrecision(6))}` : `constant [${t.shape.join(', ')}]`
}
