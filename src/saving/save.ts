/**
 * A model as one safetensors file: tensors by path, and in the metadata the architecture, how it was compiled and how
 * far it was trained. Other tools can open it. Never raw blocks: every tensor has a path and a shape.
 */
import { type Described, isDescribed } from '../descriptions/description.ts'
import { builtIn as builtInMaker } from '../descriptions/registry.ts'
import { ChainruleError } from '../errors.ts'
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../files/safetensors.ts'
import { builtIn, type LayerClass } from '../layers/index.ts'
import type { Layer } from '../layers/layer.ts'
import type { Metric } from '../metrics/index.ts'
import { native } from '../native.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { suggest } from '../options.ts'
import type { Parameter } from '../parameters/parameter.ts'
import { constant, hooks } from '../tensor/graph.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../tensor/shape.ts'
import type { CompileOptions } from '../training/options.ts'
import type { Training } from '../training/training.ts'

/** What saving needs of a model. */
export interface Saveable {
  readonly name: string
  readonly stack: readonly Layer[]
  readonly seed: number
  readonly inputShape: Shape | null
  readonly compiled: CompileOptions | null
  readonly training: Training | null
  parameters(): Map<string, Parameter>
  build(inputShape: Shape, options?: { draw?: boolean }): void
  compile(options: CompileOptions): unknown
  trainingFor(call: string): Training
}

const format = 'chainrule'
/** Grows when files of before cannot be read any more without a conversion. */
const schema = 1

interface SavedLayer {
  type: string
  name: string
  trainable: boolean
  options: Record<string, unknown>
}

interface Saved {
  schema: number
  name: string
  seed: number
  inputShape: Shape
  layers: SavedLayer[]
  compiled: { optimizer: { name: string; options: object }; loss: string; metrics: string[] } | null
  /** How far training has come. */
  training: { step: number; epoch: number; stepInEpoch: number; constants: Record<string, number> } | null
}

export interface Description {
  saved: Saved
  tensors: Map<string, StoredTensor>
}

// ---- writing

export function describeModel(model: Saveable): Description {
  const { inputShape } = model
  if (!inputShape)
    throw new ChainruleError('ERR_DATA', 'save: the model has no weights yet. Train it, or call build(inputShape).')
  const tensors = new Map<string, StoredTensor>()
  for (const [path, p] of model.parameters())
    tensors.set(path, { dtype: 'F32', shape: [...p.shape], data: hooks.read(p) as Float32Array })
  const { training: t } = model
  for (const { path, parameter, memory, name } of slotsOf(model)) {
    const data = new Float32Array(parameter.size())
    native().read(memory, parameter.place!.offset, data)
    tensors.set(`optimizer.${name}.${path}`, { dtype: 'F32', shape: [...parameter.shape], data })
  }
  const layers = model.stack.map(describeLayer)
  const compiled = model.compiled ? describeCompiled(model.compiled) : null
  const training = t && {
    step: t.state.step,
    epoch: t.epoch,
    stepInEpoch: t.stepInEpoch,
    constants: Object.fromEntries(t.constants),
  }
  const saved = { schema, name: model.name, seed: model.seed, inputShape, layers, compiled, training }
  return { saved, tensors }
}

function slotsOf(model: Saveable) {
  const { training } = model
  if (!training) return []
  return [...model.parameters()].flatMap(([path, parameter]) => {
    const own = training.state.blocks.find((b) => b.block.segment === parameter.place!.segment)
    return (own?.slots ?? []).map((slot) => ({ path, parameter, memory: slot.memory!, name: slot.name }))
  })
}

function describeLayer(layer: Layer): SavedLayer {
  const options = JSON.parse(
    JSON.stringify(layer.options, (key, value) => {
      if (typeof value === 'function')
        throw new ChainruleError(
          'ERR_OPTION',
          `save: the option '${key}' of layer '${layer.name}' is a function, which a file cannot hold. Use a name, or a ` +
            'layer of your own with a static type.',
          { layer: layer.name },
        )
      return value
    }),
  )
  return { type: layer.type, name: layer.name, trainable: layer.trainable, options }
}

/** Null when the loss, a metric or the learning rate is a function: the file then holds a model to compile again. */
function describeCompiled({ optimizer, loss, metrics = [] }: CompileOptions): Saved['compiled'] {
  const { name, options } = optimizer as Optimizer
  const names = (metrics as readonly Metric[]).map((m) => m.name)
  if (typeof loss === 'function' || Object.values(options).some((v) => typeof v === 'function')) return null
  return { optimizer: { name, options }, loss, metrics: names }
}

export function fileOf({ saved, tensors }: Description): Uint8Array {
  return encodeSafetensors(tensors, { format, model: JSON.stringify(saved) })
}

// ---- reading

interface Source<M extends Saveable> {
  readonly bytes: Uint8Array
  readonly file: string
  readonly own: Readonly<Record<string, LayerClass>>
  readonly make: (layers: Layer[], options: { seed: number; name?: string }) => M
}

