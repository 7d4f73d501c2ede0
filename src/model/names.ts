import { ChainruleError } from '../errors.ts'
import type { Layer } from '../layers/layer.ts'
import { nameOption } from '../layers/options.ts'

/** Gives names that differ: dense, dense1, dense2. */
export class Names {
  readonly #taken: Set<string>
  readonly #next = new Map<string, number>()

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken)
  }

  /** A name that is free, and from now on taken. */
  free(base: string): string {
    let i = this.#next.get(base) ?? 0
    while (this.#taken.has(i === 0 ? base : `${base}${i}`)) i++
    const name = i === 0 ? base : `${base}${i}`
    this.#next.set(base, i + 1)
    this.#taken.add(name)
    return name
  }
}

/** Names layers that have none. */
export function nameLayers(layers: readonly Layer[]): void {
  const taken = new Set<string>()
  for (const { name } of new Set(layers)) {
    if (name === '') continue
    nameOption(name, { where: 'Model', name: 'name' })
    if (taken.has(name))
      throw new ChainruleError('ERR_OPTION', `Model: two layers are named '${name}'; names must differ`)
    taken.add(name)
  }
  const names = new Names(taken)
  for (const layer of layers) if (!layer.name) layer.name = names.free(layer.type.replace(/[.\s]+/g, '_') || 'layer')
}
