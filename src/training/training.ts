/** What `compile` makes: loss, metrics, optimizer state, and the programs of a model over data sets. */
import type { Dataset } from '../data/dataset.ts'
import { ChainruleError } from '../errors.ts'
import { type Layer, trainableParameters } from '../layers/layer.ts'
import { type LossFunction, traitsOf } from '../losses/index.ts'
import { meanOf, type Scorer } from '../metrics/index.ts'
import { checkFinite } from '../ops/check.ts'
import { add, div, mul } from '../ops/elementwise.ts'
import { mean, sum } from '../ops/reduce.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { Parameter } from '../parameters/parameter.ts'
import { LruCache } from '../program/cache.ts'
import { debugging } from '../program/debug.ts'
import { takeLosses } from '../program/effects.ts'
import { isOutdated } from '../program/encode.ts'
import { penalty } from '../regularizers.ts'
import { full } from '../tensor/create.ts'
import { inPart } from '../tensor/describing.ts'
import { feed, pendingNodes, type Tensor } from '../tensor/graph.ts'
import { type StepInputs, StepProgram, signature } from './feeds.ts'
import { OptimizerState } from './state.ts'

// Programs kept per model: full and partial batches of training, validation and evaluation.
const remembered = 16

export class Training {
  readonly loss: LossFunction
  readonly metrics: readonly Scorer[]
  readonly state: OptimizerState
  /** Names of the numbers that a scored batch reports, in order. */
  readonly names: readonly string[]
  /** What metrics keep of the training targets. */
  readonly constants = new Map<string, number>()
  /** Epochs begun since the optimizer started, and the steps done of the last one if it was stopped before its end. */
  epoch = 0
  stepInEpoch = 0
  readonly #model: Layer
  // Whether something is added to the loss of the data: regularizers, or what layers add.
  #penalized: boolean
  readonly #programs = new LruCache<StepProgram>(remembered, ({ compiled }) => isOutdated(compiled))
  readonly #checked = new WeakSet<Dataset>()

  constructor(model: Layer, optimizer: Optimizer, loss: LossFunction, metrics: readonly Scorer[]) {
    this.#model = model
    this.loss = loss
    this.metrics = metrics
    this.state = new OptimizerState(optimizer, model.parameters())
    const own = metrics.map((m) => m.name)
    this.names = ['loss', ...own]
    this.#penalized = model.sublayers().some((layer) => layer.regularization().length > 0)
  }

  /** And a training step, once it has been described: with penalties their part is told apart. */
  get trainNames(): readonly string[] {
    if (!this.#penalized) return this.names
    return ['loss', 'dataLoss', 'regularizationLoss', ...this.names.slice(1)]
  }

  /** Takes over how far another one has come. */
  restore(from: Pick<Training, 'epoch' | 'stepInEpoch' | 'constants'> & { state: { step: number } }): void {
    this.state.step = from.state.step
    this.epoch = from.epoch
    this.stepInEpoch = from.stepInEpoch
    for (const [name, value] of from.constants) this.constants.set(name, value)
  }

  /**
   * Checks that labels are of the kind that the loss takes, where no shape and no kernel tells, and lets metrics see the
   * targets, once: at the first data that the model is trained or scored on.
   */
  prepare(dataset: Dataset): void {
    this.#checkProbabilities(dataset)
    for (const { name, prepare } of this.metrics)
      if (prepare && !this.constants.has(name)) this.constants.set(name, prepare(dataset.targets()))
  }

  #checkProbabilities(dataset: Dataset): void {
    if (!dataset.y || this.#checked.has(dataset) || !traitsOf(this.loss).probabilities(dataset.y.shape)) return
    const labels = dataset.targets()
    const wrong = labels.findIndex((p) => p < 0 || p > 1)
    if (wrong >= 0) {
      const sample = Math.floor(wrong / (labels.length / dataset.length))
      throw new ChainruleError(
        'ERR_DATA',
        `the labels of a cross-entropy are probabilities from 0 to 1, but sample ${sample} has ${labels[wrong]}. Class ` +
          "numbers go with 'categoricalCrossentropy' and one output per class, quantities with 'meanSquaredError'.",
      )
    }
    this.#checked.add(dataset)
  }

  /** The program that trains on batches of this size. */
  train(dataset: Dataset, batch: number, debug = debugging()): StepProgram {
    const trainable = trainableParameters(this.#model)
    const frozen = [...this.#model.parameters().values()].map((p) => (trainable.has(p) ? 1 : 0)).join('')
    const key = `train ${frozen}`
    return this.#program(key, dataset, batch, debug, () => this.#trainProgram(dataset, batch, debug))
  }

  #trainProgram(dataset: Dataset, batch: number, debug: boolean): StepProgram {
    const trainable = trainableParameters(this.#model)
    const scalars = feed([this.state.width], 'float64', 'scalars')
    const describe = (inputs: StepInputs) => {
      const { loss, numbers } = this.#score(inputs, 'train')
      const penalty = inPart('penalty', () => this.#penalty(takeLosses()))
      const total = penalty ? inPart('loss', () => add(loss, penalty)) : loss
      const parts = penalty ? [total, loss, penalty] : [total]
      this.#refuseUnknownParameters(total)
      const step = this.state.describe(total, trainable, scalars)
      return { numbers: [...parts, ...numbers], checks: [inPart('loss', () => checkFinite(total, 'loss'))], ...step }
    }
    return new StepProgram(dataset, batch, scalars, describe, debug)
  }

  /** The program that scores batches of this size. */
  score(dataset: Dataset, batch: number): StepProgram {
    return this.#program('score', dataset, batch, debugging(), () => this.#scoreProgram(dataset, batch))
  }

  #scoreProgram(dataset: Dataset, batch: number): StepProgram {
    const describe = (inputs: StepInputs) => {
      const { loss, numbers } = this.#score(inputs, 'predict')
      return { numbers: [loss, ...numbers] }
    }
    return new StepProgram(dataset, batch, null, describe)
  }

  /**
   * A program that nobody else runs: its times are to be measured. What metrics see in these targets is not kept for
   * later trainings.
   */
  unshared(mode: 'train' | 'evaluate', dataset: Dataset, batch: number): StepProgram {
    const kept = [...this.constants]
    try {
      this.prepare(dataset)
      return mode === 'train' ? this.#trainProgram(dataset, batch, debugging()) : this.#scoreProgram(dataset, batch)
    } finally {
      this.constants.clear()
      for (const [name, value] of kept) this.constants.set(name, value)
    }
  }

  #program(kind: string, dataset: Dataset, batch: number, debug: boolean, make: () => StepProgram): StepProgram {
    const key = `${kind} ${batch} ${signature(dataset)} ${debug}`
    let program = this.#programs.get(key)
    if (!program) this.#programs.set(key, (program = make()))
    return program
  }

  #score({ x, y, weight }: StepInputs, mode: 'train' | 'predict'): { loss: Tensor; numbers: Tensor[] } {
    const predicted = this.#model.apply(x, { mode })
    const loss = inPart('loss', () => {
      const perSample = this.loss(y, predicted)
      return weight ? div(sum(mul(perSample, weight)), x.shape[0]!) : mean(perSample)
    })
    const scores = (m: Scorer) => meanOf(m, y, predicted, this.constants.get(m.name) ?? 0)
    return { loss, numbers: this.metrics.map((m) => inPart(m.name, () => scores(m))) }
  }

  /** The sum of all penalties and of what layers add, or null where nothing is ever added. */
  #penalty(added: readonly Tensor[]): Tensor | null {
    this.#penalized ||= added.length > 0
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
