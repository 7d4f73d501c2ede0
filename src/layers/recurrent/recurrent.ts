/** What the built-in recurrent layers share: their options, their weights, and one operation through all time. */
import { type Activation, activationFunction, activationOption, activationParts } from '../../activations.ts'
import type { Constraint } from '../../constraints.ts'
import { type Initializer, type InitializerName, initializers } from '../../initializers.ts'
import { cast, mul } from '../../ops/elementwise.ts'
import { linear, matmul } from '../../ops/matmul.ts'
import { reshape } from '../../ops/movement.ts'
import { randomBernoulli, randomDropout } from '../../ops/random.ts'
import { type RecurrenceInputs, recurrence, recurrenceOfSteps } from '../../ops/recurrence.ts'
import { isRecurrentActivation, type RecurrentActivation, type RecurrentCell } from '../../ops/recurrence-kernels.ts'
import { boolean, number, optional, positiveInteger } from '../../options.ts'
import type { Parameter } from '../../parameters/parameter.ts'
import type { Regularizer } from '../../regularizers.ts'
import { ones } from '../../tensor/create.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape, type Shape } from '../../tensor/shape.ts'
import type { Context } from '../context.ts'
import { makeWeight, penaltiesOf, weightTable } from '../weights.ts'
import { type RunResult, SequenceLayer, type SequenceOptions, sequenceTable } from './sequence-layer.ts'

export interface RecurrentOptions extends SequenceOptions {
  /** Of the new state; default 'tanh'. */
  activation?: Activation
  /** Whether a bias is added; default true. */
  useBias?: boolean
  /** First values of the input's kernel; default 'glorotUniform'. */
  kernelInitializer?: InitializerName | Initializer
  /** First values of the state's kernel; default 'orthogonal'. */
  recurrentInitializer?: InitializerName | Initializer
  /** First values; default 'zeros'. */
  biasInitializer?: InitializerName | Initializer
  kernelRegularizer?: Regularizer
  recurrentRegularizer?: Regularizer
  biasRegularizer?: Regularizer
  kernelConstraint?: Constraint
  recurrentConstraint?: Constraint
  biasConstraint?: Constraint
  /** Which part of the inputs is dropped while training, the same features in all steps; default 0. */
  dropout?: number
  /** Which part of the state is dropped for its products, the same units in all steps; default 0. */
  recurrentDropout?: number
}

export interface GatedOptions extends RecurrentOptions {
  /** Of the gates; default 'sigmoid'. */
  recurrentActivation?: Activation
}

const rate = optional(number({ min: 0, below: 1 }), 0)

export const recurrentTable = {
  units: positiveInteger,
  activation: optional(activationOption, 'tanh'),
  useBias: optional(boolean, true),
  ...weightTable('kernel'),
  ...weightTable('recurrent'),
  ...weightTable('bias'),
  dropout: rate,
  recurrentDropout: rate,
  ...sequenceTable,
}
export const gatedTable = { ...recurrentTable, recurrentActivation: optional(activationOption, 'sigmoid') }

interface Checked {
  readonly units: number
  readonly activation: Activation
  readonly recurrentActivation?: Activation
  readonly useBias: boolean
  readonly biasInitializer?: Initializer | undefined
  readonly dropout: number
  readonly recurrentDropout: number
  readonly returnSequences: boolean
  readonly returnState: boolean
  readonly goBackwards: boolean
  readonly stateful: boolean
}

/** The activation as the kernels take it, null for none; undefined where it is described step by step. */
function knownActivation(activation: Activation): RecurrentActivation | undefined {
  if (activation === 'linear') return null
  const { fused } = activationParts(activation)
  return fused && isRecurrentActivation(fused) ? fused : undefined
}

export abstract class Recurrent<S extends string, R extends boolean> extends SequenceLayer<S, R> {
  /** [features, gates·units] */
  kernel!: Parameter
  /** [units, gates·units] */
  recurrentKernel!: Parameter
  bias: Parameter | null = null
  protected readonly checked: Checked
  readonly #cell: RecurrentCell
  readonly #gates: number

