/** Making the weights of a model: it is described once, with a real batch. */
import { ChainruleError } from '../errors.ts'
import type { Tree } from '../gradient.ts'
import { feeds } from '../layers/inputs.ts'
import type { Layer } from '../layers/layer.ts'
import { wholeOrNothing } from '../layers/whole.ts'
import { mapNamed, type Named, pathOf } from '../named.ts'
import { type Settable, withInitialValues } from '../parameters/parameter.ts'
import { describeOnly } from '../program/traced.ts'
import { derive } from '../seeds.ts'
import type { Spec, Tensor } from '../tensor/graph.ts'
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts'

/** What a model is described with: each input with its batch. */
export type Inputs = Named<Spec>

// Where nobody says how many samples a batch will have: as many as `fit` takes by default, or one.
const usualBatches = [32, 1]

export function withBatch(samples: Named<Shape>, batch: number): Inputs {
  return mapNamed(samples, (shape) => ({ shape: [batch, ...shape], dtype: 'float32' as const }))
}

export const sampleShapes = (inputs: Inputs) => mapNamed(inputs, ({ shape }) => shape.slice(1))

/** @throws ERR_SHAPE where samples are others than those that the model was built for */
export function refuseOtherSamples(built: Inputs, samples: Named<Shape>): void {
  const named = (shapes: Named<Shape>) => [...shapes].map(([name, s]) => pathOf(formatShape(s), name)).join(', ')
  const own = sampleShapes(built)
  const same = own.size === samples.size && [...own].every(([name, s]) => sameShape(s, samples.get(name) ?? [-1]))
  if (same) return
  throw new ChainruleError('ERR_SHAPE', `The model takes samples of shape ${named(own)}, got ${named(samples)}`)
}

/** Makes the weights for one of the usual batches; returns the inputs that the model could be described with. */
export function buildForAnyBatch(model: Layer<Tree, Tree>, samples: Named<Shape>, values: FirstValues): Inputs {
  let first: unknown
  for (const batch of usualBatches) {
    const inputs = withBatch(samples, batch)
    try {
      buildFor(model, inputs, values)
      return inputs
    } catch (error) {
      first ??= error
    }
  }
  throw first
}

/** @param values null: parameters and states have shapes only */
export function buildFor(model: Layer<Tree, Tree>, inputs: Inputs, values: FirstValues | null): void {
  withInitialValues(values?.start() ?? (() => {}), () =>
    wholeOrNothing(() => describeOnly(() => model.apply(feeds(inputs)))),
  )
}

/** The first values of what a model is made of. Where it is described again, they are the same, not drawn again. */
export class FirstValues {
  readonly #seed: number
  readonly #drawn: { of: Settable; values: Tensor }[] = []

  constructor(seed: number) {
    this.#seed = seed
  }

  start(): (made: Settable) => void {
    let count = 0
    return (made) => {
      const i = count++
      const before = this.#drawn[i]
      const isSame = before?.of.initializer === made.initializer && sameShape(before.of.shape, made.shape)
      const values = isSame ? before.values : made.initializer.values(made.shape, derive(this.#seed, 1000 + i))
      this.#drawn[i] = { of: made, values }
      made.set(values)
    }
  }
}
