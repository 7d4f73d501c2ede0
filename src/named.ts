/**
 * One thing, or several by name: the inputs and outputs of a model, and all that goes with each of them. One alone has
 * the name ''.
 */
export type Named<T> = ReadonlyMap<string, T>

/** From the form that users write: the thing itself, or an object of things. */
export function named<T>(given: T | { readonly [name: string]: T }, isOne: (given: unknown) => boolean): Named<T> {
  if (isOne(given)) return new Map([['', given as T]])
  return new Map(Object.entries(given as { readonly [name: string]: T }))
}

/** Back to that form. */
export function structured<T>(things: Named<T>): T | { [name: string]: T } {
  return things.has('') ? things.get('')! : Object.fromEntries(things)
}

export function mapNamed<T, U>(things: Named<T>, f: (thing: T, name: string) => U): Map<string, U> {
  return new Map([...things].map(([name, thing]) => [name, f(thing, name)]))
}

/** How errors call it: `x`, or `x.image`. */
export function pathOf(of: string, name: string): string {
  return name === '' ? of : `${of}.${name}`
}
