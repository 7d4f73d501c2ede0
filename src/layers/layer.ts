/** What a layer is: parameters in public fields, `build` that makes them, `forward` that describes. */
import { ChainruleError } from '../errors.ts'
import { leavesOf, likeTree, type Tree } from '../gradient.ts'
import { describeValue } from '../options.ts'
import { Parameter } from '../parameters/parameter.ts'
import { State } from '../parameters/state.ts'
import type { Regularizer } from '../regularizers.ts'
import { describeError, inScope, shapeError } from '../tensor/describing.ts'
import { Tensor } from '../tensor/graph.ts'
import type { Shape } from '../tensor/shape.ts'
import { type Context, contextOf, inMode, inside, type Mode, settingStates } from './context.ts'
import { carrying, checkedMask, maskOf, withMask } from './masks.ts'
import { isRecorded, recordCall } from './recorded.ts'
import { type LayerClass, layerMaker, type Restoration } from './restoration.ts'
import { beforeBuild, wholeOrNothing } from './whole.ts'

// biome-ignore lint/suspicious/noExplicitAny: any layer, whatever it takes and gives
export type AnyLayer = Layer<any, any>

export interface ApplyOptions {
  /** 'train' or 'predict'; by default as the layer around it, and outside of layers 'predict'. */
  mode?: Mode
  /** Which steps of the input [batch, t, ...] count: int32 [batch, t]. By default the mask that the input carries. */
  mask?: Tensor
}

/** Shapes in the same structure as the inputs. */
export type ShapeOf<In extends Tree> = 0 extends 1 & In
  ? // biome-ignore lint/suspicious/noExplicitAny: of any inputs
    any
  : In extends Tensor
    ? Shape
    : { readonly [K in keyof In]: Shape }

const ofOneTensor = new WeakSet<object>()

/** @internal makes layers of a class refuse lists and objects of tensors, before they are built for them */
export function takesOneTensor(layer: LayerClass): void {
  ofOneTensor.add(layer)
}

function refuseOthers(where: string, x: unknown): void {
  const leaves = typeof x === 'object' && x !== null ? leavesOf(x as Tree) : []
  if (leaves.length > 0 && leaves.every((t) => t instanceof Tensor)) return
  throw new ChainruleError(
    'ERR_DATA',
    `${where}: apply takes a tensor, or a list or object of tensors, got ${describeValue(x)}. Make one by tensor(...).`,
  )
}

/**
 * A part of a model. Own layers extend it: assign parameters and child layers to public fields, make parameters in
 * `build`, describe the result in `forward`, and call children by `child.apply(x)`.
 *
 * `static type` and a single options object, passed to `super(options)`, make a layer loadable.
 */
export abstract class Layer<In extends Tree = Tensor, Out extends Tree = Tensor> {
  /** What the layer was made from. */
  readonly options: Readonly<Record<string, unknown>>
  /** Its name in paths such as `dense.kernel`; a model gives one to layers that have none. */
  name: string
  /** When false, training leaves the parameters of this layer and its children as they are. */
  trainable: boolean
  #built = false
  #isDescribed = false

  constructor(options: object = {}) {
    this.options = Object.freeze({ ...options }) as Readonly<Record<string, unknown>>
    this.name = typeof this.options.name === 'string' ? this.options.name : ''
    this.trainable = this.options.trainable !== false
  }

  /** The type under which the layer is saved. */
  get type(): string {
    return (this.constructor as { type?: string }).type ?? this.constructor.name
  }

  /** Makes parameters and state, once, for the first input shape, [batch, ...]. The weights must not depend on the batch. */
  protected build?(input: ShapeOf<In>): void

  /** @internal how it is made again */
  restoration(): Restoration {
    return { maker: layerMaker(this.constructor as LayerClass), options: this.options }
  }

  /** What it adds to the path that errors name. */
  protected scope(): string {
    return this.name || this.type
  }

