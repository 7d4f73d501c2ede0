/** What `compile` makes: loss, metrics, optimizer state, and the programs of a model over data sets. */
import type { Dataset } from '../data/dataset.ts'
import { inSlices, type Sliced } from '../data/slices.ts'
import { ChainruleError } from '../errors.ts'
import { tensorsOf } from '../layers/inputs.ts'
import { type AnyLayer, frozenLayers, trainableParameters } from '../layers/layer.ts'
import { mapNamed, type Named } from '../named.ts'
import { checkFinite } from '../ops/check.ts'
import { add } from '../ops/elementwise.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { Parameter } from '../parameters/parameter.ts'
import { LruCache } from '../program/cache.ts'
import { debugging } from '../program/debug.ts'
import { takeLosses } from '../program/effects.ts'
import { isOutdated } from '../program/encode.ts'
import { penalty } from '../regularizers.ts'
import { pendingNodes } from '../tensor/apply.ts'
import { full } from '../tensor/create.ts'
import { inPart } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { feed } from '../tensor/leaves.ts'
import type { DType, Shape } from '../tensor/shape.ts'
import { type StepInputs, StepProgram, signature } from './feeds.ts'
import { checkInputs, checkLabels, targetsOf } from './labels.ts'
import { describeScores, type Objective, scoreName, scoreNames } from './objective.ts'
import { columnsOf, type Numbers, rowOf } from './rows.ts'
import { OptimizerState } from './state.ts'

// Programs kept per model: full and partial batches of training, validation and evaluation.
const remembered = 16

export class Training {
  readonly objectives: readonly Objective[]
  readonly state: OptimizerState
  /** Names of the numbers that a scored batch reports, in order. */
  readonly names: readonly string[]
  /** What metrics keep of the training targets, by score. */
  readonly constants = new Map<string, number>()
  /** Epochs begun since the optimizer started, and the steps done of the last one if it was stopped before its end. */
  epoch = 0
  stepInEpoch = 0
  readonly #model: AnyLayer
  readonly #takes: () => Named<DType>
  // Whether something is added to the loss of the data: regularizers, or what layers add.
  #penalized: boolean
  readonly #programs = new LruCache<StepProgram>(remembered, ({ compiled }) => isOutdated(compiled))
  /** The shape of one sample of each output, once a program has been described. */
  #outputs: Named<Shape> = new Map()
  readonly #checked = new WeakSet<Dataset>()

  /** @param takes the dtypes of the inputs, by name; those that it does not name are taken as they are */
  constructor(model: AnyLayer, optimizer: Optimizer, objectives: readonly Objective[], takes: () => Named<DType>) {
    this.#model = model
    this.#takes = takes
    this.objectives = objectives
    this.state = new OptimizerState(optimizer, model.parameters())
    this.names = scoreNames(objectives)
    this.#penalized = this.#model.sublayers().some((layer) => layer.regularization().length > 0)
  }

  /** Takes over how far another one has come. */
  restore(from: Pick<Training, 'epoch' | 'stepInEpoch' | 'constants'> & { state: { step: number } }): void {
    this.state.step = from.state.step
    this.epoch = from.epoch
    this.stepInEpoch = from.stepInEpoch
    for (const [name, value] of from.constants) this.constants.set(name, value)
  }

  /** Lets metrics see the targets, once: at the first data that the model is trained or scored on. */
  *prepare(dataset: Dataset): Sliced<void> {
    for (const { output, metrics } of this.objectives)
      for (const metric of metrics) {
        const name = scoreName(output, metric.name)
        if (!metric.prepare || this.constants.has(name) || !dataset.y?.has(output)) continue
        this.constants.set(name, metric.prepare(yield* targetsOf(dataset, output)))
        yield
      }
  }

