/** A graph of layers as options, from which it is made again: calls of layers, and operations with their attributes. */
import { type Tree, leavesOf as tensorsIn } from '../gradient.ts'
import { type AnyLayer, Layer } from '../layers/layer.ts'
import { callAgain, input, nameOfInput, type Structure } from '../layers/recorded.ts'
import { structured } from '../named.ts'
import { problem } from '../saving/decode.ts'
import { leavesOf } from '../saving/paths.ts'
import { applyAll } from '../tensor/apply.ts'
import { Tensor } from '../tensor/graph.ts'
import { operationNamed } from '../tensor/operations.ts'
import type { DType } from '../tensor/shape.ts'
import { checkedShape } from '../tensor/sizes.ts'
import type { Graph, LayerGraph } from './graph.ts'

/** Inputs, then outputs of steps, by number; or a parameter or state by path; or a constant. */
type From = number | { readonly variable: string } | { readonly constant: Tensor }

export interface GraphForm {
  readonly inputs: readonly { key: string; name: string; shape: readonly number[]; dtype: DType }[]
  readonly steps: readonly (
    | { layer: AnyLayer; mode: 'train' | 'predict' | null; takes: Structure; masked: boolean; from: readonly From[] }
    | { operation: string; attributes: unknown; from: readonly From[] }
  )[]
  readonly outputs: readonly { key: string; from: number }[]
}

/** Sizes that follow the batch are written with the number that stands for it. */
export function formOf(graph: LayerGraph): GraphForm {
  const numbers = new Map<Tensor, number>()
  const paths = new Map<Tensor, string>()
  for (const layer of graph.layers)
    for (const [path, leaf] of leavesOf(layer)) if (!paths.has(leaf)) paths.set(leaf, `${layer.name}.${path}`)
  for (const t of graph.symbols.values()) numbers.set(t, numbers.size)
  const from = (t: Tensor): From => {
    const number = numbers.get(t)
    if (number !== undefined) return number
    const constant = graph.constantOf(t)
    return constant ? { constant } : { variable: paths.get(t.origin)! }
  }
  const steps = graph.steps.map(({ node, call }) => {
    const inputs = node.inputs.map(from)
    for (const output of node.outputs) numbers.set(output, numbers.size)
    if (!call) return { operation: node.operation.name, attributes: node.attributes, from: inputs }
    const { layer, mode = null, takes, isMasked } = call
    return { layer, mode, takes, masked: isMasked, from: inputs }
  })
  return {
    inputs: [...graph.symbols].map(([key, t]) => {
      return { key, name: nameOfInput(t), shape: t.shape.slice(1), dtype: t.dtype }
    }),
    steps,
    outputs: [...graph.results].map(([key, t]) => ({ key, from: numbers.get(t)! })),
  }
}

/** @throws ERR_FILE for what is no such form */
export function graphFrom(form: GraphForm): Graph<Tree, Tree> {
  const known: Tensor[] = []
  const layers = new Set<AnyLayer>()
  const keyed = new Map<string, Tensor>()
  for (const { key, name, shape, dtype } of form.inputs) {
    const symbol = input(shape, { dtype, ...(name !== '' && { name }) })
    keyed.set(key, symbol)
    known.push(symbol)
  }
  const find = (from: From): Tensor => {
    if (typeof from === 'number') return known[from] ?? missing(`the tensor ${from}`)
    if ('constant' in from) return from.constant instanceof Tensor ? from.constant : missing('a constant')
    return variableOf(layers, from.variable)
  }
  for (const step of form.steps) {
    const inputs = step.from.map(find)
    if ('layer' in step) {
      if (!(step.layer instanceof Layer)) throw problem('a step of its graph is no layer')
      const { layer, takes, mode, masked } = step
      known.push(...tensorsIn(callAgain({ layer, takes, mode: mode ?? undefined, isMasked: masked }, inputs)))
      layers.add(layer)
    } else known.push(...operated(step.operation, inputs, step.attributes))
  }
  const results = new Map(form.outputs.map(({ key, from }) => [key, find(from)]))
  return { inputs: structured(keyed), outputs: structured(results) }
}

function operated(name: string, inputs: readonly Tensor[], attributes: unknown): readonly Tensor[] {
  const operation = operationNamed(name)
  if (!operation)
    throw problem(`it has the operation '${String(name).slice(0, 40)}', which this chainrule does not know`)
  const outputs = applyAll(operation, inputs, attributes)
  for (const { shape } of outputs) checkedShape(name, shape)
  return outputs
}

function variableOf(layers: ReadonlySet<AnyLayer>, path: string): Tensor {
  for (const layer of layers)
    for (const [own, leaf] of leavesOf(layer)) if (`${layer.name}.${own}` === path) return leaf
  return missing(`the parameter '${String(path).slice(0, 80)}'`)
}

function missing(what: string): never {
  throw problem(`its graph uses ${what}, which it does not have before that`)
}