  constructor(checked: Checked, cell: RecurrentCell, gates: number) {
    super(checked)
    Object.defineProperty(this, 'checked', { enumerable: false })
    this.checked = checked
    this.#cell = cell
    this.#gates = gates
  }

  protected override sampleStates(): Readonly<Record<string, Shape>> {
    return { hidden: [this.checked.units] }
  }

  /** The shape of the bias, and its first values, made from those that were asked for. */
  protected biasOf(columns: number, initializer: Initializer): { shape: Shape; initializer: Initializer } {
    return { shape: [columns], initializer }
  }

  protected override buildFor(shape: Shape): void {
    if (shape.length !== 3)
      throw shapeError(this.type, `expected a sequence of shape [batch, t, features], got ${formatShape(shape)}`)
    const { units, useBias, biasInitializer } = this.checked
    const columns = this.#gates * units
    this.kernel = makeWeight('kernel', this.checked, [shape[2]!, columns], 'glorotUniform')
    this.recurrentKernel = makeWeight('recurrent', this.checked, [units, columns], 'orthogonal')
    if (!useBias) return
    const { shape: size, initializer } = this.biasOf(columns, biasInitializer ?? initializers.zeros())
    this.bias = makeWeight('bias', { ...this.checked, biasInitializer: initializer }, size, initializer)
  }

  /** Of the input's product, and where that is another one, of the state's. */
  protected biases(): readonly [Tensor | null, Tensor | null] {
    return [this.bias, null]
  }

  protected override run(
    input: Tensor,
    states: Readonly<Record<string, Tensor>> | null,
    { mode, mask }: Context,
  ): RunResult {
    const { activation, recurrentActivation = 'sigmoid', recurrentDropout, goBackwards } = this.checked
    const [bias, stateBias] = this.biases()
    const drops = mode === 'train' && recurrentDropout > 0
    const inputs: RecurrenceInputs = {
      projections: this.#projections(input, bias, mode === 'train'),
      kernel: this.recurrentKernel,
      bias: stateBias ?? undefined,
      hidden: states?.hidden,
      carry: states?.carry,
      mask,
      kept: drops ? this.#kept(input.size(0)) : undefined,
    }
    const flags = { reversed: goBackwards, scale: drops ? 1 / (1 - recurrentDropout) : 1 }
    const [state, gate] = [activation, recurrentActivation].map(knownActivation)
    const { hidden, carry, outputs } =
      state !== undefined && gate !== undefined
        ? recurrence(this.#cell, inputs, { ...flags, activation: state, gateActivation: gate })
        : recurrenceOfSteps(
            this.#cell,
            inputs,
            [activationFunction(activation), activationFunction(recurrentActivation)],
            flags,
          )
    return { outputs, last: hidden, states: carry ? { hidden, carry } : { hidden } }
  }

  // One product for all steps.
  #projections(input: Tensor, bias: Tensor | null, training: boolean): Tensor {
    const [batch, steps, features] = input.shape as [number, number, number]
    const expected = this.kernel.size(0)
    if (input.rank !== 3 || features !== expected)
      throw shapeError(
        this.type,
        `expected a sequence of shape [batch, t, ${expected}], got ${formatShape(input.shape)}: the layer was built for ` +
          `${expected} features per step`,
      )
    const { dropout } = this.checked
    const x = training && dropout > 0 ? mul(input, randomDropout(ones([batch, 1, features]), dropout)) : input
    const rows = reshape(x, [batch * steps, features])
    const product = bias ? linear(rows, this.kernel, bias) : matmul(rows, this.kernel)
    return reshape(product, [batch, steps, product.size(1)])
  }

  #kept(batch: number): Tensor {
    const { units, recurrentDropout } = this.checked
    return cast(randomBernoulli([batch, units], 1 - recurrentDropout), 'int32')
  }

  override regularization() {
    return penaltiesOf(this.checked, { kernel: this.kernel, recurrent: this.recurrentKernel, bias: this.bias })
  }
}
