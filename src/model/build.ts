/** Making the weights of a model: it is described once, with a real batch. */
import { ChainruleError } from '../errors.ts'
import type { Tree } from '../gradient.ts'
import { feeds, tensorsOf } from '../layers/inputs.ts'
import type { Layer } from '../layers/layer.ts'
import { wholeOrNothing } from '../layers/whole.ts'
import { mapNamed, type Named } from '../named.ts'
import { type Settable, withInitialValues } from '../parameters/parameter.ts'
import { describeOnly } from '../program/traced.ts'
import { derive } from '../seeds.ts'
import { pendingNodes } from '../tensor/apply.ts'
import type { Spec, Tensor } from '../tensor/graph.ts'
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts'

/** What a model is described with: each input with its batch. */
export type Inputs = Named<Spec>

// Where nobody says how many samples a batch will have: as many as `fit` takes by default, or one.
const usualBatches = [32, 1]

function withBatch(samples: Named<Shape>, batch: number): Inputs {
  return mapNamed(samples, (shape) => ({ shape: [batch, ...shape], dtype: 'float32' as const }))
}

export const sampleShapes = (inputs: Inputs) => mapNamed(inputs, ({ shape }) => shape.slice(1))

/** @throws ERR_SHAPE where samples are others than those that the model was built for */
export function refuseOtherSamples(built: Inputs, samples: Named<Shape>): void {
  const named = (shapes: Named<Shape>) =>
    [...shapes].map(([name, s]) => `${name}${name && ' '}${formatShape(s)}`).join(', ')
  const own = sampleShapes(built)
  const same = own.size === samples.size && [...own].every(([name, s]) => sameShape(s, samples.get(name) ?? [-1]))
  if (same) return
  const names = [...own.keys()]
  if (samples.size !== own.size || !names.every((name) => samples.has(name)))
    throw new ChainruleError(
      'ERR_DATA',
      names[0] === ''
        ? `The model has one input, but x has names: ${[...samples.keys()].join(', ')}. Give one array.`
        : `The model has the inputs ${names.join(', ')}; give x as { ${names.join(', ')} }, got ` +
            `${samples.has('') ? 'one array' : [...samples.keys()].join(', ')}.`,
    )
  throw new ChainruleError('ERR_SHAPE', `The model takes samples of shape ${named(own)}, got ${named(samples)}`)
}

/**
 * Inputs of whole numbers that the layers only ever cast to float32 are float32 for the model: what it is given later may
 * have fractions, and the cast is made where samples are gathered.
 */
function settled(inputs: Inputs, { x, y }: { x: Tree; y: Tree }): Inputs {
  const nodes = pendingNodes([...tensorsOf(y).values()])
  const feeds = tensorsOf(x)
  return mapNamed(inputs, (spec, name) => {
    const users = nodes.filter((node) => node.inputs.includes(feeds.get(name)!))
    return users.length > 0 &&
      users.every(({ operation, outputs }) => operation.isCast && outputs[0]!.dtype === 'float32')
      ? { ...spec, dtype: 'float32' as const }
      : spec
  })
}

function described(model: Layer<Tree, Tree>, inputs: Inputs): { x: Tree; y: Tree } {
  return describeOnly(() => {
    const x = feeds(inputs)
    return { x, y: model.apply(x) }
  })
}

/** The inputs as the model takes them, where the weights have been made without knowing the dtypes. */
export function settle(model: Layer<Tree, Tree>, inputs: Inputs): Inputs {
  return [...inputs.values()].some(({ dtype }) => dtype === 'int32')
    ? settled(inputs, described(model, inputs))
    : inputs
}

/** Makes the weights for one of the usual batches; returns the inputs that the model could be described with. */
export function buildForAnyBatch(model: Layer<Tree, Tree>, samples: Named<Shape>, values: FirstValues): Inputs {
  let first: unknown
  for (const batch of usualBatches) {
    const inputs = withBatch(samples, batch)
    try {
      return buildFor(model, inputs, values)
    } catch (error) {
      first ??= error
    }
  }
  throw first
}

/**
 * Makes the weights for a batch; returns the inputs as the model takes them.
 * @param values null: parameters and states have shapes only
 */
export function buildFor(model: Layer<Tree, Tree>, inputs: Inputs, values: FirstValues | null): Inputs {
  return settled(
    inputs,
    withInitialValues(values?.start() ?? (() => {}), () => wholeOrNothing(() => described(model, inputs))),
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
