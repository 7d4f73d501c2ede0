import { type Data, type Dataset, datasetOf } from '../data/dataset.ts'
import { atOnce, inSlices, type Sliced } from '../data/slices.ts'
import type { Feed } from '../data/types.ts'
import { register } from '../descriptions/registry.ts'
import { ChainruleError } from '../errors.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import type { Same, Tree } from '../gradient.ts'
import type { AnyLayer } from '../layers/layer.ts'
import type { Restoration } from '../layers/restoration.ts'
import { mapNamed } from '../named.ts'
import { checkOptions } from '../options.ts'
import { claim } from '../program/claims.ts'
import { printProgram } from '../program/print.ts'
import type { Profile } from '../reports/profile-parts.ts'
import { type Profiled, type ProfileOptions, profileModel, profileTable } from '../reports/profiling.ts'
import { createProgress } from '../reports/progress.ts'
import { cloneModel } from '../saving/clone.ts'
import { type LoadOptions, load } from '../saving/load.ts'
import { bytesOf } from '../saving/save.ts'
import type { Saveable } from '../saving/saveable.ts'
import type { Tensor } from '../tensor/graph.ts'
import type { History } from '../training/callbacks.ts'
import { classesIn } from '../training/classes.ts'
import { evaluate } from '../training/evaluate.ts'
import { Fit, type FitPlan } from '../training/fit.ts'
import { compileObjectives, refuseOtherLosses } from '../training/objective.ts'
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
import type { Scores } from '../training/rows.ts'
import { Training } from '../training/training.ts'
import { Compilation, compiledFor } from './compilation.ts'
import { type Graph, LayerGraph } from './graph.ts'
import { formOf, type GraphForm, graphFrom } from './graph-form.ts'
import { Network } from './network.ts'
import { type ModelOptions, refuseOwnMethods } from './options.ts'

/** A run whose data have not been read yet. */
type Begun<S> = Omit<FitPlan<S & Scores>, 'dataset' | 'seed' | 'validation'> & { readonly validation: unknown }

/**
 * Layers in a row, or a graph of them, with training around them.
 *
 * Weights are made when the model first sees data, or by `build`. Everything that computes off the calling thread
 * returns a promise.
 */
export class Model<
  S extends { loss: number } = Scores,
  In extends Tree = Tensor,
  Out extends Tree = Tensor,
