/** Examples in Markdown: finding them, translating them for `require`, comparing what they print. */

export interface Snippet {
  /** Where the code starts in the document. */
  readonly line: number
  readonly language: string
  /** The file that the code is quoted from, for ```ts path/of/file.ts; such code is not run by itself. */
  readonly path: string | null
  readonly code: string
  /** The ```text block that follows, if one does. */
  readonly output: string | null
}

/** All code blocks of a document, in order. */
export function snippetsOf(markdown: string): Snippet[] {
  const found: { -readonly [K in keyof Snippet]: Snippet[K] }[] = []
  const fence = /^```(\S+)(?: (\S+))?\n([\s\S]*?)^```$/gm
  let end = 0
  for (const match of markdown.matchAll(fence)) {
    const [whole, language = '', path = null, code = ''] = match
    const last = found.at(-1)
    // An output stands right below its program.
    if (language === 'text' && last && markdown.slice(end, match.index).trim() === '') last.output = code
    else {
      const line = markdown.slice(0, match.index).split('\n').length + 1
      found.push({ line, language, path, code, output: null })
    }
    end = match.index + whole.length
  }
  return found
}

/** A module in plain JavaScript as a script: imports become `require`, the rest runs in an async function. */
export function toCommonJs(code: string): string {
  const statement = /^import\s+(?:\{([^}]*)\}\s+from\s+)?['"]([^'"]+)['"];?$/gm
  const body = code.replace(statement, (_, names: string | undefined, from: string) =>
    names === undefined ? `require('${from}')` : `const {${names.replaceAll(' as ', ': ')}} = require('${from}')`,
  )
  return `(async () => {\n${body.replace(/^export /gm, '')}\n})()\n`
}

const fraction = /-?\d+\.\d*(?:e[-+]?\d+)?/g

/**
 * Whether a program printed what the document says. Numbers with a fraction differ a little between instruction sets and
 * versions of BLAS: 0.02, or two per cent. All else must be equal.
 */
export function isSameOutput(actual: string, expected: string): boolean {
  const shape = (text: string) => text.trimEnd().replace(fraction, '#')
  const numbers = (text: string) => [...text.matchAll(fraction)].map(([n]) => Number(n))
  if (shape(actual) !== shape(expected)) return false
  const wanted = numbers(expected)
  return numbers(actual).every((n, i) => Math.abs(n - wanted[i]!) <= 0.02 * Math.max(1, Math.abs(wanted[i]!)))
}