  /** Checks labels, once, when a program for them has been described. */
  *check(dataset: Dataset): Sliced<void> {
    if (this.#checked.has(dataset)) return
    yield* checkInputs(dataset, this.#takes())
    yield* checkLabels(dataset, this.objectives, this.#outputs)
    this.#checked.add(dataset)
  }

  /** The program that trains on batches of this size. */
  train(dataset: Dataset, batch: number, debug = debugging()): StepProgram {
    const trainable = trainableParameters(this.#model)
    const frozen = [...this.#model.parameters().values()].map((p) => (trainable.has(p) ? 1 : 0)).join('')
    const key = `train ${frozen} ${frozenLayers(this.#model)}`
    return this.#program(key, dataset, batch, debug, () => this.#trainProgram(dataset, batch, debug))
  }

  #trainProgram(dataset: Dataset, batch: number, debug: boolean): StepProgram {
    const trainable = trainableParameters(this.#model)
    const scalars = feed([this.state.width], 'float64', 'scalars')
    const describe = (inputs: StepInputs) => {
      const { loss, numbers } = this.#describe(inputs, 'train')
      const penalty = inPart('penalty', () => this.#penalty(takeLosses()))
      const total = penalty ? inPart('loss', () => add(loss, penalty)) : loss
      const parts = penalty ? [total, loss, penalty] : [total]
      const names = penalty ? ['loss', 'dataLoss', 'regularizationLoss', ...this.names.slice(1)] : this.names
      this.#refuseUnknownParameters(total)
      const step = this.state.describe(total, trainable, scalars)
      const row = { numbers: rowOf(parts, numbers), columns: columnsOf(names, [...numbers.counts.keys()]) }
      return { ...row, checks: [inPart('loss', () => checkFinite(total, 'loss'))], ...step }
    }
    return new StepProgram(dataset, batch, scalars, describe, { takes: this.#takes(), debug })
  }

  /** The program that scores batches of this size. */
  score(dataset: Dataset, batch: number): StepProgram {
    return this.#program('score', dataset, batch, debugging(), () => this.#scoreProgram(dataset, batch))
  }

  #scoreProgram(dataset: Dataset, batch: number): StepProgram {
    const describe = (inputs: StepInputs) => {
      const { loss, numbers } = this.#describe(inputs, 'predict')
      return { numbers: rowOf([loss], numbers), columns: columnsOf(this.names, [...numbers.counts.keys()]) }
    }
    return new StepProgram(dataset, batch, null, describe, { takes: this.#takes() })
  }

  /**
   * A program that nobody else runs: its times are to be measured. What metrics see in these targets is not kept for
   * later trainings.
   */
  async unshared(mode: 'train' | 'evaluate', dataset: Dataset, batch: number): Promise<StepProgram> {
    const kept = [...this.constants]
    try {
      await inSlices(this.prepare(dataset))
      return mode === 'train' ? this.#trainProgram(dataset, batch, debugging()) : this.#scoreProgram(dataset, batch)
    } finally {
      this.constants.clear()
      for (const [name, value] of kept) this.constants.set(name, value)
    }
  }

  #program(kind: string, dataset: Dataset, batch: number, debug: boolean, make: () => StepProgram): StepProgram {
    const takes = [...this.#takes().values()].join()
    const key = `${kind} ${batch} ${signature(dataset)} ${takes} ${debug}`
    let program = this.#programs.get(key)
    if (!program) this.#programs.set(key, (program = make()))
    return program
  }

  #describe(inputs: StepInputs, mode: 'train' | 'predict'): { loss: Tensor; numbers: Numbers } {
    const outputs = tensorsOf(this.#model.apply(inputs.x, { mode }))
    this.#outputs = mapNamed(outputs, ({ shape }) => shape.slice(1))
    return describeScores(this.objectives, inputs, outputs, this.constants)
  }

  /** The sum of all penalties and of what layers add, or null where nothing is ever added. */
  #penalty(added: readonly Tensor[]): Tensor | null {
    if (added.length > 0 && !this.#penalized) {
      // Programs from before tell no penalty: those of one training must tell the same.
      this.#programs.clear()
      this.#penalized = true
    }
    let total: Tensor | null = added.length > 0 ? added.reduce((a, b) => add(a, b)) : null
    for (const layer of this.#model.sublayers())
      for (const [p, regularizer] of layer.regularization()) {
        const own = penalty(p, regularizer)
        total = total ? add(total, own) : own
      }
    return total ?? (this.#penalized ? full([], 0) : null)
  }

  #refuseUnknownParameters(loss: Tensor): void {
    const known = new Set(this.#model.parameters().values())
    for (const node of pendingNodes([loss]))
      for (const input of node.inputs)
        if (input instanceof Parameter && !known.has(input))
          throw new ChainruleError(
            'ERR_OPTION',
            `The loss depends on a parameter of shape [${input.shape}] that no public field of the model leads to` +
              `${node.layer ? ` (used in ${node.layer})` : ''}. Assign it, or its layer, to a field in the constructor or in build.`,
            node.layer ? { layer: node.layer } : {},
          )
  }
}