  /** Whether `build` has run. */
  get built(): boolean {
    return this.#built
  }

  /** Called once, before the first `forward`. */
  protected prepare(input: ShapeOf<In>): void {
    this.build?.(input)
  }

  /** One line: weights are for `parameters()`, a table of the layers for `summary()`. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const weights = [...this.parameters().values()].reduce((sum, p) => sum + p.size(), 0)
    const within = this.sublayers().length - 1
    const parts = [
      ...(within > 0 ? [`${within} layers`] : []),
      this.built ? `${weights.toLocaleString('en')} weights` : 'not built yet',
    ]
    return `${this.constructor.name}${this.name ? ` '${this.name}'` : ''} (${parts.join(', ')})`
  }

  /** Describes the output. */
  protected abstract forward(x: In, context: Context): Out

  /**
   * What becomes of the mask of its input: the mask of its output, int32 [batch, t], or undefined where there is none. The
   * output carries it to the next layer; of several outputs the first one does. As in Keras, by default it ends here, and
   * nothing is said: the layers behind see all steps. A layer that works step by step gives back the mask that it got.
   * What a child layer's output carries, and is returned as it is, stays.
   */
  protected computeMask(_x: In, _mask: Tensor | undefined): Tensor | undefined {
    return undefined
  }

  /** The mask that `apply` was given, checked. Layers that take several tensors, or masks of other shapes, say it here. */
  protected acceptMask(x: In, mask: Tensor): Tensor {
    if (x instanceof Tensor) return checkedMask(mask, x)
    throw describeError(
      'ERR_OPTION',
      'mask',
      'the layer takes several tensors, and a mask is about one of them. Give the mask to the layer that makes that tensor.',
    )
  }

  /** The penalties of this layer's own parameters. */
  regularization(): readonly (readonly [Parameter, Regularizer])[] {
    return []
  }

  /**
   * Calls the layer: builds it if it is not, and describes its output. On symbolic tensors (`input`) the call is recorded,
   * for `new Model({ inputs, outputs })`.
   * @throws ERR_SHAPE for a mask that does not fit the input, ERR_OPTION for a layer that applies itself
   */
  apply(x: In, options: ApplyOptions = {}): Out {
    refuseOthers(this.scope(), x)
    if (isRecorded(x)) return recordCall(this, this.scope(), x, options) as Out
    const describe = () => inScope(this.scope(), () => this.#once(() => this.#describe(x, options?.mask)))
    const whole = () => wholeOrNothing(() => settingStates(describe))
    return options?.mode ? inMode(options.mode, whole) : whole()
  }

  #once(describe: () => Out): Out {
    if (this.#isDescribed)
      throw describeError('ERR_OPTION', 'apply', 'the layer is applied within its own forward: a circle')
    this.#isDescribed = true
    try {
      return describe()
    } finally {
      this.#isDescribed = false
    }
  }

  #describe(given: In, own: Tensor | undefined): Out {
    if (ofOneTensor.has(this.constructor) && !(given instanceof Tensor))
      throw shapeError(this.type, `expected one tensor, got ${describeValue(given)}`)
    const mask = own === undefined ? carriedBy(given) : this.acceptMask(given, own)
    // As if the input had carried it: child layers find it there.
    const x =
      own !== undefined && given instanceof Tensor && mask?.rank === 2 ? (carrying(given, mask) as typeof given) : given
    if (!this.#built) {
      beforeBuild(this, () => {
        this.#built = false
      })
      this.prepare(shapesOf(x))
    }
    this.#built = true
    const out = inside(this, () => this.forward(x, contextOf(this, mask)))
    if (typeof (out as unknown as PromiseLike<unknown>)?.then === 'function')
      throw new ChainruleError('ERR_OPTION', `${this.type}: forward must not be async: it only describes`)
    return masked(out, this.computeMask(x, mask), x)
  }