> extends Network<In, Out> {
  static readonly type: string = 'model'
  #compilation: Compilation | null = null
  #busy: (() => string) | null = null
  #predictor: Predictor | null = null

  /**
   * @param of layers, each of which takes what the one before it gives; or `{ inputs, outputs }`: what `input` gave and what
   *   was computed from it, one of each or several by name
   * @throws ERR_OPTION for a graph whose inputs and outputs are not connected
   */
  constructor(of: readonly AnyLayer[] | Graph<In, Out>, options: ModelOptions = {}) {
    super(of, options)
    this.begin()
  }

  /** @internal */
  override restoration(): Restoration {
    refuseOwnMethods(this.constructor, Model)
    const { topology, seed } = this
    if (topology instanceof LayerGraph) return { maker: graphMaker, options: { ...formOf(topology), seed } }
    return { maker, options: { layers: this.stack, seed } }
  }

  protected override onBuilt(): void {
    this.#predictor = null
  }

  /** Sets how the model is trained and scored. The optimizer starts anew. Returns the model, typed by its metrics. */
  compile<const M extends MetricsOf<Out> = MetricsOf<Out>>(
    options: CompileOptions<M, Out>,
  ): Model<ScoresOf<M, Out>, In, Out> {
    this.#refuseWhileBusy('compile')
    const { optimizer, loss, metrics, lossWeights } = checkOptions('compile', options, compileTable)
    const compiled = compileObjectives(loss, metrics, lossWeights)
    if (this.topology.outputs) refuseOtherLosses(compiled.objectives, this.topology.outputs)
    const given = { ...options, optimizer, metrics: compiled.metrics } as unknown as CompileOptions
    const make = () => new Training(this, optimizer, compiled.objectives, () => this.takes())
    this.#compilation = new Compilation(given, optimizer, make)
    return this as unknown as Model<ScoresOf<M, Out>, In, Out>
  }

  /** How it was compiled, or null. */
  get compiled(): CompileOptions | null {
    return this.#compilation?.options ?? null
  }

  /** @internal the training state, for a built model */
  trainingFor(call: string): Training {
    return compiledFor(call, this.#compilation).training
  }

  /** @internal the training state if there is one */
  get training(): Training | null {
    return this.#compilation?.begun ?? null
  }

  /**
   * The learning rate of the next step. Setting it overrides the optimizer's, before decay, until `compile` is called;
   * it is saved with the model.
   */
  get learningRate(): number {
    return compiledFor('learningRate', this.#compilation).learningRate
  }

  set learningRate(rate: number) {
    compiledFor('learningRate', this.#compilation).learningRate = rate
  }

  /** @internal a learning rate that was set, or null */
  get ownRate(): number | null {
    return this.#compilation?.ownRate ?? null
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
    this.#busy = () => `training is at step ${this.training?.state.step ?? 0}`
    // From the call on, and not only when the data have been read. What is not built has no memory of its own yet: it is
    // about to read the weights of its layers, and to move them there.
    const writes = this.inputShape ? this.segments() : []
    let release: (() => void) | null = claim('fit', { reads: [], writes }, { what: this.#busy, exclusive: true })
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
    const [dataset, validation] = yield* trainingParts(data, o.validation, { wanted: this.takes() })
    this.buildForData(dataset, o.batchSize)
    return yield* Fit.begin<S & Scores>(this.trainingFor('fit'), { ...o, dataset, validation, seed: this.seed })
  }

  /** Loss and metrics over data, without training: no dropout, no penalties. Data are copied as by `fit`. */
  async evaluate(data: Data<In, Out>, options: RunOptions = {}): Promise<S> {
    const { batchSize, signal } = checkOptions('evaluate', options, runTable)
    const dataset = await inSlices(datasetOf('evaluate', data, { wanted: this.takes() }))
    this.buildForData(dataset, batchSize)
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
    const given = await inSlices(givenOf(x, this.takes()))
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
    const outputs = await this.predict(x, options)
    return classesIn(outputs, (name) => this.#predictor!.meaning(name), this.compiled?.loss) as Same<Out>
  }

  /** As `predict`, on this thread: for a few samples, the fastest way. */
  predictSync(x: Feed<In>): Same<Out> {
    const predictor = this.#predictor ?? this.#predicting(atOnce(givenOf(x, this.takes())))
    return predictor.runSync(x) as Same<Out>
  }

  #predicting({ samples, inputs }: Given, batchSize = samples): Predictor {
    if (!this.isSettled && samples > 0) {
      const batch = Math.min(batchSize, samples)
      this.buildFor(mapNamed(inputs, ({ shape, dtype }) => ({ shape: [batch, ...shape.slice(1)], dtype })))
    }
    if (!this.inputs) throw new ChainruleError('ERR_DATA', 'predict: expected samples [n, ...], got none')
    this.#predictor ??= new Predictor(this, this.inputs)
    return this.#predictor
  }

  /**
   * The instructions of a program of this model as text: shapes, bytes and floating-point operations.
   * @param data as for `fit`; only shapes and dtypes count
   */
  printProgram(data: Data<In, Out>, options: { mode?: 'train' | 'evaluate'; batchSize?: number } = {}): string {
    const dataset = atOnce(datasetOf('printProgram', data, { wanted: this.takes() }))
    const size = Math.min(options.batchSize ?? 32, dataset.length)
    this.buildForData(dataset, size)
    const kind = options.mode === 'evaluate' ? 'score' : 'train'
    return printProgram(this.trainingFor('printProgram')[kind](dataset, size).compiled)
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
      const wanted = this.takes()
      const dataset = data === undefined ? null : await inSlices(datasetOf('profile', data, { wanted }))
      if (dataset) this.buildForData(dataset, plan.batchSize)
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
    this.refuseInStep('save')
    return bytesOf(this as unknown as Saveable)
  }

  /**
   * A model from a file or its bytes. It predicts the same bits and goes on training where the saved one stopped.
   * @throws ERR_FILE for a file that is none, is damaged, or needs something of one's own that was not given
   */
  static async load<M extends AnyModel = Model>(
    from: string | URL | Uint8Array,
    options: LoadOptions = {},
  ): Promise<M> {
    return (await load(from, options)) as unknown as M
  }

  /** A deep copy: layers, parameters, optimizer state. It shares nothing with its original. */
  clone(): Model<S, In, Out> {
    this.refuseInStep('clone')
    return cloneModel(this as unknown as Saveable) as unknown as Model<S, In, Out>
  }

  #refuseWhileBusy(call: string): void {
    if (this.#busy) throw new ChainruleError('ERR_BUSY', `${call}: ${this.#busy()}; await it first`)
  }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever it takes and gives
export type AnyModel = Model<any, any, any>

type Of = readonly AnyLayer[] | Graph<Tree, Tree>
const makerOf = (type: string, of: (options: Readonly<Record<string, unknown>>) => Of) =>
  register({ kind: 'model', type, make: (o) => new Model(of(o), { seed: o.seed as number }) })

const maker = makerOf('model', ({ layers }) => layers as readonly AnyLayer[])
const graphMaker = makerOf('graph', (form) => graphFrom(form as unknown as GraphForm))
