/**
 * Reading a lazy tensor: describe, plan, run once. The same path as every other program; plans are cached by
 * structure, so a loop that builds the same graph again compiles it once.
 */
import { ChainruleError } from '../errors.ts'
import { native } from '../native.ts'
import { pendingNodes } from '../tensor/apply.ts'
import { nest } from '../tensor/create.ts'
import { isTracing } from '../tensor/describing.ts'
import { hooks, type Node, type StoredValues, type Tensor, type Values } from '../tensor/graph.ts'
import { Past, type Sources } from '../tensor/past.ts'
import { printTensor } from '../tensor/print.ts'
import { Segment } from '../tensor/segment.ts'
import { sizeOf } from '../tensor/shape.ts'
import { Version } from '../tensor/variable.ts'
import { LruCache } from './cache.ts'
import { refuseWritten } from './claims.ts'
import { compileAsIs, inGraph } from './compile.ts'
import { debugging } from './debug.ts'
import { bytesOf, type Compiled } from './encode.ts'
import { align } from './plan.ts'
import { type Binding, bind, explain, runSync } from './run.ts'
import { giveBack, lend } from './workspace.ts'

/** A graph with its leaves: those with values, and the segments in which others lie, both in order of first use. */
interface Graph {
  readonly nodes: readonly Node[]
  readonly leaves: readonly Tensor[]
  readonly segments: readonly Segment[]
}

interface Evaluation {
  readonly compiled: Compiled
  /** Leaves and results lie here. */
  readonly staging: Segment
  /** Stand for the segments of the graph: a plan must not keep memory that somebody else has dropped. */
  readonly segments: readonly Segment[]
  /** Staging offsets of leaves and of results, in order of appearance. */
  readonly leaves: readonly number[]
  readonly results: readonly number[]
  readonly bytes: number
}

const cache = new LruCache<Evaluation>(64)

/** Computes the tensors and everything that they pass through, and drops how they were computed. */
export function evaluate(tensors: readonly Tensor[]): void {
  const nodes = nodesBehind(tensors)
  if (nodes.length === 0) return
  const values = compute(nodes)
  const sources = sourcesOf(nodes)
  let i = 0
  for (const [n, node] of nodes.entries()) {
    node.done()
    const past = new Past(sources, n)
    for (const output of node.outputs) {
      output.value = values[i++]!
      output.past = past
    }
  }
  for (const node of nodes) for (const output of node.outputs) output.node = null
}

/** What has to be computed. @throws what cannot be, now or ever */
function nodesBehind(tensors: readonly Tensor[]): readonly Node[] {
  for (const t of tensors) if (t.symbolic) throw notFed(t)
  const nodes = pendingNodes(tensors)
  for (const { traced, inputs } of nodes)
    for (const input of inputs) {
      if (input instanceof Version && input.lost) throw lost(input.lost)
      if (traced && input.isVariable && !isTracing()) throw leftProgram()
    }
  return nodes
}

function notFed(t: Tensor): ChainruleError {
  if (t.symbolic === 'input') return inGraph(t)
  return new ChainruleError(
    'ERR_NOT_FED',
    'This tensor depends on an input that has no value yet: it describes a program. Read the results that the ' +
      'program returns, or feed it: program(f)(data), model.predict(data).',
  )
}

function leftProgram(): ChainruleError {
  return new ChainruleError(
    'ERR_NOT_FED',
    'This tensor was described inside a program, which computes it with the parameters of the moment. Return it from ' +
      'the function of the program, or describe it outside.',
  )
}

function lost(why: string): ChainruleError {
  return new ChainruleError(
    'ERR_BUSY',
    `This tensor was described before the parameters that it depends on had been changed, while ${why}. Describe it ` +
      'again, after awaiting that.',
  )
}

function graphOf(nodes: readonly Node[]): Graph {
  const leaves = new Set<Tensor>()
  const segments = new Set<Segment>()
  for (const node of nodes)
    for (const input of node.inputs) {
      if (input.value) leaves.add(input)
      else if (input.place) segments.add(input.place.segment)
    }
  return { nodes, leaves: [...leaves], segments: [...segments] }
}

/** A text that two graphs share exactly when one program serves both. */
function structureOf({ nodes, leaves, segments }: Graph): string {
  const names = new Map<Tensor, string>(leaves.map((t, i) => [t, `v${i}`]))
  const parts = leaves.map((t) => `${t.stored}${t.shape}`)
  const stored = (t: Tensor) => `s${segments.indexOf(t.place!.segment)}+${t.place!.offset}:${t.stored}${t.shape}`
  for (const [i, { operation, inputs, attributes, outputs }] of nodes.entries()) {
    for (const [k, output] of outputs.entries()) names.set(output, `${i}.${k}`)
    const from = inputs.map((t) => names.get(t) ?? stored(t))
    parts.push(
      `${operation.name}(${from.join()})${attributes === null ? '' : JSON.stringify(attributes, exactNumbers)}`,
    )
  }
  return `${debugging()};${parts.join(';')}`
}

