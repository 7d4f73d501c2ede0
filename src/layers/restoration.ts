/** How layers are made again: by their class, from their options. */
import type { Maker } from '../descriptions/description.ts'

// biome-ignore lint/suspicious/noExplicitAny: a constructor of any layer
export type LayerClass = (new (options: any) => any) & { readonly type?: string }

export interface Restoration {
  readonly maker: Maker
  readonly options: Readonly<Record<string, unknown>>
}

const makers = new WeakMap<LayerClass, Maker>()

/** The maker of a class; its type is '' where the class has none of its own. */
export function layerMaker(layer: LayerClass): Maker {
  const known = makers.get(layer)
  if (known) return known
  const type = Object.hasOwn(layer, 'type') && typeof layer.type === 'string' ? layer.type : ''
  const maker: Maker = { kind: 'layer', type, make: (options) => new layer(options) }
  makers.set(layer, maker)
  return maker
}
