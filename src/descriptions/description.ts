/** What a user configures, as a frozen value: a kind, a type and options. */
export interface Described<K extends string = string> {
  readonly kind: K
  /** The name under which it is saved. */
  readonly type: string
  /** All options, defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>
}

/** How descriptions of one type are made from their options. Saving keeps kind, type and options; loading calls `make`. */
export interface Maker {
  readonly kind: string
  readonly type: string
  readonly make: (options: Readonly<Record<string, unknown>>) => unknown
}

const makers = new WeakMap<object, Maker>()

/** How this description, or what this function or class describes, is made again; undefined for what was made by hand. */
export function makerOf(x: unknown): Maker | undefined {
  return (typeof x === 'object' && x !== null) || typeof x === 'function' ? makers.get(x) : undefined
}

/**
 * Says how what this function gives is made again, so that the function can be given when a file is read, and names it
 * after that for errors.
 */
export function madeBy<F extends (...given: never[]) => unknown>(f: F, maker: Maker): F {
  makers.set(f, maker)
  return Object.defineProperty(f, 'name', { value: maker.type })
}

const inspect = Symbol.for('nodejs.util.inspect.custom')

// Not enumerable: they are no part of what is compared.
const hidden = {
  [inspect]: { value: print },
  toJSON: {
    value(this: Described) {
      return { kind: this.kind, type: this.type, options: this.options }
    },
  },
}

/** `huber({ delta: 2 })`. */
function print(
  this: Described,
  _depth: number,
  options: object,
  show: (x: unknown, options: object) => string,
): string {
  return `${this.type}(${Object.keys(this.options).length > 0 ? show(this.options, options) : ''})`
}

/**
 * A frozen description. Where it means a function it is that function: `call`, which nobody else may hold.
 * @param members what else it has, such as the slots of an optimizer
 */
export function describe<D extends Described>(
  maker: Maker,
  options: object,
  members: Omit<D, keyof Described>,
  call?: (...given: never[]) => unknown,
): D {
  const target: object = call ?? {}
  const own = { kind: maker.kind, type: maker.type, options: Object.freeze({ ...options }), ...members }
  if (call) Object.defineProperty(target, 'name', { value: maker.type })
  for (const [key, value] of Object.entries(own)) Object.defineProperty(target, key, { value, enumerable: true })
  Object.defineProperties(target, hidden)
  makers.set(target, maker)
  return Object.freeze(target) as D
}

/** Whether this is a description of a kind; one that was written by hand too. */
export function isDescribed(x: unknown, kind?: string): x is Described {
  if ((typeof x !== 'object' && typeof x !== 'function') || x === null) return false
  const found = x as Partial<Described>
  return typeof found.kind === 'string' && (kind === undefined || found.kind === kind)
}