// JSON writes null for infinities, and 0 for −0.
function exactNumbers(_: string, value: unknown): unknown {
  if (Object.is(value, -0)) return '-0'
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function describe({ nodes, leaves, segments }: Graph): Evaluation {
  const staging = new Segment('staging')
  let bytes = 0
  const reserve = (t: Tensor) => {
    const offset = bytes
    bytes += align(bytesOf(t))
    return offset
  }
  const leafOffsets = leaves.map(reserve)
  const outputs = nodes.flatMap((node) => node.outputs)
  const results = outputs.map(reserve)
  const standIns = segments.map(({ name }) => new Segment(name))
  const places = new Map(leaves.map((t, i) => [t, { segment: staging, offset: leafOffsets[i]! }]))
  for (const input of nodes.flatMap((node) => node.inputs))
    if (!input.value && input.place)
      places.set(input, { segment: standIns[segments.indexOf(input.place.segment)]!, offset: input.place.offset })
  const compiled = compileAsIs({
    outputs: outputs.map((tensor, i) => ({ tensor, place: { segment: staging, offset: results[i]! } })),
    leaves: places,
    debug: debugging(),
  })
  // The cache must not keep the values of the first tensors alive.
  const bare = new Map(nodes.map((node) => [node, node.bare()]))
  const lines = compiled.lines.map((line) => ({ ...line, node: line.node && bare.get(line.node)! }))
  return { compiled: { ...compiled, lines }, staging, segments: standIns, leaves: leafOffsets, results, bytes }
}

/** The values of all outputs of these nodes, in their order. */
function compute(nodes: readonly Node[]): StoredValues[] {
  const graph = graphOf(nodes)
  refuseWritten('read', graph.segments)
  const key = structureOf(graph)
  let evaluation = cache.get(key)
  if (!evaluation) cache.set(key, (evaluation = describe(graph)))
  const { compiled, bytes } = evaluation
  const offset = align(compiled.sizes[0]!) // of the staging segment, behind the scratch
  const loan = lend(offset + bytes)
  const { memory } = loan
  try {
    for (const [i, leaf] of graph.leaves.entries()) native().write(memory, offset + evaluation.leaves[i]!, leaf.value!)
    const bindings = new Map<Segment, Binding>([[evaluation.staging, { memory, offset }]])
    for (const [i, segment] of evaluation.segments.entries())
      bindings.set(segment, { memory: graph.segments[i]!.memory! })
    const fault = runSync(bind(compiled, memory, bindings))
    if (fault) throw explain(compiled, fault)
    const results: StoredValues[] = []
    for (const node of nodes)
      for (const output of node.outputs) {
        const values = isPassing(node, output) ? nothing : newValues(output)
        native().read(memory, offset + evaluation.results[results.length]!, values)
        results.push(values)
      }
    return results
  } finally {
    giveBack(loan)
  }
}

/** What each node was computed from. */
function sourcesOf(nodes: readonly Node[]): Sources[] {
  const indices = new Map(nodes.map((node, i) => [node, i]))
  return nodes.map(({ inputs }) => {
    const own: number[] = []
    const variables: number[] = []
    const leaves: number[] = []
    const pasts: Past[] = []
    for (const input of inputs) {
      const { node, past, origin } = input
      if (node) own.push(indices.get(node)!)
      else if (origin.isVariable) variables.push(origin.id)
      else if (past !== Past.none) {
        leaves.push(input.id)
        if (past) pasts.push(past.settled())
      }
    }
    return { nodes: own, variables, leaves, pasts }
  })
}

const nothing = new Float32Array(0)

/** Whether this is what one instruction of a node leaves for its next, which nobody else reads. */
function isPassing(node: Node, output: Tensor): boolean {
  return output.stored === 'float64' && output !== node.outputs[0]
}

function newValues(t: Tensor): StoredValues {
  if (t.stored === 'int32') return new Int32Array(sizeOf(t.shape))
  if (t.stored === 'float32') return new Float32Array(sizeOf(t.shape))
  if (t.stored === 'uint8') return new Uint8Array(sizeOf(t.shape))
  throw new Error(`a tensor stored as ${t.stored} is not read`)
}

/** The value of a tensor that stays what it is. */
function looked(t: Tensor): StoredValues {
  const nodes = nodesBehind([t])
  return compute(nodes)[nodes.flatMap((node) => node.outputs).indexOf(t)]!
}

/** The values of a tensor; the array is the tensor's own. No tensor of bytes gets to a user. */
export function read(t: Tensor): Values {
  return storedValues(t) as Values
}

function storedValues(t: Tensor): StoredValues {
  if (t.value) return t.value
  if (t.place && !t.symbolic) {
    const { segment, offset } = t.place
    refuseWritten('read', [segment])
    const values = newValues(t)
    native().read(segment.memory!, offset, values)
    return values
  }
  // Inside a program the value is only looked at: the tensor stays a part of what is described.
  if (t.node?.traced && isTracing() && !t.symbolic) return looked(t)
  evaluate([t])
  return t.value!
}

hooks.evaluate = evaluate
hooks.read = read
hooks.nest = nest
hooks.print = (t) => printTensor(t, t.symbolic ? null : read(t))
