import { type Data, type Dataset, datasetOf } from '../data/dataset.ts'
import { atOnce, inSlices, type Sliced } from '../data/slices.ts'
import type { Feed } from '../data/types.ts'
import { register } from '../descriptions/registry.ts'
import { ChainruleError } from '../errors.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { readBytes } from '../files/read.ts'
import type { Same, Tree } from '../gradient.ts'
import type { Context } from '../layers/context.ts'
import { tensorsOf } from '../layers/inputs.ts'
import { type AnyLayer, Layer, type ShapeOf } from '../layers/layer.ts'
import type { Restoration } from '../layers/restoration.ts'
import { mapNamed, type Named, named, structured } from '../named.ts'
import type { Optimizer } from '../optimizers/index.ts'
import { checkOptions } from '../options.ts'
import { Block } from '../parameters/block.ts'
import { claim, refuseWritten, type Uses } from '../program/claims.ts'
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
import type { DType, Shape } from '../tensor/shape.ts'
import { checkedShape } from '../tensor/sizes.ts'
import type { History } from '../training/callbacks.ts'
import { classesOf } from '../training/classes.ts'
import { evaluate, type Scores } from '../training/evaluate.ts'
import { Fit, type FitPlan } from '../training/fit.ts'
import { compileObjectives, lossTraits } from '../training/objective.ts'
import {
  type CompileOptions,
  compileTable,
  type FitOptions,
  fitTable,
  type MetricsOf,
  type RunOptions,
  runTable,
  type ScoresOf,
} from '../training/options.ts'
import { trainingParts } from '../training/parts.ts'
import { type Given, givenOf, Predictor } from '../training/predict.ts'
import { Training } from '../training/training.ts'
import {
  buildFor,
  buildForAnyBatch,
  FirstValues,
  type Inputs,
  refuseOtherSamples,
  sampleShapes,
  settle,
} from './build.ts'
import { nameLayers } from './names.ts'
import { type LoadOptions, loadTable, type ModelOptions, modelTable, refuseOwnMethods } from './options.ts'

/** A run whose data have not been read yet. */
type Begun<S> = Omit<FitPlan<S & Scores>, 'dataset' | 'seed' | 'validation'> & { readonly validation: unknown }

/**
 * Layers in a row, with training around them.
 *
 * Weights are made when the model first sees data, or by `build`. Everything that computes off the calling thread
 * returns a promise.
 */
export class Model<
  S extends { loss: number } = Scores,
  In extends Tree = Tensor,
  Out extends Tree = Tensor,
