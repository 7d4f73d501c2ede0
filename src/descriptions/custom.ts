/** Functions of the user's under a name: `losses.custom('asymmetric', f, { under: 3 })` and its like. */
import { ChainruleError } from '../errors.ts'
import { type CheckTable, checkOptions, describeValue, optional } from '../options.ts'

export type OwnOptions = Readonly<Record<string, unknown>>

/** Checks what a `.custom` was given, and returns what checks options: their names are those of the defaults. */
export function customOptions<O extends object>(
  where: string,
  name: unknown,
  f: unknown,
  defaults: O | undefined,
): (given?: object) => O {
  if (typeof name !== 'string' || name === '' || typeof f !== 'function')
    throw new ChainruleError(
      'ERR_OPTION',
      `${where}: expected a name and a function, got ${describeValue(name)} and ${describeValue(f)}`,
    )
  // The table is checked once here, so that defaults that are no object are refused where they are written.
  const own = Object.entries(checkOptionsObject(where, defaults))
  const table: CheckTable = Object.fromEntries(own.map(([key, value]) => [key, optional((v) => v, value)]))
  return (given = {}) => Object.freeze(checkOptions(name, given, table)) as O
}

function checkOptionsObject(where: string, defaults: unknown): object {
  if (defaults === undefined) return {}
  if (typeof defaults === 'object' && defaults !== null && !Array.isArray(defaults)) return defaults
  throw new ChainruleError(
    'ERR_OPTION',
    `${where}: expected an object of default options, such as { under: 3 }, got ${describeValue(defaults)}`,
  )
}
