// Numbers of an example that may be given as options: node examples/networks/vae.mjs --epochs 2
import { parseArgs } from 'node:util'

/** `defaults` with what the command line says. */
export function optionsOf(defaults) {
  const known = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' }]))
  const { values } = parseArgs({ options: known })
  const given = Object.entries(values).map(([name, value]) => [name, Number(value)])
  const wrong = given.find(([, value]) => !Number.isFinite(value))
  if (wrong) throw new Error(`--${wrong[0]}: expected a number`)
  return { ...defaults, ...Object.fromEntries(given) }
}
