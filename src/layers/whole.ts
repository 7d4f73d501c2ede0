/** A build that fails leaves nothing half built: the fields of all layers are as before. */

let undo: Map<object, () => void> | null = null

/** Runs f; where it throws, what was built meanwhile is taken back. */
export function wholeOrNothing<T>(f: () => T): T {
  if (undo) return f()
  undo = new Map()
  try {
    return f()
  } catch (error) {
    for (const back of undo.values()) back()
    throw error
  } finally {
    undo = null
  }
}

/** Notes how a layer was before it is built. `more` takes back what no public field shows. */
export function beforeBuild(layer: object, more: () => void): void {
  if (!undo || undo.has(layer)) return
  const fields = new Map(Object.entries(layer).map(([name, value]) => [name, { value, items: itemsOf(value) }]))
  undo.set(layer, () => {
    const own = layer as Record<string, unknown>
    for (const name of Object.keys(layer)) if (!fields.has(name)) delete own[name]
    for (const [name, { value, items }] of fields) {
      if (own[name] !== value) own[name] = value
      if (items) (value as unknown[]).splice(0, Number.POSITIVE_INFINITY, ...items)
    }
    more()
  })
}

/** Lists are filled in `build`, too. */
function itemsOf(value: unknown): unknown[] | null {
  return Array.isArray(value) && !Object.isFrozen(value) ? [...value] : null
}