> extends Layer<In, Out> {
  static readonly type: string = 'model'
  /** The layers, in order. */
  readonly stack: readonly AnyLayer[]
  readonly seed: number
  #inputs: Inputs | null = null
  // Whether their dtypes are known: `build` has shapes only.
  #areSettled = false
  #training: Training | null = null
  #compiled: CompileOptions | null = null
  #busy: (() => string) | null = null
  #predictor: Predictor | null = null

  constructor(layers: readonly AnyLayer[], options: ModelOptions = {}) {
    const checked = checkOptions('Model', options, modelTable)
    super({ name: checked.name })
    if (!Array.isArray(layers) || layers.length === 0 || !layers.every((l) => l instanceof Layer))
      throw new ChainruleError(
        'ERR_OPTION',
        'Model: expected a list of layers, for example new Model([dense(64, { activation: "relu" }), dense(10)])',
      )
    this.stack = Object.freeze([...layers])
    this.seed = checked.seed ?? randomSeed()
    nameLayers(this.stack)
  }

  override children() {
    return this.stack.map((layer): [string, AnyLayer] => [layer.name, layer])
  }

  protected override forward(x: In, _context: Context): Out {
    return this.stack.reduce<Tree>((value, layer) => layer.apply(value), x) as Out
  }

  /** The shape of one sample, by name where there are several inputs; null before the model has seen data. */
  get inputShape(): ShapeOf<In> | null {
    return this.#inputs ? (structured<Shape>(sampleShapes(this.#inputs)) as unknown as ShapeOf<In>) : null
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
   * @param inputShape the shape of one sample, without the batch; by name where there are several inputs
   */
  override build(inputShape: ShapeOf<In>): void {
    const samples = mapNamed(named<unknown>(inputShape, Array.isArray), (shape) => checkedShape('build', shape, 1))
    if (this.#inputs) refuseOtherSamples(this.#inputs, samples)
    else this.#built(buildForAnyBatch(this, samples, new FirstValues(this.seed)), false)
  }

  /** @internal the same for inputs whose batch and dtypes are known */
  buildFor(inputs: Inputs): void {
    if (!this.#inputs) {
      this.#built(buildFor(this, inputs, new FirstValues(this.seed)), true)
      return
    }
    refuseOtherSamples(this.#inputs, sampleShapes(inputs))
    if (this.#areSettled) return
    this.#built(settle(this, inputs), true)
    this.#predictor = null
  }

  /** @internal describes it without giving anything first values; `fill` does that */
  buildWith(inputs: Inputs, fill: () => void): void {
    buildFor(this, inputs, null)
    fill()
    this.#built(inputs, true)
  }

  #built(inputs: Inputs, areSettled: boolean): void {
    if (!this.#inputs && this.parameters().size > 0) Block.holding(this.parameters())
    this.#inputs = inputs
    this.#areSettled = areSettled
  }

  /** The dtypes of the inputs, as far as they are known. */
  #takes(): Named<DType> {
    return this.#inputs && this.#areSettled ? mapNamed(this.#inputs, ({ dtype }) => dtype as DType) : new Map()
  }

  /** Sets how the model is trained and scored. The optimizer starts anew. Returns the model, typed by its metrics. */
  compile<const M extends MetricsOf<Out> = MetricsOf<Out>>(
    options: CompileOptions<M, Out>,
  ): Model<ScoresOf<M, Out>, In, Out> {
    this.#refuseWhileBusy('compile')
    const { optimizer, loss, metrics, lossWeights } = checkOptions('compile', options, compileTable)
    const compiled = compileObjectives(loss, metrics, lossWeights)
    this.#compiled = { ...options, optimizer, metrics: compiled.metrics } as unknown as CompileOptions
    this.#training = null
    this.#rate = null
    this.#makeTraining = () => new Training(this, optimizer, compiled.objectives, () => this.#takes())
    return this as unknown as Model<ScoresOf<M, Out>, In, Out>
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
   * @param data a `Dataset`, or `{ x, y }`, which is copied while the event loop turns: do not change it before the first
   *   epoch has begun
   * @throws ERR_DATA, ERR_SHAPE for data that do not fit; ERR_NOT_FINITE when the loss is no finite number; ERR_BUSY
   *   while the model is being trained. The model stays as it was after the last whole step.
   */
  async fit(data: Data<In, Out>, options: FitOptions<S, Data<In, Out>> = {}): Promise<History<S>> {
    const o = checkOptions('fit', options, fitTable)
    this.#refuseWhileBusy('fit')
    const progress = createProgress(o.progress)
    this.#busy = () => `training is at step ${this.#training?.state.step ?? 0}`
    // From the call on, and not only when the data have been read.
    let release: (() => void) | null = claim('fit', this.#writes(), { what: this.#busy, exclusive: true })
    try {
      const plan = { ...o, progress } as unknown as Begun<S>
      const beginning = inSlices(this.#begin(data, plan))
      const fit = beginning instanceof Promise ? await beginning : beginning
      release()
      release = null
      return await fit.run()
    } finally {
      release?.()
      this.#busy = null
    }
  }

  *#begin(data: Data<In, Out>, o: Begun<S>): Sliced<Fit<S & Scores>> {
    o.signal?.throwIfAborted()
    const [dataset, validation] = yield* trainingParts(data, o.validation, { wanted: this.#takes() })
    this.#buildForData(dataset, o.batchSize)
    return yield* Fit.begin<S & Scores>(this.trainingFor('fit'), { ...o, dataset, validation, seed: this.seed })
  }

  #writes(): Uses {
    const variables = [...this.parameters().values(), ...this.states().values()]
    return { reads: [], writes: [...new Set(variables.map((v) => v.place!.segment))] }
  }

  /** Loss and metrics over data, without training: no dropout, no penalties. Data are copied as by `fit`. */
  async evaluate(data: Data<In, Out>, options: RunOptions = {}): Promise<S> {
    const { batchSize, signal } = checkOptions('evaluate', options, runTable)
    const dataset = await inSlices(datasetOf('evaluate', data, { wanted: this.#takes() }))
    this.#buildForData(dataset, batchSize)
    return (await evaluate(this.trainingFor('evaluate'), dataset, batchSize, signal)) as unknown as S
  }

  /**
   * The outputs for samples [n, ...], in the structure that the model gives. While the model is being trained, with the
   * weights between two steps. Samples are copied while the event loop turns: do not change them before it is done.
   * @throws ERR_DATA for samples with NaN or infinity, ERR_SHAPE for those of another shape
   */
  async predict(x: Feed<In> | Dataset<In, Tree>, options: RunOptions = {}): Promise<Same<Out>> {
    const { batchSize, signal } = checkOptions('predict', options, runTable)
    signal?.throwIfAborted()
    const given = await inSlices(givenOf(x, this.#takes()))
    const predictor = this.#predicting(given, batchSize)
    return (await predictor.run(given, batchSize, signal)) as Same<Out>
  }

  /**
   * The predicted classes as int32: after a softmax the argmax of each row, [n]; after sigmoids 1 where an output is
   * above 0.5, else 0, in the shape of the outputs. What other models give is judged by the cross-entropy that they are
   * compiled with, `fromLogits` or not.
   * @throws ERR_OPTION for a regression
   */
  async predictClasses(x: Feed<In> | Dataset<In, Tree>, options: RunOptions = {}): Promise<Same<Out>> {
    const outputs = tensorsOf(await this.predict(x, options))
    const losses = lossTraits(this.#compiled?.loss)
    const classes = mapNamed(outputs, (t, name) =>
      classesOf(t, this.#predictor!.meaning(name), losses.get(name) ?? null),
    )
    return structured(classes) as Same<Out>
  }

  /** As `predict`, on this thread: for a few samples, the fastest way. */
  predictSync(x: Feed<In>): Same<Out> {
    const predictor = this.#predictor ?? this.#predicting(atOnce(givenOf(x, this.#takes())))
    return predictor.runSync(x) as Same<Out>
  }

  #buildForData(dataset: Dataset<Tree, Tree>, batchSize: number): void {
    const batch = Math.min(batchSize, dataset.length)
    this.buildFor(mapNamed(dataset.x, ({ shape, reads }) => ({ shape: [batch, ...shape], dtype: reads })))
  }

  #predicting({ samples, inputs }: Given, batchSize = samples): Predictor {
    if (!this.#areSettled && samples > 0) {
      const batch = Math.min(batchSize, samples)
      this.buildFor(mapNamed(inputs, ({ shape, dtype }) => ({ shape: [batch, ...shape.slice(1)], dtype })))
    }
    this.#predictor ??= new Predictor(this, this.#inputs!)
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
  printProgram(data: Data<In, Out>, options: { mode?: 'train' | 'evaluate'; batchSize?: number } = {}): string {
    const dataset = atOnce(datasetOf('printProgram', data, { wanted: this.#takes() }))
    const size = Math.min(options.batchSize ?? 32, dataset.length)
    this.#buildForData(dataset, size)
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
  async profile(data?: Data<In, Out>, options: ProfileOptions = {}): Promise<Profile> {
    const plan = checkOptions('profile', options, profileTable)
    this.#refuseWhileBusy('profile')
    this.#busy = () => 'the model is being profiled'
    try {
      const wanted = this.#takes()
      const dataset = data === undefined ? null : await inSlices(datasetOf('profile', data, { wanted }))
      if (dataset) this.#buildForData(dataset, plan.batchSize)
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
  clone(): Model<S, In, Out> {
    this.#refuseInStep('clone')
    return cloneModel(this as unknown as Saveable) as unknown as Model<S, In, Out>
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
