/** A directed graph of layers and operations, recorded once and described again for each batch. */
import { ChainruleError } from '../errors.ts'
import { leavesOf, type Tree } from '../gradient.ts'
import { tensorsOf } from '../layers/inputs.ts'
import type { AnyLayer } from '../layers/layer.ts'
import { type Call, callAgain, callOf, nameOfInput } from '../layers/recorded.ts'
import { mapNamed, type Named, named, structured } from '../named.ts'
import { describeValue } from '../options.ts'
import { applyAll } from '../tensor/apply.ts'
import { sizeAt } from '../tensor/batch.ts'
import { describeError, inScope, shapeError } from '../tensor/describing.ts'
import { type Node, Tensor } from '../tensor/graph.ts'
import type { DType } from '../tensor/shape.ts'
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts'
import type { Inputs } from './build.ts'
import { Names, nameLayers } from './names.ts'
import type { Topology } from './topology.ts'
import { checkGraphInputs, checkGraphOutputs, refuse, type Walked, walk } from './walk.ts'

/** From symbolic tensors to what was computed from them: one of each, or several by name. */
export interface Graph<In extends Tree, Out extends Tree> {
  readonly inputs: In
  readonly outputs: Out
}

/** A layer that is called, or an operation. */
export interface Step {
  /** No other has it: `dense`, `dense (2)` where that is called again, `add`, `add1`. */
  readonly name: string
  readonly node: Node
  readonly call: Call<AnyLayer> | null
}

export function isGraph(of: unknown): of is Graph<Tree, Tree> {
  return typeof of === 'object' && of !== null && 'inputs' in of && 'outputs' in of
}

export class LayerGraph implements Topology {
  readonly symbols: Named<Tensor>
  readonly results: Named<Tensor>
  readonly steps: readonly Step[]
  readonly layers: readonly AnyLayer[]
  /** Names of the inputs, for people. */
  readonly inputNames: ReadonlyMap<Tensor, string>
  readonly #walked: Walked

  constructor({ inputs, outputs }: Graph<Tree, Tree>) {
    const symbols = partsOf('inputs', inputs)
    const results = partsOf('outputs', outputs)
    checkGraphInputs(symbols)
    checkGraphOutputs(results)
    this.symbols = symbols
    this.results = results
    this.#walked = walk(symbols, results)
    const called = this.#walked.nodes.map((node) => callOf(node) as Call<AnyLayer> | null)
    this.layers = Object.freeze([...new Set(called.flatMap((call) => (call ? [call.layer] : [])))])
    nameLayers(this.layers)
    this.#refuseOthersParameters()
    const names = new Names(this.layers.map(({ name }) => name))
    const calls = new Map<AnyLayer, number>()
    const nameOf = (node: Node, layer: AnyLayer | undefined) => {
      if (!layer) return names.free(node.operation.name)
      const count = (calls.get(layer) ?? 0) + 1
      calls.set(layer, count)
      return count === 1 ? layer.name : `${layer.name} (${count})`
    }
    this.steps = this.#walked.nodes.map((node, i) => ({ node, call: called[i]!, name: nameOf(node, called[i]?.layer) }))
    this.inputNames = new Map([...symbols].map(([key, t]) => [t, names.free(key || nameOfInput(t) || 'input')]))
  }

  get inputs(): Inputs {
    return mapNamed(this.symbols, ({ shape, stored }) => ({ shape: [usualBatch, ...shape.slice(1)], dtype: stored }))
  }

  get outputs(): readonly string[] {
    return [...this.results.keys()]
  }

  /** The constant that stands for a tensor; null where it is none. */
  constantOf(t: Tensor): Tensor | null {
    return this.#walked.constants.get(t) ?? null
  }

