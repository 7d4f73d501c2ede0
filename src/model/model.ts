import { type Data, type Dataset, datasetOf } from '../data/dataset.ts'
import { register } from '../descriptions/registry.ts'
import { ChainruleError } from '../errors.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { readBytes } from '../files/read.ts'
import type { Tree } from '../gradient.ts'
import type { Context } from '../layers/context.ts'
import { Layer } from '../layers/layer.ts'
import type { Restoration } from '../layers/restoration.ts'
import { type AnyLoss, lossOf, traitsOf } from '../losses/index.ts'
import { type AnyMetric, metricOf, scorersOf } from '../metrics/index.ts'
import { structured } from '../named.ts'
import { type Optimizer, optimizerOf } from '../optimizers/index.ts'
import { checkOptions, listOf, optional } from '../options.ts'
import { Block } from '../parameters/block.ts'
import { refuseWritten } from '../program/claims.ts'
import { printProgram } from '../program/print.ts'
import type { Profile } from '../reports/profile.ts'
import { type Profiled, type ProfileOptions, profileModel, profileTable } from '../reports/profiling.ts'
import { createProgress } from '../reports/progress.ts'
import { summarize } from '../reports/summary.ts'
import { cloneModel } from '../saving/clone.ts'
import { customMakers } from '../saving/custom.ts'
import { getParameters, parametersFrom, parametersToBytes, setParameters } from '../saving/parameters.ts'
import { restore } from '../saving/restore.ts'
import { bytesOf } from '../saving/save.ts'
import type { Saveable } from '../saving/saveable.ts'
import { checkedRate } from '../schedules.ts'
import { randomSeed } from '../seeds.ts'
import type { TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/graph.ts'
import type { Shape } from '../tensor/shape.ts'
import { checkedShape } from '../tensor/sizes.ts'
import type { Callback, History } from '../training/callbacks.ts'
import { classesOf } from '../training/classes.ts'
import { evaluate, type Scores } from '../training/evaluate.ts'
import { Fit } from '../training/fit.ts'
import {
  type CompileOptions,
  type FitOptions,
  fitTable,
  type RunOptions,
  runTable,
  type ScoresOf,
} from '../training/options.ts'
import { trainingParts } from '../training/parts.ts'
import { Predictor } from '../training/predict.ts'
import { Training } from '../training/training.ts'
import {
  buildFor,
  buildForAnyBatch,
  FirstValues,
  type Inputs,
  refuseOtherSamples,
  sampleShapes,
  withBatch,
} from './build.ts'
import { nameLayers } from './names.ts'
import { type LoadOptions, loadTable, type ModelOptions, modelTable, refuseOwnMethods } from './options.ts'

/**
 * Layers in a row, with training around them.
 *
 * Weights are made when the model first sees data, or by `build`. Everything that computes off the calling thread
 * returns a promise.
 */
export class Model<S extends { loss: number } = Scores> extends Layer {
  static readonly type: string = 'model'
  /** The layers, in order. */
  readonly stack: readonly Layer[]
  readonly seed: number
  #inputs: Inputs | null = null
  #training: Training | null = null
  #compiled: CompileOptions | null = null
  #busy: (() => string) | null = null
  #predictor: Predictor | null = null

  constructor(layers: readonly Layer[], options: ModelOptions = {}) {
    const checked = checkOptions('Model', options, modelTable)
    super({ name: checked.name })
    if (!Array.isArray(layers) || layers.length === 0 || !layers.every((l) => l instanceof Layer))
      throw new ChainruleError(
        'ERR_OPTION',
        'Model: expected a list of layers, for example new Model([dense(64, { activation: "relu" }), dense(10)])',
      )
    this.stack = Object.freeze([...layers]) as readonly Layer[]
    this.seed = checked.seed ?? randomSeed()
    nameLayers(this.stack)
  }

  override children() {
    return this.stack.map((layer): [string, Layer<Tree, Tree>] => [layer.name, layer as unknown as Layer<Tree, Tree>])
  }

  protected override forward(x: Tensor, _context: Context): Tensor {
    return this.stack.reduce((value, layer) => layer.apply(value), x)
  }

  /** The shape of one sample, or null before the model has seen data. */
  get inputShape(): Shape | null {
    return this.#inputs ? (structured(sampleShapes(this.#inputs)) as Shape) : null
  }

  /** @internal what the model was described with when its weights were made */
  get inputs(): Inputs | null {
    return this.#inputs
  }

  // A model has no parameters of its own: its layers build themselves when they are applied.
  protected override prepare(): void {}

  /** @internal */
  override restoration(): Restoration {
    refuseOwnMethods(this.constructor, Model)
    return { maker, options: { layers: this.stack, seed: this.seed } }
  }

  // The outermost model goes without saying.
  protected override scope(): string {
    return this.name
  }

  /**
   * Makes the weights. `fit`, `evaluate` and `predict` do it by themselves, with the batch that they take.
   * @param inputShape the shape of one sample, without the batch
   */
  override build(inputShape: Shape): void {
    const samples = new Map([['', checkedShape('build', inputShape, 1)]])
    if (this.#inputs) refuseOtherSamples(this.#inputs, samples)
    else this.#built(buildForAnyBatch(this as never, samples, new FirstValues(this.seed)))
  }

  /** @internal the same for a batch that is known */
  buildFor(inputs: Inputs): void {
    if (this.#inputs) {
      refuseOtherSamples(this.#inputs, sampleShapes(inputs))
      return
    }
    buildFor(this as never, inputs, new FirstValues(this.seed))
    this.#built(inputs)
  }

  /** @internal describes it without giving anything first values; `fill` does that */
  buildWith(inputs: Inputs, fill: () => void): void {
    buildFor(this as never, inputs, null)
    fill()
    this.#built(inputs)
  }

  #built(inputs: Inputs): void {
    if (this.parameters().size > 0) Block.holding(this.parameters())
    this.#inputs = inputs
  }

  /** Sets how the model is trained and scored. The optimizer starts anew. Returns the model, typed by its metrics. */
  compile<const M extends readonly AnyMetric[] = readonly AnyMetric[]>(options: CompileOptions<M>): Model<ScoresOf<M>> {
    this.#refuseWhileBusy('compile')
    const { optimizer, loss, metrics } = checkOptions('compile', options, {
      optimizer: (value: unknown) => optimizerOf(value, 'compile'),
      loss: (value: unknown) => lossOf(value as AnyLoss),
      metrics: optional((value, subject) => listOf(value, subject, "['accuracy']").map(metricOf), []),
    })
    this.#compiled = { ...options, optimizer, metrics } as unknown as CompileOptions
    const scorers = scorersOf(metrics, loss)
    this.#training = null
    this.#rate = null
    this.#makeTraining = () => new Training(this, optimizer, loss, scorers)
    return this as unknown as Model<ScoresOf<M>>
  }

  #makeTraining: (() => Training) | null = null
  // Set before there is anything to train.
  #rate: number | null = null

  /** How it was compiled, or null. */
  get compiled(): CompileOptions | null {
    return this.#compiled
  }

  /** @internal the training state, for a built model */
  trainingFor(call: string): Training {
    if (!this.#makeTraining) throw notCompiled(call)
    if (!this.#training) {
      this.#training = this.#makeTraining()
      this.#training.state.rate = this.#rate
    }
    return this.#training
  }

  /**
   * The learning rate of the next step. Setting it overrides the optimizer's, before decay, until `compile` is called;
   * it is saved with the model.
   */
  get learningRate(): number {
    if (this.#training) return this.#training.state.learningRate
    return this.#rate ?? this.#optimizer('learningRate').learningRate(0)
  }

  set learningRate(rate: number) {
    this.#optimizer('learningRate')
    this.#rate = checkedRate(rate)
    if (this.#training) this.#training.state.rate = this.#rate
  }

  /** @internal a learning rate that was set, or null */
  get ownRate(): number | null {
    return this.#training ? this.#training.state.rate : this.#rate
  }

  #optimizer(call: string): Optimizer {
    if (!this.#compiled) throw notCompiled(call)
    return this.#compiled.optimizer as Optimizer
  }

  /** @internal the training state if there is one */
  get training(): Training | null {
    return this.#training
  }

  /**
   * Trains in the background.
   * @param data a `Dataset`, or `{ x, y }`, which is copied
   * @throws ERR_DATA, ERR_SHAPE for data that do not fit; ERR_NOT_FINITE when the loss is no finite number; ERR_BUSY
   *   while the model is being trained. The model stays as it was after the last whole step.
   */
  async fit(data: Data, options: FitOptions<S> = {}): Promise<History<S>> {
    const o = checkOptions('fit', options, fitTable)
    this.#refuseWhileBusy('fit')
    const progress = createProgress(o.progress)
    const [dataset, validation] = trainingParts(data, o.validation as Data | number | undefined)
    this.#buildFor(dataset, o.batchSize)
    const training = this.trainingFor('fit')
    const callbacks = o.callbacks as unknown as readonly Callback<S>[]
    const plan = { ...o, dataset, validation, callbacks, progress, seed: this.seed }
    this.#busy = () => `training is at step ${training.state.step}`
    try {
      return await new Fit<S & Scores>(training, plan as never).run()
    } finally {
      this.#busy = null
    }
  }

  /** Loss and metrics over data, without training: no dropout, no penalties. */
  async evaluate(data: Data, options: RunOptions = {}): Promise<S> {
    const { batchSize, signal } = checkOptions('evaluate', options, runTable)
    const dataset = datasetOf(data)
    this.#buildFor(dataset, batchSize)
    return (await evaluate(this.trainingFor('evaluate'), dataset, batchSize, signal)) as unknown as S
  }

  /** The outputs for samples [n, ...]. While the model is being trained, with the weights between two steps. */
  async predict(x: TensorLike | Dataset, options: RunOptions = {}): Promise<Tensor> {
    const { batchSize, signal } = checkOptions('predict', options, runTable)
    return await this.#predicting(x, batchSize).run(x, batchSize, signal)
  }

  /**
   * The predicted classes as int32: after a softmax the argmax of each row, [n]; after sigmoids 1 where an output is
   * above 0.5, else 0, in the shape of the outputs. What other models give is judged by the cross-entropy that they are
   * compiled with, `fromLogits` or not.
   * @throws ERR_OPTION for a regression
   */
  async predictClasses(x: TensorLike | Dataset, options: RunOptions = {}): Promise<Tensor> {
    const outputs = await this.predict(x, options)
    const loss = this.#compiled?.loss
    return classesOf(outputs, this.#predictor?.meaning ?? null, loss === undefined ? null : traitsOf(lossOf(loss)))
  }

  /** As `predict`, on this thread: for a few samples, the fastest way. */
  predictSync(x: TensorLike): Tensor {
    return this.#predicting(x).runSync(x)
  }

  #buildFor(dataset: Dataset, batchSize: number): void {
    this.buildFor(withBatch(new Map([['', dataset.x.shape]]), Math.min(batchSize, dataset.length)))
  }

  #predicting(x: TensorLike | Dataset, batchSize = Number.POSITIVE_INFINITY): Predictor {
    if (!this.#inputs) {
      const [samples = 1, ...shape] = Predictor.shapeOf(x)
      this.buildFor(withBatch(new Map([['', shape]]), Math.max(1, Math.min(batchSize, samples))))
    }
    this.#predictor ??= new Predictor(this, this.inputShape!)
    return this.#predictor
  }

  /** A table of the layers: output shapes and parameters. */
  summary(): string {
    return summarize(this)
  }

  /**
   * The instructions of a program of this model as text: shapes, bytes and floating-point operations.
   * @param data as for `fit`; only shapes and dtypes count
   */
  printProgram(data: Data, options: { mode?: 'train' | 'evaluate'; batchSize?: number } = {}): string {
    const dataset = datasetOf(data)
    const size = Math.min(options.batchSize ?? 32, dataset.length)
    this.#buildFor(dataset, size)
    const training = this.trainingFor('printProgram')
    const program = options.mode === 'evaluate' ? training.score(dataset, size) : training.train(dataset, size)
    return printProgram(program.compiled)
  }

  /**
   * Time, floating-point operations and bytes of each instruction of a step, and of each layer; as text it is a table.
   *
   * It runs real steps on copies of weights, gradients and optimizer state, at a learning rate of 0: the model stays as
   * it is, whatever happens, and goes on as if no profile had been made. Only weights that it does not have yet are made.
   * Times are means over the fastest of nine or more rounds of steps. The peak is measured once per process and number of
   * threads; that keeps the calling thread busy for some tenths of a second.
   * @param data as for `fit`; without labels, or before `compile`, a prediction is profiled, and without data one of
   *   random samples
   * @throws ERR_BUSY while the model is being trained, ERR_DATA and ERR_NOT_FINITE as `fit`
   */
  async profile(data?: Data, options: ProfileOptions = {}): Promise<Profile> {
    const plan = checkOptions('profile', options, profileTable)
    this.#refuseWhileBusy('profile')
    const dataset = data === undefined ? null : datasetOf(data)
    if (dataset) this.#buildFor(dataset, plan.batchSize)
    this.#busy = () => 'the model is being profiled'
    try {
      return await profileModel(this as unknown as Profiled, { ...plan, dataset })
    } finally {
      this.#busy = null
    }
  }

  /**
   * Writes the whole model to one safetensors file: architecture, parameters, optimizer state. The file is complete
   * or the old one stays: it is written beside, flushed and renamed.
   * @throws ERR_BUSY while it is being trained, ERR_FILE when the file cannot be written
   */
  async save(path: string | URL): Promise<void> {
    await writeFileAtomic(path, this.toBytes())
  }

  /** What `save` writes. */
  toBytes(): Uint8Array {
    this.#refuseInStep('save')
    return bytesOf(this as unknown as Saveable)
  }

  /**
   * A model from a file or its bytes. It predicts the same bits and goes on training where the saved one stopped.
   * @throws ERR_FILE for a file that is none, is damaged, or needs something of one's own that was not given
   */
  static async load(from: string | URL | Uint8Array, options: LoadOptions = {}): Promise<Model> {
    const { custom, compile, layers } = checkOptions('load', options, loadTable)
    const own = customMakers(custom, layers)
    const bytes = ArrayBuffer.isView(from) ? (from as Uint8Array) : await readBytes(from)
    const file = ArrayBuffer.isView(from) ? 'the bytes' : String(from)
    return restore({ bytes, file, custom: own, compile }) as unknown as Model
  }

  /** Copies of all parameters by path. */
  getParameters(): Record<string, Tensor> {
    this.#refuseInStep('getParameters')
    return getParameters(this)
  }

  /**
   * Replaces parameters by path; those that are not named stay.
   * @throws ERR_OPTION for an unknown path, ERR_SHAPE for another shape; nothing is changed then
   */
  setParameters(values: Readonly<Record<string, TensorLike>>): void {
    this.#refuseInStep('setParameters')
    setParameters(this, values)
  }

  /** Writes the parameters, and nothing else, to a safetensors file. */
  async saveParameters(path: string | URL): Promise<void> {
    this.#refuseInStep('saveParameters')
    await writeFileAtomic(path, parametersToBytes(this))
  }

  /** Reads all parameters from a file of `saveParameters` or `save` of a model with the same layers. */
  async loadParameters(from: string | URL): Promise<void> {
    const values = parametersFrom(this, await readBytes(from), String(from))
    this.setParameters(values)
  }

  /** A deep copy: layers, parameters, optimizer state. It shares nothing with its original. */
  clone(): Model<S> {
    this.#refuseInStep('clone')
    return cloneModel(this as unknown as Saveable) as unknown as Model<S>
  }

  // In a callback, between two steps, a model may be looked at and saved, but not trained.
  #refuseInStep(call: string): void {
    refuseWritten(call, new Set([...this.parameters().values()].map((p) => p.place!.segment)))
  }

  #refuseWhileBusy(call: string): void {
    if (this.#busy) throw new ChainruleError('ERR_BUSY', `${call}: ${this.#busy()}; await it first`)
  }
}

function notCompiled(call: string): ChainruleError {
  return new ChainruleError(
    'ERR_OPTION',
    `${call}: the model is not compiled. Call compile({ optimizer, loss, metrics }) first.`,
  )
}

const maker = register({
  kind: 'model',
  type: 'model',
  make: ({ layers, seed }) => new Model(layers as readonly Layer[], { seed: seed as number }),
})
