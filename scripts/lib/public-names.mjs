// What src/index.ts exports, with types and doc comments, as the TypeScript compiler sees it.
import { join, relative } from 'node:path'
import { API, SignatureKind, SymbolFlags } from 'typescript/unstable/sync'
import { root } from './paths.mjs'

// Of the compiler's flags for text: long types in full.
const noTruncation = 1

/**
 * @typedef {import('typescript/unstable/sync').Checker} Checker
 * @typedef {import('typescript/unstable/sync').Symbol} Symbol
 * @typedef {import('typescript/unstable/sync').Type} Type
 */

/**
 * A value with a name: an argument, an option, an entry of a table.
 * @typedef {object} Entry
 * @property {string} name
 * @property {string} type
 * @property {boolean} isOptional
 * @property {string} takes  the arguments of a function, '' of anything else
 * @property {string} doc  the doc comment, '' where there is none
 */

/**
 * A function and what it takes; `options` are the fields of its last argument, if that is an object of options.
 * @typedef {object} PublicFunction
 * @property {string} name
 * @property {string} file  from the root of the project
 * @property {string} doc
 * @property {string} returns
 * @property {string[]} members  of what it returns
 * @property {Entry[]} positional
 * @property {Entry[]} options
 */

/**
 * Runs `f` with the compiler open.
 * @template T
 * @param {(names: PublicNames) => T} f
 * @returns {T}
 */
export function withPublicNames(f) {
  const api = new API({ cwd: root })
  try {
    const [project] = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects()
    if (!project) throw new Error('tsconfig.json names no project')
    return f(new PublicNames(project))
  } finally {
    api.close()
  }
}

export class PublicNames {
  #checker
  #program
  /** @type {Map<string, Symbol>} */
  #exported = new Map()

  /** @param {import('typescript/unstable/sync').Project} project */
  constructor({ program, checker }) {
    this.#checker = checker
    this.#program = program
    const index = program.getSourceFile(join(root, 'src/index.ts'))
    const module = index && checker.getSymbolAtLocation(index)
    if (!module) throw new Error('src/index.ts is not part of the project')
    for (const symbol of checker.getExportsOfModule(module))
      this.#exported.set(symbol.name, symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
  }

  /** @returns {PublicFunction[]} in the order of the exports */
  functions() {
    return [...this.#exported].flatMap(([name, symbol]) => {
      if (!(symbol.flags & SymbolFlags.Value)) return []
      const type = this.#checker.getTypeOfSymbol(symbol)
      const [signature] = type ? this.#checker.getSignaturesOfType(type, SignatureKind.Call) : []
      return signature ? [this.#functionOf(name, symbol, signature)] : []
    })
  }

  /**
   * The entries of an exported object, or of a type that is a union of strings, in order.
   * @param {string} name
   * @returns {Entry[]}
   */
  entriesOf(name) {
    const symbol = this.#exported.get(name)
    const type = symbol && this.#checker.getTypeOfSymbol(symbol)
    return type ? this.#checker.getPropertiesOfType(type).map((property) => this.#entryOf(property)) : []
  }

  /**
   * The entries of an object of a file that is not exported.
   * @param {string} file  from the root of the project
   * @param {string} name
   * @returns {Entry[]}
   */
  entriesWithin(file, name) {
    const source = this.#program.getSourceFile(join(root, file))
    const symbol = source && this.#checker.resolveName(name, SymbolFlags.Value, source)
    const type = symbol && this.#checker.getTypeOfSymbol(symbol)
    if (!type) throw new Error(`${file} has no ${name}`)
    return this.#checker.getPropertiesOfType(type).map((property) => this.#entryOf(property))
  }

  /** @param {Type} type */
  #argumentsOf(type) {
    const [signature] = this.#checker.getSignaturesOfType(type, SignatureKind.Call)
    const texts = signature?.getParameters().map((parameter) => {
      const argument = this.#checker.getTypeOfSymbol(parameter)
      const text = argument ? this.#textOf(argument) : 'unknown'
      const isOptional = text.endsWith(' | undefined')
      return `${parameter.name}${isOptional ? '?' : ''}: ${text.replace(/ \| undefined$/, '')}`
    })
    return texts?.join(', ') ?? ''
  }

  /** @param {Type} type */
  #textOf(type) {
    return this.#checker.typeToString(type, undefined, noTruncation)
  }

  /**
   * @param {string} name
   * @param {Symbol} symbol
   * @param {import('typescript/unstable/sync').Signature} signature
   * @returns {PublicFunction}
   */
  #functionOf(name, symbol, signature) {
    const returned = this.#checker.getReturnTypeOfSignature(signature)
    const parameters = signature.getParameters().map((p) => ({ symbol: p, entry: this.#entryOf(p) }))
    const last = parameters.at(-1)
    const options = last?.entry.name === 'options' ? this.#fieldsOf(last.symbol) : []
    return {
      name,
      file: relative(root, symbol.declarations?.[0]?.path ?? ''),
      doc: symbol.getDocumentationComment(this.#checker),
      returns: returned ? this.#textOf(returned) : 'void',
      members: returned ? this.#checker.getPropertiesOfType(returned).map((member) => member.name) : [],
      positional: parameters.filter(({ entry }) => entry.name !== 'options').map(({ entry }) => entry),
      options,
    }
  }

  /**
   * @param {Symbol} parameter
   * @returns {Entry[]}
   */
  #fieldsOf(parameter) {
    const type = this.#checker.getTypeOfSymbol(parameter)
    const present = type && this.#checker.getNonNullableType(type)
    return present ? this.#checker.getPropertiesOfType(present).map((field) => this.#entryOf(field)) : []
  }

  /**
   * @param {Symbol} symbol
   * @returns {Entry}
   */
  #entryOf(symbol) {
    const type = this.#checker.getTypeOfSymbol(symbol)
    const text = type ? this.#textOf(type) : 'unknown'
    return {
      name: symbol.name,
      type: text.replace(/ \| undefined$/, ''),
      takes: type ? this.#argumentsOf(type) : '',
      isOptional: (symbol.flags & SymbolFlags.Optional) !== 0 || text.endsWith(' | undefined'),
      doc: symbol.getDocumentationComment(this.#checker),
    }
  }
}
