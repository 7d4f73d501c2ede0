/** What is connected to what in a model: for its summary, and to draw it. */
import type { AnyLayer } from '../layers/layer.ts'
import type { Named } from '../named.ts'
import { following } from '../tensor/batch.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'

/** An input, a call of a layer, or an operation. */
export interface Connection {
  /** No other has it. */
  readonly name: string
  readonly kind: 'input' | 'layer' | 'operation'
  /** 'input', the layer's type, or the operation's name. */
  readonly type: string
  /** Of its outputs. */
  readonly shape: string
  /** What it takes, in order. `label` says which of several outputs; `from` is null for parameters and constants. */
  readonly takes: readonly { readonly from: string | null; readonly label: string }[]
  /** The layer, where it is called for the first time. */
  readonly layer: AnyLayer | null
  /** The outputs of the model that it gives, '' for the only one. */
  readonly gives: readonly string[]
}

/** Shapes, with `?` for what follows the batch, of one tensor or by name. */
export function formatShapes(shapes: Named<Shape>): string {
  const one = (shape: Shape) => formatShape(shape.map((n) => (following(n) ? '?' : n)))
  return [...shapes].map(([name, shape]) => (name === '' ? one(shape) : `${name} ${one(shape)}`)).join(', ')
}

/** Of layers in a row. @param shapes of the outputs of each, or null before they are known */
export function connectionsInRow(layers: readonly AnyLayer[], shapes: readonly string[] | null): Connection[] {
  const seen = new Set<AnyLayer>()
  return layers.map((layer, i) => {
    const before = layers[i - 1]
    const isAgain = seen.has(layer)
    seen.add(layer)
    return {
      name: isAgain ? `${layer.name} (${i + 1})` : layer.name,
      kind: 'layer',
      type: layer.type,
      shape: shapes?.[i] ?? 'not built',
      takes: before ? [{ from: before.name, label: before.name }] : [],
      layer: isAgain ? null : layer,
      gives: i === layers.length - 1 ? [''] : [],
    }
  })
}

export const countOf = (layer: AnyLayer): number =>
  [...layer.parameters().values()].reduce((sum, p) => sum + p.size(), 0)
