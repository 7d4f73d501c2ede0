import { ChainruleError } from '../errors.ts'
import type { Layer } from '../layers/layer.ts'
import { nameOption } from '../layers/options.ts'

/** Names layers that have none: dense, dense1, dense2. */
export function nameLayers(layers: readonly Layer[]): void {
  const taken = new Set<string>()
  for (const { name } of new Set(layers)) {
    if (name === '') continue
    nameOption(name, { where: 'Model', name: 'name' })
    if (taken.has(name))
      throw new ChainruleError('ERR_OPTION', `Model: two layers are named '${name}'; names must differ`)
    taken.add(name)
  }
  const next = new Map<string, number>()
  for (const layer of layers) {
    if (layer.name) continue
    const base = layer.type.replace(/[.\s]+/g, '_') || 'layer'
    let i = next.get(base) ?? 0
    while (taken.has(i === 0 ? base : `${base}${i}`)) i++
    layer.name = i === 0 ? base : `${base}${i}`
    next.set(base, i + 1)
    taken.add(layer.name)
  }
}
