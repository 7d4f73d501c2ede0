/** Layers over time: which states they start from and keep, and what they give. */
import { mul, toFloat } from '../../ops/elementwise.ts'
import { reshape } from '../../ops/movement.ts'
import { max } from '../../ops/reduce.ts'
import { at } from '../../ops/slice.ts'
import { boolean, optional } from '../../options.ts'
import { type State, state } from '../../parameters/state.ts'
import { standsForAny } from '../../tensor/batch.ts'
import { shapeError } from '../../tensor/describing.ts'
import { Tensor } from '../../tensor/graph.ts'
import { constant } from '../../tensor/leaves.ts'
import { formatShape, type Shape } from '../../tensor/shape.ts'
import type { Context } from '../context.ts'
import { Layer, type ShapeOf } from '../layer.ts'
import { checkedMask } from '../masks.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { beforeBuild } from '../whole.ts'
import { type Recurred, type Sequence, sequenceShape, splitSequence } from './sequences.ts'

export interface SequenceOptions extends LayerOptions {
  /** Whether the outputs of all steps are given, [batch, t, units]; default false: the last one, [batch, units]. */
  returnSequences?: boolean
  /** Whether the last state is given, too: { output, hidden, ... }; default false. */
  returnState?: boolean
  /** From the last step to the first; outputs are in that order. Default false. */
  goBackwards?: boolean
  /**
   * Whether a batch starts from the state in which the batch before ended, sample by sample; default false. Its size is then
   * that of the first batch. `resetStates()` starts anew.
   */
  stateful?: boolean
}

export const sequenceTable = {
  returnSequences: optional(boolean, false),
  returnState: optional(boolean, false),
  goBackwards: optional(boolean, false),
  stateful: optional(boolean, false),
  ...layerTable,
}

type Flags = Required<Pick<SequenceOptions, 'returnSequences' | 'returnState' | 'goBackwards' | 'stateful'>>

export interface RunResult {
  /** Of all steps, [batch, t, ...], in the order of the input. */
  readonly outputs: Tensor
  readonly last: Tensor
  readonly states: Readonly<Record<string, Tensor>>
}

export abstract class SequenceLayer<S extends string, R extends boolean> extends Layer<Sequence<S>, Recurred<S, R>> {
  /** Lists, or tensors by name, too. */
  static readonly takesSeveral: boolean = true
  /** Where a stateful layer's last batch ended. */
  readonly memory: State[] = []
  readonly #flags: Flags
  // A half of `bidirectional`: the outputs are in the order of the input, and zeros where it is masked.
  #isHalf = false

  constructor(options: Flags & object) {
    super(options)
    this.#flags = options
  }

  /** @internal a layer with the same options, as one direction of `bidirectional` */
  half(goBackwards: boolean): SequenceLayer<S, R> {
    const { name: _, ...options } = this.copyOptions()
    const made = this.restoration().maker.make({ ...options, goBackwards }) as SequenceLayer<S, R>
    made.#isHalf = true
    return made
  }

  /** The options for another layer like this one; with copies of what has weights. */
  protected copyOptions(): Readonly<Record<string, unknown>> {
    return this.options
  }

  /** From the last step to the first. */
  protected get isReversed(): boolean {
    return this.#flags.goBackwards
  }

  /** The shape of one sample's state, by name. */
  protected abstract sampleStates(): Readonly<Record<string, Shape>>

  /** Makes the weights for sequences [batch, t, ...]. */
  protected abstract buildFor(shape: Shape): void

  /** Describes all steps. @param states those to start from; null for zeros */
  protected abstract run(input: Tensor, states: Readonly<Record<string, Tensor>> | null, context: Context): RunResult

  protected override build(given: ShapeOf<Sequence<S>>): void {
    this.buildFor(sequenceShape(this.type, given))
  }

  /** Sets the states that a stateful layer keeps to zero. */
  resetStates(): void {
    for (const kept of this.memory) kept.set(constant(new Float32Array(kept.size()), kept.shape))
  }

  protected override forward(x: Sequence<S>, context: Context): Recurred<S, R> {
    const { returnSequences, returnState, goBackwards, stateful } = this.#flags
    const shapes = this.sampleStates()
    const { input, states: given } = splitSequence(this.type, x, shapes)
    // In a graph any batch has the same description, and no state yet.
    const kept = stateful && !standsForAny(input.size(0)) ? this.#remembered(input.size(0)) : null
    const { outputs, last, states } = this.run(input, given ?? kept, context)
    if (kept) for (const [i, name] of Object.keys(shapes).entries()) context.update(this.memory[i]!, states[name]!)
    const output = returnSequences
      ? this.#ordered(outputs, context.mask, goBackwards)
      : this.#seen(last, given ?? kept, context.mask)
    return (returnState ? { output, ...states } : output) as Recurred<S, R>
  }

  #ordered(outputs: Tensor, mask: Tensor | undefined, goBackwards: boolean): Tensor {
    if (!this.#isHalf) return goBackwards ? at(outputs, ':', '::-1') : outputs
    if (!mask) return outputs
    return mul(outputs, toFloat(reshape(mask, [...mask.shape, ...outputs.shape.slice(2).map(() => 1)])))
  }

  // As in Keras, the output of a sample without any step is zero, and not the state that it started from.
  #seen(last: Tensor, first: unknown, mask: Tensor | undefined): Tensor {
    if (!mask || !first) return last
    return mul(last, toFloat(reshape(max(mask, { axis: 1 }), [-1, ...last.shape.slice(1).map(() => 1)])))
  }

  /** The states of the batch before, which are made for the first one. */
  #remembered(batch: number): Readonly<Record<string, Tensor>> {
    const samples = Object.entries(this.sampleStates())
    if (this.memory.length === 0) {
      beforeBuild(this, () => {})
      this.memory.push(...samples.map(([, sample]) => state([batch, ...sample])))
    }
    const own = this.memory[0]!
    if (own.size(0) !== batch)
      throw shapeError(
        this.type,
        `it is stateful and keeps the state ${formatShape(own.shape)} of batches of ${own.size(0)}, got a batch of ${batch}. ` +
          'All batches must have the size of the first one, the last batch of an epoch too.',
      )
    return Object.fromEntries(samples.map(([name], i) => [name, this.memory[i]!]))
  }

  protected override acceptMask(x: Sequence<S>, mask: Tensor): Tensor {
    return checkedMask(mask, x instanceof Tensor ? x : (x as { readonly input: Tensor }).input)
  }

  protected override computeMask(_x: Sequence<S>, mask: Tensor | undefined): Tensor | undefined {
    const { returnSequences, goBackwards } = this.#flags
    if (!mask || !returnSequences) return undefined
    return goBackwards && !this.#isHalf ? at(mask, ':', '::-1') : mask
  }
}