  /** Parameters, states and layers in public fields, by name; those in lists by their own name or position. */
  children(): [string, Parameter | State | Layer<Tree, Tree>][] {
    const found: [string, Parameter | State | Layer<Tree, Tree>][] = []
    const visit = (name: string, value: unknown) => {
      if (value instanceof Parameter || value instanceof State || value instanceof Layer) found.push([name, value])
      else if (Array.isArray(value))
        for (const [i, item] of value.entries())
          visit(item instanceof Layer && item.name ? `${name}.${item.name}` : `${name}.${i}`, item)
    }
    for (const [name, value] of Object.entries(this)) visit(name, value)
    return found
  }

  /** All parameters by path, this layer's first, in the order in which the fields were made. */
  parameters(): Map<string, Parameter> {
    return this.#leaves((child) => child instanceof Parameter)
  }

  /** All states by path, in the same order. */
  states(): Map<string, State> {
    return this.#leaves((child) => child instanceof State)
  }

  #leaves<T extends Tensor>(isWanted: (child: unknown) => child is T): Map<string, T> {
    const found = new Map<string, T>()
    const seen = new Set<unknown>()
    const walk = (layer: Layer<Tree, Tree>, path: string) => {
      for (const [name, child] of layer.children()) {
        if (seen.has(child)) continue
        seen.add(child)
        if (isWanted(child)) setOnce(found, path + name, child)
        else if (child instanceof Layer) walk(child, `${path}${name}.`)
      }
    }
    walk(this as unknown as Layer<Tree, Tree>, '')
    return found
  }

  /** This layer and all layers below it. */
  sublayers(): Layer<Tree, Tree>[] {
    const found = new Set<Layer<Tree, Tree>>()
    const visit = (layer: Layer<Tree, Tree>) => {
      if (found.has(layer)) return
      found.add(layer)
      for (const [, child] of layer.children()) if (child instanceof Layer) visit(child)
    }
    visit(this as unknown as Layer<Tree, Tree>)
    return [...found]
  }
}

function setOnce<T>(found: Map<string, T>, path: string, leaf: T): void {
  if (found.has(path))
    throw new ChainruleError(
      'ERR_OPTION',
      `Two parameters or states have the path '${path}'. Give the layers that stand in one list different names.`,
    )
  found.set(path, leaf)
}

/** The mask of the first tensor that has one. */
function carriedBy(x: Tree): Tensor | undefined {
  for (const t of leavesOf(x)) {
    const mask = maskOf(t)
    if (mask) return mask
  }
  return undefined
}

/** An output, or the first of several, with a mask. What was an input stays as others know it. */
function masked<Out extends Tree>(out: Out, mask: Tensor | undefined, input: Tree): Out {
  if (!mask) return out
  const [first, ...others] = leavesOf(out)
  const give = leavesOf(input).includes(first!) ? carrying : withMask
  return likeTree(out, [give(first!, checkedMask(mask, first!)), ...others]) as unknown as Out
}

function shapesOf<In extends Tree>(x: In): ShapeOf<In> {
  if (x instanceof Tensor) return x.shape as ShapeOf<In>
  const shapes = leavesOf(x).map((t) => t.shape)
  return likeTree(x, shapes as never) as unknown as ShapeOf<In>
}

/** The parameters that training may change: neither they nor a layer around them is frozen. */
export function trainableParameters(layer: Layer<Tree, Tree>): Set<Parameter> {
  const frozen = new Set<Parameter>()
  for (const part of layer.sublayers()) if (!part.trainable) for (const p of part.parameters().values()) frozen.add(p)
  return new Set([...layer.parameters().values()].filter((p) => p.trainable && !frozen.has(p)))
}

/** Which layers are frozen, a digit each: what those do that normalise batches depends on it, without parameters too. */
export function frozenLayers(layer: Layer<Tree, Tree>): string {
  return layer
    .sublayers()
    .map(({ trainable }) => (trainable ? 0 : 1))
    .join('')
}
