/** Predictions: one program per batch, fed and read by copy; the weights stay where they are. */
import { readRows } from '../data/column.ts'
import { Dataset } from '../data/dataset.ts'
import { atOnce, type Sliced, Turns } from '../data/slices.ts'
import { flatOf, isArrayData, refuseNotFinite, samplesOf } from '../data/values.ts'
import { ChainruleError } from '../errors.ts'
import { tensorsOf } from '../layers/inputs.ts'
import type { AnyLayer } from '../layers/layer.ts'
import { mapNamed, type Named, named, pathOf, structured } from '../named.ts'
import { describeValue } from '../options.ts'
import { LruCache } from '../program/cache.ts'
import { isOutdated } from '../program/encode.ts'
import { Traced } from '../program/traced.ts'
import { isTypedArray } from '../tensor/arrays.ts'
import { convert } from '../tensor/convert.ts'
import { hooks, type Meaning, type Spec, Tensor, type Values } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { meaningOf } from '../tensor/meaning.ts'
import { type DType, formatShape, type Shape, sameShape, sizeOf } from '../tensor/shape.ts'

const remembered = 8

/** An input of samples to predict. */
interface Input {
  /** [samples, ...] */
  readonly shape: Shape
  readonly dtype: DType
  /** The samples from one up to, and without, another, flat. */
  rows(first: number, end: number): Values
}

/** Samples to predict. */
export interface Given {
  readonly samples: number
  readonly inputs: Named<Input>
}

/** Reads what `predict` was given. @param takes the dtypes of the inputs, where they are known */
export function* givenOf(x: unknown, takes: Named<DType>): Sliced<Given> {
  const inputs = new Map<string, Input>()
  if (x instanceof Dataset)
    for (const [name, column] of x.x) {
      const dtype = takes.get(name) ?? column.reads
      const rows = (first: number, end: number) => hooks.read(readRows(column, x.at(first, end), dtype))
      inputs.set(name, { shape: [x.length, ...column.shape], dtype, rows })
    }
  else
    for (const [name, values] of named<unknown>(x, isArrayData)) {
      const path = pathOf('predict', name)
      const samples = yield* samplesOf(values, path, takes.get(name))
      const flat = yield* flatOf(samples, path)
      const size = sizeOf(samples.shape.slice(1))
      const dtype = flat instanceof Int32Array ? 'int32' : 'float32'
      inputs.set(name, { shape: samples.shape, dtype, rows: (first, end) => flat.subarray(first * size, end * size) })
    }
  if (inputs.size === 0)
    throw new ChainruleError('ERR_DATA', `predict: expected samples [n, ...], got ${describeValue(x)}`)
  const [samples = 0] = [...inputs.values()].map(({ shape }) => shape[0] ?? 0)
  return { samples, inputs }
}

interface Program {
  readonly traced: Traced
  readonly outputs: readonly string[]
}

export class Predictor {
  readonly #model: AnyLayer
  #meanings: Named<Meaning | null> = new Map()
  /** Each with a batch, which does not count. */
  readonly #inputs: readonly (readonly [name: string, spec: Spec])[]
  readonly #programs = new LruCache<Program>(remembered, ({ traced }) => isOutdated(traced.compiled))

  constructor(model: AnyLayer, inputs: Named<Spec>) {
    this.#model = model
    this.#inputs = [...inputs]
  }

  /** What an output is, by the model's description; known after the first prediction. */
  meaning(output: string): Meaning | null {
    return this.#meanings.get(output) ?? null
  }

