/** Predictions: one program per batch shape, fed and read by copy; the weights stay where they are. */
import { Dataset } from '../data/dataset.ts'
import { ChainruleError } from '../errors.ts'
import type { Layer } from '../layers/layer.ts'
import { LruCache } from '../program/cache.ts'
import { isOutdated } from '../program/encode.ts'
import { Traced } from '../program/traced.ts'
import { isTypedArray } from '../tensor/arrays.ts'
import { nestedShape } from '../tensor/convert.ts'
import { type TensorLike, tensor } from '../tensor/create.ts'
import { constant, hooks, type Meaning, meaningOf, Tensor } from '../tensor/graph.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../tensor/shape.ts'

const remembered = 8

export class Predictor {
  readonly #model: Layer
  readonly #sample: Shape
  #meaning: Meaning | null = null
  readonly #programs = new LruCache<Traced>(remembered, ({ compiled }) => isOutdated(compiled))

  constructor(model: Layer, sample: Shape) {
    this.#model = model
    this.#sample = sample
  }

  /** The shape of what is to be predicted, [samples, ...]. */
  static shapeOf(x: TensorLike | Dataset): Shape {
    if (x instanceof Dataset) return [x.length, ...x.x.shape]
    return x instanceof Tensor ? x.shape : typeof x === 'number' ? [] : nestedShape(x, 'predict')
  }

  /** What the outputs are, by the model's description; known after the first prediction. */
  get meaning(): Meaning | null {
    return this.#meaning
  }

  async run(x: TensorLike | Dataset, batchSize: number, signal: AbortSignal | undefined): Promise<Tensor> {
    signal?.throwIfAborted()
    const samples = x instanceof Dataset ? x.length : this.#rowsOf(x).samples
    const whole = x instanceof Dataset ? null : this.#rowsOf(x).values
    const size = sizeOf(this.#sample)
    const parts: Tensor[] = []
    for (let first = 0; first < samples; first += batchSize) {
      const n = Math.min(batchSize, samples - first)
      const values = whole ? whole.subarray(first * size, (first + n) * size) : datasetRows(x as Dataset, first, n)
      const [y] = await this.#program(n).call([values], { signal })
      parts.push(y!)
    }
    return parts.length === 1 ? parts[0]! : joined(parts)
  }

  runSync(x: TensorLike): Tensor {
    const { values, samples } = this.#rowsOf(x)
    return this.#program(samples).callSync([values])[0]!
  }

  #program(samples: number): Traced {
    const key = `${samples}`
    let program = this.#programs.get(key)
    if (!program) {
      const spec = { shape: [samples, ...this.#sample], dtype: 'float32' as const, name: 'x' }
      program = new Traced([spec], ([x]) => {
        const y = this.#model.apply(x!, { mode: 'predict' })
        this.#meaning = meaningOf(y)
        return { outputs: [y] }
      })
      this.#programs.set(key, program)
    }
    return program
  }

  #rowsOf(x: TensorLike): { values: Float32Array; samples: number } {
    const flat = isTypedArray(x) && this.#sample.length === 1 && x.length === this.#sample[0]
    const t = tensor(x)
    const [samples = 0, ...sample] = t.shape
    if (flat || !sameShape(sample, this.#sample) || samples === 0)
      throw new ChainruleError(
        'ERR_SHAPE',
        `predict: expected samples of shape ${formatShape(['?', ...this.#sample])}, got ${formatShape(t.shape)}.` +
          (sameShape(t.shape, this.#sample) ? ' One sample is a batch of one: predict([sample]).' : ''),
      )
    const values = hooks.read(t)
    return { values: values instanceof Float32Array ? values : Float32Array.from(values), samples }
  }
}

/** x of some samples, as the model takes them. */
export function datasetRows(dataset: Dataset, first: number, n: number): Float32Array {
  const { x } = dataset.samples(...Array.from({ length: n }, (_, i) => first + i))
  const values = hooks.read(x)
  return values instanceof Float32Array ? values : Float32Array.from(values)
}

function joined(parts: readonly Tensor[]): Tensor {
  const arrays = parts.map((p) => hooks.read(p))
  const total = arrays.reduce((sum, a) => sum + a.length, 0)
  const values = arrays[0] instanceof Int32Array ? new Int32Array(total) : new Float32Array(total)
  let at = 0
  for (const a of arrays) {
    values.set(a, at)
    at += a.length
  }
  return constant(values, [parts.reduce((sum, p) => sum + p.shape[0]!, 0), ...parts[0]!.shape.slice(1)])
}
