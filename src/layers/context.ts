/** What a layer knows, and may ask for, while it is described. */

import { toFloat } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import { describeValue } from '../options.ts'
import { State } from '../parameters/state.ts'
import { collecting, currentEffects, type Effects } from '../program/effects.ts'
import { applyAll, pendingNodes } from '../tensor/apply.ts'
import { describeError, isTracing, shapeError } from '../tensor/describing.ts'
import { hooks, Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'

/** 'train' draws dropout masks and the like; 'predict' does not. */
export type Mode = 'train' | 'predict'

export interface Context {
  readonly mode: Mode
  /** Whether training may change this layer: neither it nor a layer around it is frozen. */
  readonly trainable: boolean
  /** Which steps of the input count, int32 [batch, t]: 1, or 0 for padding; undefined where all do. See `computeMask`. */
  readonly mask: Tensor | undefined
  /**
   * Names the next value of a state of this layer. It is written when the step is done, so that all of the step reads the
   * old value, and a step that fails leaves it as it was. Outside of programs it is written after the outermost `apply`.
   * @throws ERR_SHAPE for another shape or dtype, ERR_OPTION for a second value in one call, or for a state that no public
   *   field of this layer leads to
   */
  update(state: State, value: Tensor): void
  /**
   * Adds to the loss while the layer is trained, by `fit` or `trainStep`: a scalar, or [batch], which is averaged. `fit`
   * shows it in `regularizationLoss`. Elsewhere it does nothing.
   */
  addLoss(value: Tensor): void
}

let mode: Mode = 'predict'

/** Describes with layers in this mode, unless `apply` names another. */
export function inMode<T>(next: Mode, f: () => T): T {
  const before = mode
  mode = next
  try {
    return f()
  } finally {
    mode = before
  }
}

let frozen = false

/** Describes a layer, and with it those inside of it, which are frozen with it. */
export function inside<T>(layer: { readonly trainable: boolean }, f: () => T): T {
  const before = frozen
  frozen ||= !layer.trainable
  try {
    return f()
  } finally {
    frozen = before
  }
}

/** The context of a layer that is described now. */
export function contextOf(layer: { states(): ReadonlyMap<string, State> }, mask?: Tensor): Context {
  const begin = new Tensor({ shape: [], dtype: 'float32' }, {}).id
  const named = new Set<State>()
  return {
    mode,
    trainable: !frozen,
    mask,
    update(state, value) {
      checkUpdate(state, value)
      if (![...layer.states().values()].includes(state))
        throw describeError(
          'ERR_OPTION',
          'update',
          'no public field of this layer leads to the state, so it could not be saved. Assign it to a field in the ' +
            'constructor or in build.',
        )
      if (named.has(state))
        throw describeError('ERR_OPTION', 'update', 'the state has a next value already: one update per call')
      named.add(state)
      const updates = currentEffects()?.updates
      const before = updates?.get(state)
      updates?.set(state, before ? startingFrom(before, state, value, begin) : value)
    },
    addLoss(value) {
      if (!(value instanceof Tensor) || value.rank > 1)
        throw shapeError(
          'addLoss',
          `expected a scalar or one number per sample, [batch], got ${value instanceof Tensor ? formatShape(value.shape) : describeValue(value)}`,
        )
      currentEffects()?.losses.push(value.rank === 0 ? toFloat(value) : mean(value))
    },
  }
}

function checkUpdate(state: unknown, value: unknown): void {
  if (!(state instanceof State))
    throw describeError('ERR_OPTION', 'update', `expected what state(shape) made, got ${describeValue(state)}`)
  if (!(value instanceof Tensor))
    throw describeError('ERR_OPTION', 'update', `expected a tensor as the next value, got ${describeValue(value)}`)
  if (value.dtype !== state.dtype || !sameShape(value.shape, state.shape))
    throw shapeError(
      'update',
      `the state is ${state.dtype} ${formatShape(state.shape)}, its next value ${value.dtype} ${formatShape(value.shape)}`,
    )
}

/**
 * The next value that a layer names when it is called again in a step: what this call computes from the state, it computes
 * from the value that the call before named.
 */
function startingFrom(before: Tensor, state: State, value: Tensor, begin: number): Tensor {
  const copies = new Map<Tensor, Tensor>()
  const copyOf = (t: Tensor) => (t.origin === state ? before : (copies.get(t) ?? t))
  for (const { operation, inputs, attributes, outputs } of pendingNodes([value])) {
    const isOlder = outputs[0]!.id < begin
    if (isOlder || inputs.every((t) => copyOf(t) === t)) continue
    const made = applyAll(operation, inputs.map(copyOf), attributes)
    for (const [i, output] of outputs.entries()) copies.set(output, made[i]!)
  }
  return copyOf(value)
}

/** Outside of programs the states have their next values as soon as the outermost layer is described. */
export function settingStates<T>(f: () => T): T {
  if (isTracing() || currentEffects()) return f()
  const { result, effects } = collecting(f)
  setStates(effects)
  return result
}

function setStates({ updates }: Effects): void {
  const next = [...updates].map(([state, value]) => [state as State, hooks.read(apart(value)).slice()] as const)
  for (const [state, values] of next) state.set(constant(values, state.shape))
}

/** The same computation again: reading it drops its past, and gradients want that of the layer's output. */
function apart(tensor: Tensor): Tensor {
  const copies = new Map<Tensor, Tensor>()
  const copyOf = (t: Tensor) => copies.get(t) ?? t
  for (const { operation, inputs, attributes, outputs } of pendingNodes([tensor])) {
    const made = applyAll(operation, inputs.map(copyOf), attributes)
    for (const [i, output] of outputs.entries()) copies.set(output, made[i]!)
  }
  return copyOf(tensor)
}
