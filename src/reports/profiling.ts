/** Measures a step of a model on memory of its own: the model stays as it is. */
import type { Dataset } from '../data/dataset.ts'
import { atOnce } from '../data/slices.ts'
import { ChainruleError } from '../errors.ts'
import type { Tree } from '../gradient.ts'
import { feeds, tensorsOf } from '../layers/inputs.ts'
import type { Layer } from '../layers/layer.ts'
import { mapNamed, type Named } from '../named.ts'
import { type Memory, native } from '../native.ts'
import { cast } from '../ops/elementwise.ts'
import { randomPermutation, randomUniform } from '../ops/random.ts'
import { oneOf, optional, positiveInteger } from '../options.ts'
import { refuseWritten } from '../program/claims.ts'
import { compile } from '../program/compile.ts'
import { debugging } from '../program/debug.ts'
import { bytesOf, bytesPer, type Compiled } from '../program/encode.ts'
import { measure, type Subject } from '../program/measure.ts'
import { peakRates } from '../program/peak.ts'
import { type Binding, bind } from '../program/run.ts'
import { describeOnly } from '../program/traced.ts'
import type { Spec, Tensor } from '../tensor/graph.ts'
import { Segment } from '../tensor/segment.ts'
import type { DType } from '../tensor/shape.ts'
import { Order } from '../training/feeds.ts'
import { signalOption } from '../training/options.ts'
import { givenOf } from '../training/predict.ts'
import type { Training } from '../training/training.ts'
import { profileOf } from './profile.ts'
import type { Profile, ProfileMode } from './profile-parts.ts'

/** What of a model a profile needs. */
export interface Profiled extends Layer {
  readonly inputs: Named<Spec> | null
  readonly compiled: object | null
  readonly seed: number
  trainingFor(call: string): Training
}

export interface ProfilePlan {
  readonly dataset: Dataset | null
  readonly mode: ProfileMode | undefined
  readonly batchSize: number
  readonly steps: number | undefined
  readonly signal: AbortSignal | undefined
}

export interface ProfileOptions {
  /** Samples per step; default 32. */
  batchSize?: number
  /** How many are measured; by default as many as take about a fifth of a second. */
  steps?: number
  /** What a step is; default 'train' where the model is compiled and the data have labels, else 'predict'. */
  mode?: ProfileMode
  signal?: AbortSignal
}

export const profileTable = {
  batchSize: optional(positiveInteger, 32),
  steps: optional(positiveInteger),
  mode: optional(oneOf(['train', 'evaluate', 'predict'])),
  signal: signalOption,
}

export async function profileModel(model: Profiled, plan: ProfilePlan): Promise<Profile> {
  const { dataset, steps, signal } = plan
  signal?.throwIfAborted()
  const batchSize = Math.min(plan.batchSize, dataset?.length ?? plan.batchSize)
  const mode = plan.mode ?? (model.compiled && dataset?.y ? 'train' : 'predict')
  const subject =
    mode === 'predict' ? prediction(model, dataset, batchSize) : await batches(model, mode, dataset, batchSize)
  const peak = await peakRates()
  const times = await measure(subject, steps, signal)
  return profileOf({ mode, batchSize, compiled: subject.compiled, times, peak })
}

/** As `predict` runs it: samples are fed, weights are read where they lie. */
function prediction(model: Profiled, dataset: Dataset | null, batch: number): Subject {
  if (!model.inputs)
    throw new ChainruleError(
      'ERR_DATA',
      'profile: the model does not know the shape of a sample yet. Give data, or call build(inputShape).',
    )
  const takes = mapNamed(model.inputs, ({ dtype }) => dtype as DType)
  const given = dataset && atOnce(givenOf(dataset, takes))
  const x = feeds(mapNamed(model.inputs, ({ shape, dtype }) => ({ shape: [batch, ...shape.slice(1)], dtype })))
  const y = [...tensorsOf(describeOnly<Tree>(() => model.apply(x as Tensor, { mode: 'predict' }))).values()]
  const bindings = new Map<Segment, Binding>()
  for (const [name, t] of tensorsOf(x)) {
    const memory = native().memory(bytesOf(t))
    const random = () => cast(randomUniform(t.shape, { seed: 0 }), t.dtype).data()
    native().write(memory, 0, given ? given.inputs.get(name)!.rows(0, batch) : random())
    bindings.set(t.place!.segment, { memory })
  }
  const outputs = y.map((tensor) => {
    const segment = new Segment('predictions')
    bindings.set(segment, { memory: native().memory(bytesOf(tensor)) })
    return { tensor, place: { segment, offset: 0 } }
  })
  const compiled = compile({ outputs, debug: debugging() })
  for (const [segment, copy] of copiesOf(compiled)) bindings.set(segment, copy)
  const scratch = native().memory(compiled.sizes[0]!)
  return { compiled, run: (steps) => bind(compiled, scratch, bindings, { steps }) }
}

/** As `fit` or `evaluate` run it, over batches in random order, with copies of all that training changes. */
async function batches(
  model: Profiled,
  mode: 'train' | 'evaluate',
  dataset: Dataset | null,
  batch: number,
): Promise<Subject> {
  if (!dataset) throw new ChainruleError('ERR_DATA', `profile: mode '${mode}' needs data: give { x, y } or a Dataset`)
  const training = model.trainingFor('profile')
  const program = await training.unshared(mode, dataset, batch)
  const copies = copiesOf(program.compiled)
  const { state } = training
  const scalars = native().memory(state.width * bytesPer.float64)
  // A rate of 0: the weights stay, so that no learning rate, however large, leads to numbers that are not finite.
  native().write(
    scalars,
    0,
    state.scalars(1, () => 0),
  )
  const scratch = native().memory(program.compiled.sizes[0]!)
  let order: Order | null = null
  let numbers: Memory | null = null
  let longest = 0
  const run = (steps: number) => {
    if (steps > longest) {
      order = new Order(inRandomOrder(dataset, steps * batch), false)
      numbers = native().memory(steps * program.stride)
      longest = steps
    }
    const options = { steps, seed: model.seed, firstStep: state.step, scratch }
    return program.run(dataset, order!, 0, { memory: numbers! }, { memory: scalars }, options, copies)
  }
  return { compiled: program.compiled, run }
}

/** So many samples of a data set, and all of them again and again. */
function inRandomOrder(dataset: Dataset, count: number): Dataset {
  const order = randomPermutation(dataset.length, { seed: 0 }).data()
  return dataset.take(Int32Array.from({ length: count }, (_, i) => order[i % order.length]!))
}

/** Other memory, with the same values, for all that a program changes. @throws ERR_BUSY while that is changed */
function copiesOf({ writes, segments, sizes }: Compiled): Map<Segment, Binding> {
  refuseWritten('profile', writes)
  return new Map(
    writes.map((segment) => {
      const values = new Uint8Array(sizes[segments.indexOf(segment)]!)
      native().read(segment.memory!, 0, values)
      const memory = native().memory(values.byteLength)
      native().write(memory, 0, values)
      return [segment, { memory }]
    }),
  )
}
