/** Which operations and layers lead from the inputs of a graph to its outputs. */
import { ChainruleError } from '../errors.ts'
import { callOf, nameOfInput } from '../layers/recorded.ts'
import { type Named, pathOf } from '../named.ts'
import { describeValue } from '../options.ts'
import { pendingNodes } from '../tensor/apply.ts'
import { following, isLost, unknownBatch } from '../tensor/batch.ts'
import { type Node, Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { formatShape } from '../tensor/shape.ts'

export interface Walked {
  /** In the order in which they were described. */
  readonly nodes: readonly Node[]
  /** All tensors that something reads. */
  readonly tensors: ReadonlySet<Tensor>
  /** What no input and no parameter changes. */
  readonly constants: ReadonlyMap<Tensor, Tensor>
}

export function refuse(what: string): ChainruleError {
  return new ChainruleError('ERR_OPTION', `Model: ${what}`)
}

/** @throws ERR_OPTION where they are no inputs, or two of them are one or have one name */
export function checkGraphInputs(inputs: Named<unknown>): asserts inputs is Named<Tensor> {
  const seen = new Map<unknown, string>()
  const names = new Map<string, string>()
  for (const [key, t] of inputs) {
    const path = pathOf('inputs', key)
    if (!(t instanceof Tensor) || t.symbolic !== 'input')
      throw refuse(`${path} must be a symbolic tensor, as input(shape) makes it, got ${shown(t)}`)
    if (t.shape[0] !== unknownBatch || t.shape.slice(1).some(following))
      throw refuse(
        `${path} has shape ${formatShape(t.shape)}; what a model takes begins with the batch, and has it once`,
      )
    if (seen.has(t)) throw refuse(`${seen.get(t)} and ${path} are the same tensor. Give it once.`)
    seen.set(t, path)
    const name = nameOfInput(t)
    if (name !== '' && names.has(name))
      throw refuse(`${names.get(name)} and ${path} are both named '${name}'; names must differ`)
    names.set(name, path)
  }
}

export function checkGraphOutputs(outputs: Named<unknown>): asserts outputs is Named<Tensor> {
  for (const [key, t] of outputs) {
    const path = pathOf('outputs', key)
    if (!(t instanceof Tensor)) throw refuse(`${path} must be a symbolic tensor, got ${shown(t)}`)
    if (t.symbolic !== 'input')
      throw refuse(
        `${path}, of shape ${formatShape(t.shape)}, does not depend on an input: it ` +
          `${t.symbolic === null ? 'has a value' : 'belongs to a program'}. Compute it from what input(shape) gave.`,
      )
  }
}

function shown(given: unknown): string {
  if (!(given instanceof Tensor)) return describeValue(given)
  return given.symbolic === null
    ? `a tensor with a value, of shape ${formatShape(given.shape)}`
    : 'a tensor of a program'
}

/** @throws ERR_OPTION for an input that leads nowhere, and for what comes from elsewhere */
export function walk(inputs: Named<Tensor>, outputs: Named<Tensor>): Walked {
  const begin = new Set(inputs.values())
  const nodes = new Set<Node>()
  const tensors = new Set<Tensor>()
  const constants = new Map<Tensor, Tensor>()
  const open = [...outputs.values()]
  for (let t = open.pop(); t; t = open.pop()) {
    if (tensors.has(t)) continue
    tensors.add(t)
    if (begin.has(t) || t.origin.isVariable) continue
    if (t.symbolic === 'input' && !t.node) throw strange(t, inputs)
    if (t.symbolic !== 'input' && !isLive(t)) constants.set(t, t)
    else if (!nodes.has(t.node!)) {
      nodes.add(t.node!)
      open.push(...t.node!.inputs)
    }
  }
  for (const [key, t] of inputs)
    if (!tensors.has(t))
      throw refuse(`${inputNamed(key, t)} is not connected: no output depends on it. Use it, or leave it out.`)
  for (const node of nodes) checkNode(node, tensors)
  for (const t of constants.keys()) {
    if (t.shape.some(following))
      throw refuse(
        `values of shape ${formatShape(t.shape)} cannot follow the batch. Compute them in forward of a layer of your own.`,
      )
    constants.set(t, constant(t.data(), t.shape))
  }
  const ordered = [...nodes].sort((a, b) => a.outputs[0]!.id - b.outputs[0]!.id)
  return { nodes: ordered, tensors, constants }
}

function inputNamed(key: string, t: Tensor): string {
  const name = key || nameOfInput(t)
  return `the input ${name ? `'${name}'` : `of shape ${formatShape(t.shape)}`}`
}

function strange(t: Tensor, inputs: Named<Tensor>): ChainruleError {
  const known = [...inputs].map(([key, own]) => key || nameOfInput(own) || formatShape(own.shape)).join(', ')
  return refuse(
    `an output depends on ${inputNamed('', t)}, which is not one of the inputs (${known}). Give it among them, or compute ` +
      'the outputs from these alone.',
  )
}

/** Whether a tensor without symbolic inputs is computed anew each time: from parameters, or in a size that follows the batch. */
function isLive(t: Tensor): boolean {
  if (t.value || !t.node) return false
  return pendingNodes([t]).some(
    ({ inputs, outputs }) =>
      inputs.some((input) => input.origin.isVariable) || outputs.some(({ shape }) => shape.some(following)),
  )
}

function checkNode(node: Node, tensors: ReadonlySet<Tensor>): void {
  if (callOf(node)) return
  const { operation, attributes, outputs } = node
  const advice = 'Compute it in forward of a layer of your own.'
  if (!operation.resize && holdsBatch(attributes))
    throw refuse(`the operation '${operation.name}' cannot follow the batch, whose size is not known here. ${advice}`)
  for (const t of outputs)
    if (tensors.has(t) && t.shape.some(isLost))
      throw refuse(`the result of '${operation.name}' has a size that does not follow the batch by a rule. ${advice}`)
}

function holdsBatch(attributes: unknown): boolean {
  if (typeof attributes === 'number') return following(attributes) !== null
  if (typeof attributes !== 'object' || attributes === null) return false
  return Object.values(attributes).some(holdsBatch)
}