  async run(given: Given, batchSize: number, signal: AbortSignal | undefined): Promise<Tree> {
    this.#refuseOtherNames(given.inputs)
    const inputs = this.#inputs.map(([name, spec]) => {
      const input = given.inputs.get(name)!
      refuseOtherShape(name, spec, input.shape, given.samples)
      return { rows: input.rows, spec, path: pathOf('predict', name) }
    })
    const parts: Tensor[][] = []
    const { samples } = given
    const turns = new Turns()
    for (let first = 0; first < samples; first += batchSize) {
      const end = Math.min(samples, first + batchSize)
      const values = inputs.map(({ rows, spec, path }) => inDtype(rows(first, end), spec, path))
      parts.push(await this.#program(end - first).traced.call(values, { signal }))
      if (end < samples) await turns.afterTurn()
    }
    const tensors =
      parts.length === 1
        ? parts[0]!
        : parts[0]!.map((_, i) =>
            joined(
              parts.map((p) => p[i]!),
              batchSize,
            ),
          )
    return this.#structured(this.#program(Math.min(batchSize, samples)), tensors)
  }

  runSync(x: unknown): Tree {
    const isOne = this.#inputs[0]![0] === '' && isArrayData(x)
    if (!isOne) this.#refuseOtherNames(named(x, isArrayData))
    let samples = -1
    const values = this.#inputs.map(([name, spec]) => {
      const path = pathOf('predict', name)
      const { shape, flat } = valuesOf(isOne ? x : (x as Record<string, unknown>)[name], spec, path)
      if (samples < 0) samples = shape[0] ?? 0
      refuseOtherShape(name, spec, shape, samples)
      refuseNotFinite(flat, sizeOf(spec.shape.slice(1)), 0, path)
      return inDtype(flat, spec, path)
    })
    const program = this.#program(samples)
    return this.#structured(program, program.traced.callSync(values))
  }

  #structured({ outputs }: Program, tensors: readonly Tensor[]): Tree {
    if (outputs[0] === '') return tensors[0]!
    return Object.fromEntries(outputs.map((name, i) => [name, tensors[i]!]))
  }

  #program(samples: number): Program {
    const key = `${samples}`
    let program = this.#programs.get(key)
    if (!program) this.#programs.set(key, (program = this.#describe(samples)))
    return program
  }

  #describe(samples: number): Program {
    const specs = this.#inputs.map(([name, { shape, dtype }]) => {
      return { shape: [samples, ...shape.slice(1)], dtype, name: pathOf('x', name) }
    })
    const traced = new Traced(specs, (feeds) => {
      const x = structured(new Map(this.#inputs.map(([name], i) => [name, feeds[i]!])))
      const results = tensorsOf(this.#model.apply(x, { mode: 'predict' }))
      this.#meanings = mapNamed(results, meaningOf)
      return { outputs: [...results.values()] }
    })
    return { traced, outputs: [...this.#meanings.keys()] }
  }

  #refuseOtherNames(given: Named<unknown>): void {
    const wanted = this.#inputs.map(([name]) => name)
    if (given.size === wanted.length && wanted.every((name) => given.has(name))) return
    const got = given.has('') ? 'one array' : `an object with ${[...given.keys()].join(', ')}`
    throw new ChainruleError(
      'ERR_DATA',
      wanted[0] === ''
        ? `predict: the model has one input, so give its samples as an array, got ${got}` +
            (given.has('x') ? '. Of data { x, y }, give x: predict(data.x)' : '')
        : `predict: the model has the inputs ${wanted.join(', ')}; give { ${wanted.join(', ')} }, got ${got}`,
    )
  }
}

type Tree = Tensor | { [name: string]: Tensor }

function refuseOtherShape(name: string, { shape }: Spec, got: Shape, samples: number): void {
  const sample = shape.slice(1)
  if (samples > 0 && got[0] === samples && sameShape(got.slice(1), sample)) return
  const path = pathOf('predict', name)
  if (got[0] !== samples && samples > 0 && got.length === shape.length)
    throw new ChainruleError('ERR_DATA', `${path} has ${got[0]} samples, but the first input has ${samples}`)
  throw new ChainruleError(
    'ERR_SHAPE',
    `${path}: expected samples of shape ${formatShape(['?', ...sample])}, got ${formatShape(got)}.` +
      (sameShape(got, sample) ? ' One sample is a batch of one: predict([sample]).' : ''),
  )
}

function valuesOf(x: unknown, { dtype }: Spec, path: string): { shape: Shape; flat: Values } {
  if (x instanceof Tensor) return { shape: x.shape, flat: hooks.read(x) }
  // Arrays take the dtype of the model at once: a detour over float32 would round large whole numbers.
  if (Array.isArray(x) || isTypedArray(x)) return convert(x, path, dtype as DType)
  const samples = atOnce(samplesOf(x, path, dtype as DType))
  return { shape: samples.shape, flat: atOnce(flatOf(samples, path)) }
}

/** @throws ERR_DATA for fractions where the model takes whole numbers */
function inDtype(values: Values, { dtype }: Spec, path: string): Values {
  if (dtype === 'float32') return values instanceof Float32Array ? values : new Float32Array(values)
  return values instanceof Int32Array ? values : (convert(values, path, 'int32').flat as Int32Array)
}

function joined(parts: readonly Tensor[], batchSize: number): Tensor {
  const [first] = parts
  const isBatched = first!.rank > 0 && first!.shape[0] === batchSize
  if (!isBatched)
    throw new ChainruleError(
      'ERR_SHAPE',
      `predict: an output has shape ${formatShape(first!.shape)} for ${batchSize} samples: it has no axis of samples ` +
        'along which batches could be joined. Give all samples in one batch, by batchSize.',
    )
  const arrays = parts.map((p) => hooks.read(p))
  const total = arrays.reduce((sum, a) => sum + a.length, 0)
  const values = arrays[0] instanceof Int32Array ? new Int32Array(total) : new Float32Array(total)
  let at = 0
  for (const a of arrays) {
    values.set(a, at)
    at += a.length
  }
  return constant(values, [parts.reduce((sum, p) => sum + p.shape[0]!, 0), ...first!.shape.slice(1)])
}