  forward(x: Tree): Tree {
    const { batch, values } = this.#fed(x)
    const current = (t: Tensor) => values.get(t) ?? this.constantOf(t) ?? t.origin
    for (const step of this.steps) {
      const made = described(step, step.node.inputs.map(current), batch)
      for (const [i, output] of step.node.outputs.entries()) {
        if (!this.#walked.tensors.has(output)) continue
        refuseOther(step, output.shape, made[i]!.shape, batch)
        values.set(output, made[i]!)
      }
    }
    return structured(mapNamed(this.results, current))
  }

  #fed(x: Tree): { batch: number; values: Map<Tensor, Tensor> } {
    const given = tensorsOf(x)
    const names = [...this.symbols.keys()]
    if (given.size !== names.length || !names.every((name) => given.has(name)))
      throw describeError('ERR_DATA', 'apply', `the model takes ${listOf(names)}, got ${listOf([...given.keys()])}`)
    const batch = [...given.values()][0]!.shape[0] ?? 0
    const values = new Map<Tensor, Tensor>()
    for (const [name, symbol] of this.symbols) {
      const t = given.get(name)!
      const shape = symbol.shape.map((n) => sizeAt(n, batch))
      if (!sameShape(t.shape, shape) || t.dtype !== symbol.dtype) throw doesNotFit(name, symbol, t)
      values.set(symbol, t)
    }
    return { batch, values }
  }

  /** What a graph reads must be saved and trained with it. */
  #refuseOthersParameters(): void {
    const own = new Set(this.layers.flatMap((layer) => [...layer.parameters().values(), ...layer.states().values()]))
    for (const { inputs, operation } of this.#walked.nodes)
      for (const { origin } of inputs)
        if (origin.isVariable && !own.has(origin as never))
          throw refuse(
            `'${operation.name}' uses a parameter of shape ${formatShape(origin.shape)} that belongs to no layer of the graph. ` +
              'Call the layer that has it, or make it in a layer of your own.',
          )
    for (const read of this.#walked.constants.keys())
      for (const variable of own)
        if (read.past?.mayHold(variable.id, true))
          throw refuse(
            `a tensor of shape ${formatShape(read.shape)} was computed from a parameter and read: it would stay as it is. ` +
              'Describe it again without reading it, or write tensor(x.toArray()) if it is meant as a constant.',
          )
  }
}

// That of `fit` by default.
const usualBatch = 32

function partsOf(what: string, given: unknown): Named<unknown> {
  if (Array.isArray(given) || typeof given !== 'object' || given === null)
    throw refuse(
      `'${what}' must be a symbolic tensor, or an object of them by name, such as { image, size }, got ${describeValue(given)}`,
    )
  const parts = named(given as Tensor, (t) => t instanceof Tensor)
  if (parts.size === 0 || (parts.has('') && !(given instanceof Tensor)))
    throw refuse(`'${what}' needs a tensor for each of its names`)
  return parts
}

function described({ name, node, call }: Step, inputs: readonly Tensor[], batch: number): readonly Tensor[] {
  if (call) return leavesOf(callAgain(call, inputs))
  const { operation, attributes } = node
  const resized = operation.resize ? operation.resize(attributes, (n) => sizeAt(n, batch)) : attributes
  return inScope(name, () => applyAll(operation, inputs, resized))
}

function refuseOther({ name }: Step, recorded: Shape, got: Shape, batch: number): void {
  const expected = recorded.map((n) => sizeAt(n, batch))
  if (sameShape(expected, got)) return
  throw new ChainruleError(
    'ERR_SHAPE',
    `${name}: gives ${formatShape(got)} for a batch of ${batch}, expected ${formatShape(expected)}: when the graph was ` +
      `described it gave ${formatShape(recorded)}. What a layer gives must depend on its input and options alone.`,
    { layer: name },
  )
}

const listOf = (names: readonly string[]) => (names[0] === '' ? 'one tensor' : `{ ${names.join(', ')} }`)

function doesNotFit(name: string, symbol: Tensor, got: Tensor): ChainruleError {
  const show = (t: Tensor) => `${t.dtype as DType} ${formatShape(t.shape)}`
  const cast = symbol.dtype !== got.dtype ? ` Use cast('${symbol.dtype}').` : ''
  return shapeError(
    'apply',
    `the model takes ${name}${name && ': '}${show(symbol)}, got ${show(got)}. All inputs have the same batch.${cast}`,
  )
}
