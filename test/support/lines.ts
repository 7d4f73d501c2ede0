/** What a program must print. */
import { expect } from 'vitest'

/** Lines of the output that must be there, in this order: texts, or patterns for numbers that depend on rounding. */
export type Lines = readonly (string | RegExp)[]

export function checkLines(found: readonly string[], expected: Lines): void {
  let at = 0
  for (const line of expected) {
    const next = found.findIndex((text, i) => i >= at && (typeof line === 'string' ? text === line : line.test(text)))
    if (next < 0) expect.fail(`no line ${line} after line ${at} of\n${found.join('\n')}`)
    at = next + 1
  }
}
