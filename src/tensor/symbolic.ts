/** What tensors without values wait for, and how that is handed on from the inputs of an operation to its outputs. */
import { following, unknownBatch } from './batch.ts'
import { describeError } from './describing.ts'
import { formatShape, type Shape } from './shape.ts'

/**
 * `fed`: it has a value when a program runs. `input`: never; it belongs to a graph of layers, which is described again for
 * each batch.
 */
export type Symbolic = 'fed' | 'input'

interface Input {
  readonly shape: Shape
  readonly symbolic: Symbolic | null
  readonly value: ArrayLike<number> | null
}

/**
 * What an operation on these inputs waits for.
 * @param draws whether it draws anew in each step
 */
export function symbolicOf(operation: string, draws: boolean, inputs: readonly Input[]): Symbolic | null {
  const isFed = draws || inputs.some((t) => t.symbolic === 'fed')
  const ofGraph = inputs.find((t) => t.symbolic === 'input')
  if (!ofGraph) return isFed ? 'fed' : null
  if (isFed)
    throw describeError(
      'ERR_NOT_FED',
      operation,
      `a tensor of shape ${formatShape(ofGraph.shape)} belongs to a graph of layers, which begins with input(...): it has ` +
        'no values here. Give it to the layer as one of its inputs, or make a model of the graph and apply that.',
    )
  for (const { shape, value } of inputs) if (value && shape.length === 0) refuseBatchAsNumber(operation, value[0]!)
  return 'input'
}

/** A size that was taken from the shape of a symbolic tensor and is computed with would be another batch than the real one. */
function refuseBatchAsNumber(operation: string, value: number): void {
  for (const n of [value, 1 / value]) {
    const found = following(Math.round(Math.abs(n)))
    if (found && Math.abs(found.plus) < unknownBatch * 1e-5)
      throw describeError(
        'ERR_DATA',
        operation,
        `the number ${value} comes from the batch, which is not known while a graph of layers is described. Use mean(), ` +
          'which needs no number, or compute it in forward of a layer of your own.',
      )
  }
}
