import { add, mul } from '../../ops/elementwise.ts'
import { concat } from '../../ops/slice.ts'
import { checkOptions, oneOf, optional, optionError, type Subject } from '../../options.ts'
import type { Tensor } from '../../tensor/graph.ts'
import type { AnyLayer } from '../layer.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { SequenceLayer } from './sequence-layer.ts'

// biome-ignore lint/suspicious/noExplicitAny: with any states
type Half = SequenceLayer<any, false>

export interface BidirectionalOptions extends LayerOptions {
  /** How the outputs of both directions become one; default 'concat'. */
  mergeMode?: 'concat' | 'sum' | 'mul' | 'ave'
}

function layerOption(value: unknown, subject: Subject): Half {
  if (!(value instanceof SequenceLayer))
    throw optionError(subject, 'a recurrent layer', value, 'Give one such as lstm(64).')
  const { returnState, goBackwards } = value.options
  if (returnState || goBackwards)
    throw optionError(
      subject,
      'a recurrent layer that goes forwards and gives a tensor',
      value,
      `Leave out its option '${returnState ? 'returnState' : 'goBackwards'}'.`,
    )
  if (value.built)
    throw optionError(
      subject,
      'a recurrent layer without weights',
      value,
      'It has been applied: both directions are made from its options. Give a new one.',
    )
  return value as Half
}

const merges = {
  concat: (a: Tensor, b: Tensor) => concat([a, b], -1),
  sum: (a: Tensor, b: Tensor) => add(a, b),
  mul: (a: Tensor, b: Tensor) => mul(a, b),
  ave: (a: Tensor, b: Tensor) => mul(add(a, b), 0.5),
}
type MergeMode = keyof typeof merges

const table = {
  layer: layerOption,
  mergeMode: optional(oneOf<MergeMode>(['concat', 'sum', 'mul', 'ave']), 'concat'),
  ...layerTable,
}

export class Bidirectional extends Layer {
  static readonly type = 'bidirectional'
  readonly forwardLayer: Half
  readonly backwardLayer: Half
  readonly #merge: (a: Tensor, b: Tensor) => Tensor
  readonly #returnsSequences: boolean

  constructor(options: BidirectionalOptions & { layer: AnyLayer }) {
    const { layer, mergeMode, ...rest } = checkOptions('bidirectional', options, table)
    super({ layer, mergeMode, ...rest })
    this.forwardLayer = layer.half(false) as Half
    this.backwardLayer = layer.half(true) as Half
    this.#merge = merges[mergeMode]
    this.#returnsSequences = layer.options.returnSequences === true
  }

  /** Sets the states that stateful layers keep to zero. */
  resetStates(): void {
    this.forwardLayer.resetStates()
    this.backwardLayer.resetStates()
  }

  protected forward(x: Tensor): Tensor {
    return this.#merge(this.forwardLayer.apply(x) as Tensor, this.backwardLayer.apply(x) as Tensor)
  }

  protected override computeMask(_x: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return this.#returnsSequences ? mask : undefined
  }
}

/**
 * Two recurrent layers over one sequence, of which one goes backwards (Schuster and Paliwal, 1997). Both are made from the
 * options of the layer that is given, with weights of their own: `forwardLayer` and `backwardLayer`.
 *
 * Input [batch, t, features]. Output with 'concat' [batch, 2·units], with 'sum', 'mul' and 'ave' [batch, units]: what each
 * gives last, the backward one for the first step. With `returnSequences` [batch, t, ...], step by step, and zeros where
 * the mask of the input is 0.
 * PyTorch's `bidirectional=True` is 'concat'; its output at the last step is another one, as its backward part has seen that
 * step only.
 */
export function bidirectional(layer: AnyLayer, options: BidirectionalOptions = {}): Bidirectional {
  return new Bidirectional({ layer, ...options })
}
