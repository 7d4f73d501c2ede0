import { add, toFloat } from '../../ops/elementwise.ts'
import { at } from '../../ops/slice.ts'
import { checkOptions, oneOf, optional, positiveInteger } from '../../options.ts'
import type { Parameter } from '../../parameters/parameter.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { constant } from '../../tensor/leaves.ts'
import { formatShape, type Shape } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { makeWeight } from '../weights.ts'

export interface PositionEmbeddingOptions extends LayerOptions {
  /** A table that is trained, or waves of different lengths, which are not; default 'learned'. */
  kind?: 'learned' | 'sinusoidal'
}

const table = {
  sequenceLength: positiveInteger,
  kind: optional(oneOf(['learned', 'sinusoidal']), 'learned'),
  ...layerTable,
}

export class PositionEmbedding extends Layer {
  static readonly type = 'positionEmbedding'
  positionEmbeddings: Parameter | null = null
  readonly #checked

  constructor(options: PositionEmbeddingOptions & { sequenceLength: number }) {
    const checked = checkOptions('positionEmbedding', options, table)
    super(checked)
    this.#checked = checked
  }

  protected override build(shape: Shape): void {
    const { kind, sequenceLength } = this.#checked
    refuseOthers(shape, sequenceLength)
    if (kind === 'learned')
      this.positionEmbeddings = makeWeight('positionEmbeddings', {}, [sequenceLength, shape[2]!], 'glorotUniform')
  }

  protected forward(input: Tensor): Tensor {
    const x = toFloat(input)
    refuseOthers(x.shape, this.#checked.sequenceLength)
    const [, t, width] = x.shape as [number, number, number]
    if (!this.positionEmbeddings) return add(x, waves(t, width))
    const [length, own] = this.positionEmbeddings.shape as [number, number]
    if (width !== own) throw shapeError('positionEmbedding', `expected [batch, t, ${own}], got ${formatShape(x.shape)}`)
    return add(x, t === length ? this.positionEmbeddings : at(this.positionEmbeddings, `:${t}`))
  }

  protected override computeMask(_x: Tensor, mask: Tensor | undefined): Tensor | undefined {
    return mask
  }
}

function refuseOthers(shape: Shape, longest: number): void {
  if (shape.length === 3 && shape[1]! <= longest) return
  throw shapeError(
    'positionEmbedding',
    `expected [batch, t, features] with at most ${longest} steps, its sequenceLength, got ${formatShape(shape)}`,
  )
}

function waves(t: number, width: number): Tensor {
  const values = new Float32Array(t * width)
  for (let position = 0; position < t; position++)
    for (let i = 0; i < width; i++) {
      const angle = position / 10000 ** ((i - (i % 2)) / width)
      values[position * width + i] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    }
  return constant(values, [t, width])
}

/**
 * Adds to each step what says where it stands: [batch, t, features] to the same shape, for t up to `sequenceLength`.
 *
 * 'learned': a row of a trained table, `positionEmbeddings` [sequenceLength, features]. 'sinusoidal': sin(p / 10000^(2i/n)) for the features 2i of
 * n, and the cosine of it for 2i + 1 (Vaswani et al., "Attention is all you need", 2017). KerasHub's PositionEmbedding gives
 * only what is added here. Rotary positions are an option of `multiHeadAttention`.
 */
export function positionEmbedding(sequenceLength: number, options: PositionEmbeddingOptions = {}): PositionEmbedding {
  return new PositionEmbedding({ sequenceLength, ...options })
}
