/** Cases of layers in test/golden/layers/*.json, which the scripts beside them made (common.py says how they look). */
import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import * as chainrule from '../../src/index.ts'
import { gradient, type Layer, mul, program, sum, type Tensor, tensor } from '../../src/index.ts'

export interface Golden {
  readonly shape: readonly number[]
  readonly values: readonly number[]
  readonly dtype?: 'int32'
}
export type GoldenTree = Golden | readonly GoldenTree[] | { readonly [name: string]: GoldenTree }

export interface LayerCase {
  readonly name: string
  /** The public function, such as `conv2d`. */
  readonly layer: string
  /** { "call": name, "arguments": [...] } in them stands for what that public function gives: a layer, a description. */
  readonly arguments: readonly unknown[]
  readonly mode?: 'train' | 'predict'
  readonly input: GoldenTree
  /** [batch, t] of 0 and 1. */
  readonly mask?: Golden
  /** By path. */
  readonly parameters: Readonly<Record<string, Golden>>
  readonly states: Readonly<Record<string, Golden>>
  readonly output: GoldenTree
  /** The gradients are those of sum(output · dOutput). */
  readonly dOutput: GoldenTree
  readonly gradients: { readonly input?: GoldenTree; readonly parameters?: Readonly<Record<string, Golden>> }
  readonly statesAfter?: Readonly<Record<string, Golden>>
  /** Of the largest value of a tensor; default 1e-5. */
  readonly tolerance?: number
  /** Checks that do not hold for this case, each with the reason. */
  readonly skip?: Readonly<Partial<Record<Check, string>>>
}
export type Check = 'finiteDifferences' | 'batchOfOne' | 'saving' | 'training'

const folder = new URL('../golden/layers/', import.meta.url)

export const families: readonly (readonly [family: string, cases: readonly LayerCase[]])[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => [
    file.replace('.json', ''),
    (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { cases: LayerCase[] }).cases,
  ])

const isGolden = (x: unknown): x is Golden => typeof x === 'object' && x !== null && 'values' in x && 'shape' in x

/** Tensors, in order, and the structure around them. */
export function flatten(tree: GoldenTree): Golden[] {
  return isGolden(tree) ? [tree] : Object.values(tree).flatMap(flatten)
}

export function leaves(tree: unknown): Tensor[] {
  return tree instanceof chainrule.Tensor ? [tree] : Object.values(tree as object).flatMap(leaves)
}

function rebuild(tree: GoldenTree, next: () => Tensor): unknown {
  if (isGolden(tree)) return next()
  if (Array.isArray(tree)) return tree.map((part) => rebuild(part, next))
  return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, rebuild(part, next)]))
}

/** The same structure with these tensors. */
export function withTensors(tree: GoldenTree, tensors: readonly Tensor[]): unknown {
  let at = 0
  return rebuild(tree, () => tensors[at++]!)
}

export const tensorOf = ({ shape, values, dtype }: Golden): Tensor =>
  tensor(dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values), { shape })

export const inputsOf = (of: LayerCase): Tensor[] => flatten(of.input).map(tensorOf)

function made(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(made)
  if (typeof given !== 'object' || given === null) return given
  if ('call' in given) {
    const { call, arguments: args = [] } = given as { call: string; arguments?: unknown[] }
    const found = call.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], chainrule)
    if (typeof found !== 'function') throw new Error(`there is no ${call}`)
    return found(...args.map(made))
  }
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, made(value)]))
}

type AnyLayer = Layer<never, never> & { apply(x: unknown, options?: object): unknown }

/** The layer, built, with the case's parameters and states; their paths must be those that the case names. */
export function layerOf(of: LayerCase): AnyLayer {
  const layer = made({ call: of.layer, arguments: of.arguments }) as AnyLayer
  layer.apply(withTensors(of.input, inputsOf(of)), { mode: 'predict' })
  setWeights(layer, of)
  return layer
}

function setWeights(layer: AnyLayer, of: LayerCase) {
  const fill = (own: ReadonlyMap<string, { set(values: Tensor): void }>, given: Readonly<Record<string, Golden>>) => {
    expect([...own.keys()].sort()).toEqual(Object.keys(given).sort())
    for (const [path, value] of Object.entries(given)) own.get(path)!.set(tensorOf(value))
  }
  fill(layer.parameters(), of.parameters)
  fill(layer.states(), of.states)
}

export interface Computed {
  readonly output: readonly Tensor[]
  /** Of the inputs that are floats, and of the parameters by path. */
  readonly dInput: readonly Tensor[]
  readonly dParameters: ReadonlyMap<string, Tensor>
}

/** Runs the layer as a program, as a user's training step would. */
export function compute(layer: AnyLayer, of: LayerCase, inputs: readonly Tensor[] = inputsOf(of)): Computed {
  const parameters = layer.parameters() as ReadonlyMap<string, Tensor>
  const mask = of.mask && tensorOf(of.mask)
  const dOutput = flatten(of.dOutput).map(tensorOf)
  const count = { output: 0, dInput: 0 }
  const run = program((...given: Tensor[]) => {
    const x = withTensors(of.input, given)
    const output = leaves(layer.apply(x, { mode: of.mode ?? 'predict', ...(mask ? { mask } : {}) }))
    const terms = output.map((y, i) => sum(mul(y, dOutput[i]!)))
    const loss = terms.reduce((total, term) => total.add(term))
    const floats = given.filter((t) => t.dtype === 'float32')
    const found = gradient(loss, [...floats, ...parameters.values()])
    Object.assign(count, { output: output.length, dInput: floats.length })
    return [...output, ...found]
  })
  const results = run.sync(...inputs) as readonly Tensor[]
  const rest = results.slice(count.output)
  return {
    output: results.slice(0, count.output),
    dInput: rest.slice(0, count.dInput),
    dParameters: new Map([...parameters.keys()].map((path, i) => [path, rest[count.dInput + i]!])),
  }
}

/** The bits of all results. */
export function bitsOf({ output, dInput, dParameters }: Computed): string[] {
  return [...output, ...dInput, ...dParameters.values()].map((t) =>
    Buffer.from(t.data().slice().buffer).toString('base64'),
  )
}

export function expectNear(actual: Tensor, expected: Golden, tolerance: number, what: string): void {
  expect(actual.shape, what).toEqual(expected.shape)
  const got = Array.from(actual.data())
  const scale = expected.values.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30)
  const worst = got.findIndex((x, i) => !(Math.abs(x - expected.values[i]!) <= tolerance * scale))
  if (worst >= 0) expect.fail(`${what}: element ${worst} is ${got[worst]}, expected ${expected.values[worst]}`)
}