/** A model from a file's bytes. @throws ERR_FILE whatever is wrong with them */
export function restore<M extends Saveable>(source: Source<M>): M {
  const { file } = source
  try {
    return assemble(source)
  } catch (cause) {
    if (cause instanceof ChainruleError && ['ERR_FILE', 'ERR_NATIVE'].includes(cause.code)) throw cause
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new ChainruleError('ERR_FILE', `${file}: the description of the model cannot be used: ${what}`, { cause })
  }
}

function assemble<M extends Saveable>({ bytes, file, own, make }: Source<M>): M {
  const { tensors, metadata } = decodeSafetensors(bytes, file)
  const saved = readMetadata(metadata, file)
  const layers = saved.layers.map((layer) => restoreLayer(layer, file, own))
  const model = make(layers, { seed: saved.seed, ...(saved.name ? { name: saved.name } : {}) })
  model.build(saved.inputShape, { draw: false })
  for (const [path, p] of model.parameters()) p.set(tensorOf(tensors, path, p, file))
  if (saved.compiled) {
    const { optimizer, loss, metrics } = saved.compiled
    model.compile({
      optimizer: made('optimizer', optimizer.name, optimizer.options) as Optimizer,
      loss: loss as never,
      metrics: metrics as never,
    })
    if (saved.training) restoreState(model, saved.training, tensors, file)
  }
  return model
}

function readMetadata(metadata: Record<string, string>, file: string): Saved {
  const problem = (what: string) => new ChainruleError('ERR_FILE', `${file}: ${what}`)
  if (metadata.format !== format || !metadata.model)
    throw problem('this safetensors file was not written by chainrule: it has weights, but no architecture')
  let saved: Saved
  try {
    saved = JSON.parse(metadata.model)
  } catch (cause) {
    throw new ChainruleError('ERR_FILE', `${file}: the description of the model is no JSON`, { cause })
  }
  if (saved.schema > schema)
    throw problem(
      `written by a newer chainrule (schema ${saved.schema}; this one reads up to ${schema}). Update chainrule.`,
    )
  const sound = Array.isArray(saved.layers) && Array.isArray(saved.inputShape) && Number.isSafeInteger(saved.seed)
  if (!sound) throw problem('the description of the model is incomplete')
  return saved
}

function restoreLayer(saved: SavedLayer, file: string, own: Readonly<Record<string, LayerClass>>): Layer {
  const known = new Map<string, LayerClass>(builtIn.map((c) => [c.type ?? c.name, c]))
  for (const [type, c] of Object.entries(own)) known.set(type, c)
  const found = known.get(saved.type)
  if (!found) {
    const closest = suggest(saved.type, [...known.keys()])
    throw new ChainruleError(
      'ERR_FILE',
      `${file}: unknown layer type '${saved.type}'.${closest ? ` Did you mean '${closest}'?` : ''} ` +
        `Give its class: Model.load(file, { layers: { ${saved.type} } })`,
    )
  }
  const layer = new found(reviveOptions(saved.options))
  layer.name = saved.name
  layer.trainable = saved.trainable
  return layer
}

function made(kind: string, type: string, options: object): unknown {
  const maker = builtInMaker(kind, type)
  if (!maker) throw new ChainruleError('ERR_FILE', `the file names an unknown ${kind} '${type}'`)
  return maker.make(options as Readonly<Record<string, unknown>>)
}

// Descriptions are saved by kind, type and options.
function reviveOptions(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      if (!isDescribed(value)) return [key, value]
      const { kind, type, name, ...rest } = value as Described & { name?: string }
      return [key, made(kind, type ?? name ?? 'l1l2', value.options ?? rest)]
    }),
  )
}

function tensorOf(tensors: ReadonlyMap<string, StoredTensor>, path: string, p: Parameter, file: string) {
  const found = tensors.get(path)
  if (!found) throw new ChainruleError('ERR_FILE', `${file}: the tensor '${path}' is missing`)
  if (!sameShape(found.shape, p.shape) || found.dtype !== 'F32')
    throw new ChainruleError(
      'ERR_FILE',
      `${file}: '${path}' is ${found.dtype} ${formatShape(found.shape)}, expected F32 ${formatShape(p.shape)}`,
    )
  return nested(found.data as Float32Array, p.shape)
}

function nested(data: Float32Array, shape: Shape) {
  return constant(data.slice(0, sizeOf(shape)), shape)
}

function restoreState(
  model: Saveable,
  saved: NonNullable<Saved['training']>,
  tensors: ReadonlyMap<string, StoredTensor>,
  file: string,
): void {
  const { step, epoch, stepInEpoch, constants } = saved
  const training = model.trainingFor('load')
  training.restore({ state: { step }, epoch, stepInEpoch, constants: new Map(Object.entries(constants)) })
  for (const { path, parameter, memory, name } of slotsOf(model)) {
    const values = hooks.read(tensorOf(tensors, `optimizer.${name}.${path}`, parameter, file))
    native().write(memory, parameter.place!.offset, values)
  }
}
