/** What a model is: layers, in a row or as a graph, described with inputs of some shapes, and their parameters by path. */
import type { Dataset } from '../data/dataset.ts'
import { ChainruleError } from '../errors.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { readBytes } from '../files/read.ts'
import type { Tree } from '../gradient.ts'
import type { Context } from '../layers/context.ts'
import { type AnyLayer, Layer, type ShapeOf } from '../layers/layer.ts'
import { mapNamed, type Named, named, structured } from '../named.ts'
import { checkOptions, describeValue, suggest } from '../options.ts'
import { Block } from '../parameters/block.ts'
import { giveLateValues, isGivingValues } from '../parameters/parameter.ts'
import { refuseWritten } from '../program/claims.ts'
import { plotted } from '../reports/plot.ts'
import { summarize, summarizedRow } from '../reports/summary.ts'
import { getParameters, parametersFrom, parametersToBytes, setParameters } from '../saving/parameters.ts'
import { layersOf } from '../saving/paths.ts'
import { randomSeed } from '../seeds.ts'
import type { TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/graph.ts'
import type { Segment } from '../tensor/segment.ts'
import type { DType, Shape } from '../tensor/shape.ts'
import { checkedShape } from '../tensor/sizes.ts'
import {
  buildFor,
  buildForAnyBatch,
  FirstValues,
  type Inputs,
  refuseOtherSamples,
  sampleShapes,
  settle,
} from './build.ts'
import { connectionsOf } from './connections.ts'
import { type Graph, isGraph, LayerGraph } from './graph.ts'
import { type ModelOptions, modelTable } from './options.ts'
import { Row, type Topology } from './topology.ts'

export abstract class Network<In extends Tree = Tensor, Out extends Tree = Tensor> extends Layer<In, Out> {
  readonly seed: number
  /** @internal how its layers are connected */
  readonly topology: Topology
  #inputs: Inputs | null = null
  // Whether their dtypes are known: `build` has shapes only.
  #areSettled = false

  constructor(of: readonly AnyLayer[] | Graph<In, Out>, options: ModelOptions = {}) {
    const checked = checkOptions('Model', options, modelTable)
    super({ name: checked.name })
    this.topology = isGraph(of) ? new LayerGraph(of) : new Row(of)
    this.seed = checked.seed ?? randomSeed()
  }

  /** Makes the weights where the shapes of the inputs are known. Where a model is made again they come from elsewhere. */
  protected begin(): void {
    if (this.topology.inputs && !isGivingValues()) this.#built(this.topology.inputs, true)
  }

  /** The layers, in order; in a graph in that of their first calls. */
  get stack(): readonly AnyLayer[] {
    return this.topology.layers
  }

  override children() {
    return this.stack.map((layer): [string, AnyLayer] => [layer.name, layer])
  }

  protected override forward(x: In, _context: Context): Out {
    return this.topology.forward(x) as Out
  }

  /**
   * A layer by its name, or by a path through layers: `encoder.hidden`.
   * @throws ERR_OPTION where there is none
   */
  layer(path: string): AnyLayer {
    const known = layersOf(this)
    const found = known.get(path)
    if (found) return found
    const hint = typeof path === 'string' ? suggest(path, [...known.keys()]) : undefined
    throw new ChainruleError(
      'ERR_OPTION',
      `layer: there is no layer ${describeValue(path)}.${hint ? ` Did you mean '${hint}'?` : ''} ` +
        `There are ${[...known.keys()].join(', ')}.`,
    )
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

  // The outermost model goes without saying.
  protected override scope(): string {
    return this.name
  }

  /**
   * Makes the weights. `fit`, `evaluate` and `predict` do it by themselves, with the batch that they take.
   * @param inputShape the shape of one sample, without the batch; by name where there are several inputs
   */
  override build(inputShape: ShapeOf<In>): void {
    const isOne = (given: unknown) => Array.isArray(given) || typeof given !== 'object' || given === null
    const samples = mapNamed(named<unknown>(inputShape, isOne), (shape) => checkedShape('build', shape, 1))
    if (samples.size === 0) checkedShape('build', inputShape, 1)
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
    if (!this.#areSettled) this.#built(settle(this, inputs), true)
  }

  /** @internal the same for batches of data */
  buildForData(dataset: Dataset<Tree, Tree>, batchSize: number): void {
    const batch = Math.min(batchSize, dataset.length)
    this.buildFor(mapNamed(dataset.x, ({ shape, reads }) => ({ shape: [batch, ...shape], dtype: reads })))
  }

  /** @internal describes it without giving anything first values; `fill` does that */
  buildWith(inputs: Inputs, fill: () => void): void {
    buildFor(this, inputs, null)
    fill()
    this.#built(inputs, true)
  }

  #built(inputs: Inputs, areSettled: boolean): void {
    giveLateValues([...this.parameters().values(), ...this.states().values()], new FirstValues(this.seed).start())
    if (!this.#inputs && this.parameters().size > 0) Block.holding(this.parameters())
    this.#inputs = inputs
    this.#areSettled = areSettled
    this.onBuilt()
  }

  /** What was made for other inputs is out of date. */
  protected onBuilt(): void {}

  /** Whether it knows the dtypes of its inputs. */
  protected get isSettled(): boolean {
    return this.#areSettled
  }

  /** The dtypes of the inputs, as far as they are known. */
  protected takes(): Named<DType> {
    return this.#inputs && this.#areSettled ? mapNamed(this.#inputs, ({ dtype }) => dtype as DType) : new Map()
  }

  /** A table of the layers: output shapes and parameters; of a graph also operations, and what is connected to what. */
  summary(): string {
    return summarize(this, this.topology instanceof LayerGraph ? connectionsOf(this.topology) : null)
  }

  /**
   * Draws the layers, and what goes from where to where, into an SVG file.
   * @throws ERR_FILE when it cannot be written
   */
  async plot(path: string | URL): Promise<void> {
    const { topology } = this
    const drawn = topology instanceof LayerGraph ? connectionsOf(topology) : summarizedRow(this)
    await writeFileAtomic(path, new TextEncoder().encode(plotted(drawn)))
  }

  /** Copies of all parameters by path. */
  getParameters(): Record<string, Tensor> {
    this.refuseInStep('getParameters')
    return getParameters(this)
  }

  /**
   * Replaces parameters by path; those that are not named stay.
   * @throws ERR_OPTION for an unknown path, ERR_SHAPE for another shape; nothing is changed then
   */
  setParameters(values: Readonly<Record<string, TensorLike>>): void {
    this.refuseInStep('setParameters')
    setParameters(this, values)
  }

  /** Writes the parameters, and nothing else, to a safetensors file. */
  async saveParameters(path: string | URL): Promise<void> {
    this.refuseInStep('saveParameters')
    await writeFileAtomic(path, parametersToBytes(this))
  }

  /** Reads all parameters from a file of `saveParameters` or `save` of a model with the same layers. */
  async loadParameters(from: string | URL): Promise<void> {
    const values = parametersFrom(this, await readBytes(from), String(from))
    this.setParameters(values)
  }

  /** Where its parameters and states lie. */
  protected segments(): Segment[] {
    const variables = [...this.parameters().values(), ...this.states().values()]
    return [...new Set(variables.map((v) => v.place!.segment))]
  }

  // In a callback, between two steps, a model may be looked at and saved, but not trained.
  protected refuseInStep(call: string): void {
    refuseWritten(call, this.segments())
  }
}
