/** What a model computes, as text: the same text for models that compute the same from the same parameters. */
import { createHash } from 'node:crypto'
import type { Tree } from '../gradient.ts'
import { feeds, tensorsOf } from '../layers/inputs.ts'
import type { Layer } from '../layers/layer.ts'
import { wholeOrNothing } from '../layers/whole.ts'
import type { Named } from '../named.ts'
import { collecting } from '../program/effects.ts'
import { trace } from '../program/traced.ts'
import { pendingNodes } from '../tensor/apply.ts'
import type { Spec, Tensor } from '../tensor/graph.ts'
import { leavesOf } from './paths.ts'

/** An operation, or what is done with a result. */
export interface Line {
  readonly text: string
  readonly what: string
  readonly layer?: string | undefined
}

/** A line for each operation of a prediction and of a training pass; builds what is not built. */
export function describedBy(model: Layer<Tree, Tree>, inputs: Named<Spec>): Line[] {
  return (['predict', 'train'] as const).flatMap((mode) => {
    const x = feeds(inputs)
    const { result, effects } = collecting(() => wholeOrNothing(() => trace(() => model.apply(x, { mode }))))
    const names = new Map<Tensor, string>()
    for (const [path, leaf] of leavesOf(model)) names.set(leaf, path)
    for (const [name, tensor] of tensorsOf(x)) names.set(tensor, `input ${name}`)
    const updates = [...effects.updates].map(([state, value]) => [`next ${names.get(state)}`, value] as const)
    const losses = effects.losses.map((loss) => ['loss', loss] as const)
    const penalties = model
      .sublayers()
      .flatMap((layer) =>
        layer
          .regularization()
          .map(([p, { l1, l2 }]) => ({ text: `${names.get(p)} ${l1} ${l2}`, what: 'penalty', layer: layer.name })),
      )
    return [...linesOf([...tensorsOf(result), ...updates, ...losses], names), ...penalties]
  })
}

function linesOf(results: readonly (readonly [string, Tensor])[], names: Map<Tensor, string>): Line[] {
  const refer = (t: Tensor) => names.get(t) ?? names.get(t.origin) ?? constantOf(t)
  const lines = pendingNodes(results.map(([, t]) => t)).map(({ operation, inputs, attributes, outputs, layer }, i) => {
    for (const [k, output] of outputs.entries()) names.set(output, `%${i}.${k}`)
    const shapes = outputs.map((t) => `${t.dtype}[${t.shape}]`)
    const text = `${operation.name}(${inputs.map(refer).join(', ')}) ${textOf(attributes)} ${shapes}`
    return { text, what: operation.name, layer }
  })
  return [...lines, ...results.map(([name, t]) => ({ text: `${name} = ${refer(t)}`, what: name || 'output' }))]
}

function constantOf({ dtype, shape, value }: Tensor): string {
  const what = value
    ? createHash('sha1').update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    : null
  return `constant ${dtype}[${shape}] ${what ? what.digest('base64') : 'elsewhere'}`
}

function textOf(attributes: unknown): string {
  return JSON.stringify(attributes, (_, v) => (typeof v === 'number' || typeof v === 'bigint' ? String(v) : v)) ?? ''
}
