/** What layers over time take and give: a sequence, alone or with the state to start from, and where it ended. */
import { toFloat } from '../../ops/elementwise.ts'
import { describeValue } from '../../options.ts'
import { describeError, shapeError } from '../../tensor/describing.ts'
import { Tensor } from '../../tensor/graph.ts'
import { formatShape, type Shape, sameShape } from '../../tensor/shape.ts'

/** What a recurrent layer takes: the sequence [batch, t, ...], or the sequence and the state to start from. */
export type Sequence<S extends string> = Tensor | ({ readonly input: Tensor } & { readonly [K in S]: Tensor })

/** What it gives: with `returnState` the state, too, under the names by which it is taken. */
export type Recurred<S extends string, R extends boolean> = R extends true
  ? { readonly output: Tensor } & { readonly [K in S]: Tensor }
  : Tensor

export interface SplitSequence {
  readonly input: Tensor
  /** The state to start from, by name; null where none was given. */
  readonly states: Readonly<Record<string, Tensor>> | null
}

/** A sequence and its state, checked. `shapes`: those of one sample's state, by name. */
export function splitSequence(layer: string, x: unknown, shapes: Readonly<Record<string, Shape>>): SplitSequence {
  if (x instanceof Tensor) return { input: checkedSequence(layer, x), states: null }
  const names = ['input', ...Object.keys(shapes)]
  const given = x as Readonly<Record<string, unknown>>
  const keys = Array.isArray(x) ? [] : Object.keys(given)
  if (keys.length !== names.length || !names.every((name) => given[name] instanceof Tensor))
    throw describeError(
      'ERR_DATA',
      layer,
      `expected a tensor [batch, t, ...], or { ${names.join(', ')} } with the state to start from, got ${describeValue(x)}`,
    )
  const input = checkedSequence(layer, given.input as Tensor)
  const states = Object.entries(shapes).map(([name, shape]) => [
    name,
    checkedState(layer, name, given[name] as Tensor, [input.size(0), ...shape]),
  ])
  return { input, states: Object.fromEntries(states) }
}

/** The shape of the sequence, checked, from the shapes of what a layer is built for. */
export function sequenceShape(layer: string, given: unknown): Shape {
  const shapes = given as Shape | { readonly input?: Shape }
  if ('input' in shapes && shapes.input) return checkedShape(layer, shapes.input)
  if (Array.isArray(shapes) && shapes.every((n) => typeof n === 'number')) return checkedShape(layer, shapes)
  throw describeError(
    'ERR_DATA',
    layer,
    `expected a tensor [batch, t, ...], or an object with 'input' and the state to start from, got ${describeValue(given)}`,
  )
}

function checkedShape(layer: string, shape: Shape): Shape {
  if (shape.length >= 3 && shape[1]! > 0) return shape
  const what = shape.length >= 3 ? 'a sequence of at least one step' : 'a sequence of shape [batch, t, features]'
  const advice =
    shape.length === 2
      ? ' Of one number per step make a row: x.reshape([batch, t, 1]). Where it comes from a recurrent layer, that one ' +
        'needs returnSequences: true.'
      : ''
  throw shapeError(layer, `expected ${what}, got ${formatShape(shape)}.${advice}`)
}

function checkedSequence(layer: string, x: Tensor): Tensor {
  checkedShape(layer, x.shape)
  return toFloat(x)
}

function checkedState(layer: string, name: string, x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return toFloat(x)
  throw shapeError(
    layer,
    `expected the state '${name}' to have shape ${formatShape(shape)}, got ${formatShape(x.shape)}`,
  )
}
