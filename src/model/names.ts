import { ChainruleError } from '../errors.ts'
import type { Layer } from '../layers/layer.ts'

/** Names layers that have none: dense, dense1, dense2. */
export function nameLayers(layers: readonly Layer[]): void {
  const taken = new Set(layers.map((l) => l.name).filter(Boolean))
  const given = layers.filter((l) => l.name).map((l) => l.name)
  const twice = given.find((n, i) => given.indexOf(n) !== i)
  if (twice) throw new ChainruleError('ERR_OPTION', `Model: two layers are named '${twice}'; names must differ`)
  for (const layer of layers) {
    if (layer.name) continue
    let i = 0
    const base = layer.type
    while (taken.has(i === 0 ? base : `${base}${i}`)) i++
    layer.name = i === 0 ? base : `${base}${i}`
    taken.add(layer.name)
  }
}
