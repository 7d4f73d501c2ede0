/**
 * Reading a lazy tensor: describe, plan, run once. The same path as every other program; plans are cached by
 * structure, so a loop that builds the same graph again compiles it once.
 */
import { ChainruleError } from '../errors.ts'
import { type Memory, native } from '../native.ts'
import { nest } from '../tensor/create.ts'
import { hooks, type Node, pendingNodes, Segment, type Tensor, type Values } from '../tensor/graph.ts'
import { printTensor } from '../tensor/print.ts'
import { sizeOf } from '../tensor/shape.ts'
import { LruCache } from './cache.ts'
import { compileAsIs } from './compile.ts'
import { debugging } from './debug.ts'
import { bytesOf, type Compiled, scratchFor } from './encode.ts'
import { align } from './plan.ts'
import { bind, explain, runSync } from './run.ts'

interface Evaluation {
  compiled: Compiled
  staging: Segment
  /** Staging offsets of leaves and of results, in order of appearance. */
  leaves: readonly number[]
  results: readonly number[]
  bytes: number
  memory: { scratch: Memory; staging: Memory } | null
}

const cache = new LruCache<Evaluation>(64)
// Plans keep their memory for the next time only up to this size.
const kept = 1 << 22

/** Computes the tensors and everything that they pass through, and drops how they were computed. */
export function evaluate(tensors: readonly Tensor[]): void {
  const unfed = tensors.find((t) => t.symbolic)
  if (unfed)
    throw new ChainruleError(
      'ERR_NOT_FED',
      'This tensor depends on an input that has no value yet: it describes a program. Read the results that the ' +
        'program returns, or feed it: program(f)(data), model.predict(data).',
    )
  const nodes = pendingNodes(tensors)
  if (nodes.length === 0) return
  const leaves = leavesOf(nodes)
  const key = structureOf(nodes, leaves)
  let evaluation = cache.get(key)
  if (!evaluation) cache.set(key, (evaluation = describe(nodes, leaves)))
  run(evaluation, nodes, leaves)
}

/** Leaves with a value, in order of first use. */
function leavesOf(nodes: readonly Node[]): Tensor[] {
  const leaves = new Set<Tensor>()
  for (const node of nodes) for (const input of node.inputs) if (input.value) leaves.add(input)
  return [...leaves]
}

/** A text that two graphs share exactly when one program serves both. */
function structureOf(nodes: readonly Node[], leaves: readonly Tensor[]): string {
  const names = new Map<Tensor, string>(leaves.map((t, i) => [t, `v${i}`]))
  const parts = leaves.map((t) => `${t.stored}${t.shape}`)
  for (const [i, { operation, inputs, attributes, outputs }] of nodes.entries()) {
    for (const [k, output] of outputs.entries()) names.set(output, `${i}.${k}`)
    const from = inputs.map((t) => names.get(t) ?? `s${t.place?.segment.id}+${t.place?.offset}:${t.stored}${t.shape}`)
    parts.push(`${operation.name}(${from.join()})${JSON.stringify(attributes, exactNumbers)}`)
  }
  return `${debugging()};${parts.join(';')}`
}

// JSON writes null for infinities.
function exactNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function describe(nodes: readonly Node[], leaves: readonly Tensor[]): Evaluation {
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
  const compiled = compileAsIs({
    outputs: outputs.map((tensor, i) => ({ tensor, place: { segment: staging, offset: results[i]! } })),
    leaves: new Map(leaves.map((t, i) => [t, { segment: staging, offset: leafOffsets[i]! }])),
    debug: debugging(),
  })
  // The cache must not keep the values of the first tensors alive.
  const lines = compiled.lines.map((line) => ({ ...line, node: line.node?.bare() ?? null }))
  return { compiled: { ...compiled, lines }, staging, leaves: leafOffsets, results, bytes, memory: null }
}

function run(evaluation: Evaluation, nodes: readonly Node[], leaves: readonly Tensor[]): void {
  const { compiled, staging, bytes } = evaluation
  const memory = evaluation.memory ?? { scratch: scratchFor(compiled), staging: native().memory(bytes) }
  evaluation.memory = bytes <= kept ? memory : null
  for (const [i, leaf] of leaves.entries()) native().write(memory.staging, evaluation.leaves[i]!, leaf.value!)
  const fault = runSync(bind(compiled, memory.scratch, new Map([[staging, { memory: memory.staging }]])))
  if (fault) throw explain(compiled, fault)
  const outputs = nodes.flatMap((node) => node.outputs)
  for (const [i, output] of outputs.entries()) {
    const values = newValues(output)
    native().read(memory.staging, evaluation.results[i]!, values)
    output.value = values
  }
  const past = new WeakSet(nodes.flatMap((node) => node.inputs.filter((t) => t.node === null)))
  for (const output of outputs) {
    output.node = null
    output.past = past
  }
}

function newValues(t: Tensor): Values {
  if (t.stored === 'int32') return new Int32Array(sizeOf(t.shape))
  if (t.stored === 'float32') return new Float32Array(sizeOf(t.shape))
  throw new Error(`a tensor stored as ${t.stored} is not read`)
}

/** The values of a tensor; the array is the tensor's own. */
export function read(t: Tensor): Values {
  if (t.value) return t.value
  if (t.place && !t.symbolic) {
    const { segment, offset } = t.place
    if (segment.busy) throw new ChainruleError('ERR_BUSY', `${segment.name}: ${segment.busy}; await it first`)
    const values = newValues(t)
    native().read(segment.memory!, offset, values)
    return values
  }
  evaluate([t])
  return t.value!
}

hooks.evaluate = evaluate
hooks.read = read
hooks.nest = nest
hooks.print = (t) => printTensor(t, t.symbolic ? null : read(t))
