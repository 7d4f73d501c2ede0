import { ChainruleError } from '../../errors.ts'
import { reshape as reshaped } from '../../ops/movement.ts'
import { type Check, checkOptions, optionError } from '../../options.ts'
import { shapeError } from '../../tensor/describing.ts'
import { Tensor } from '../../tensor/graph.ts'
import { formatShape, largestRank, type Shape, sizeOf } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'

const shapeOption: Check<Shape> = (value, subject) => {
  const list: unknown[] = Array.isArray(value) && value.length < largestRank ? Array.from(value) : ['no shape']
  const fits = list.every((n) => n === -1 || (Number.isSafeInteger(n) && (n as number) >= 1))
  if (fits && list.filter((n) => n === -1).length <= 1) return list as number[]
  throw optionError(
    subject,
    `a list of at most ${largestRank - 1} positive integers, one of which may be -1`,
    value,
    'Give the shape of one sample, such as [28, 28, 1].',
  )
}

const table = { shape: shapeOption, ...layerTable }

export class Reshape extends Layer {
  static readonly type = 'reshape'
  readonly #shape: Shape

  constructor(options: LayerOptions & { shape: Shape }) {
    const checked = checkOptions('reshape', options, table)
    super(checked)
    this.#shape = checked.shape
  }

  protected forward(x: Tensor): Tensor {
    const size = sizeOf(x.shape.slice(1))
    const known = sizeOf(this.#shape.filter((n) => n !== -1))
    const rest = size / known
    const shape = this.#shape.map((n) => (n === -1 ? rest : n))
    if (x.rank < 1 || !Number.isInteger(rest) || sizeOf(shape) !== size)
      throw shapeError(
        'reshape',
        `a sample of shape ${formatShape(x.shape.slice(1))} has ${size} numbers, which do not fill ${formatShape(this.#shape)}`,
      )
    return reshaped(x, [x.shape[0]!, ...shape])
  }
}

/**
 * The same numbers in another shape: [batch, ...] becomes [batch, ...shape]. One size may be −1: it follows from the
 * others. The operation on tensors is `x.reshape(shape)`.
 */
export function reshape(shape: Shape, options: LayerOptions = {}): Reshape {
  if ((shape as unknown) instanceof Tensor)
    throw new ChainruleError('ERR_OPTION', 'reshape: this makes a layer. The operation is a method: x.reshape([2, 3]).')
  return new Reshape({ shape, ...options })
}
