import type { Initializer, InitializerName } from '../../initializers.ts'
import { notEqual } from '../../ops/elementwise.ts'
import { gather } from '../../ops/lookup.ts'
import { boolean, checkOptions, optional, positiveInteger } from '../../options.ts'
import type { Parameter } from '../../parameters/parameter.ts'
import type { Regularizer } from '../../regularizers.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { type LayerOptions, layerTable } from '../options.ts'
import { makeWeight, penaltiesOf, weightTable } from '../weights.ts'

export interface EmbeddingOptions extends LayerOptions {
  /** First values; default 'uniform', from −0.05 to 0.05. */
  embeddingsInitializer?: InitializerName | Initializer
  embeddingsRegularizer?: Regularizer
  /** Whether id 0 is padding: the output then carries the mask of ids that are not 0. Default false. */
  maskZero?: boolean
}

const { embeddingsInitializer, embeddingsRegularizer } = weightTable('embeddings')
const table = {
  inputDim: positiveInteger,
  outputDim: positiveInteger,
  embeddingsInitializer,
  embeddingsRegularizer,
  maskZero: optional(boolean, false),
  ...layerTable,
}

export class Embedding extends Layer {
  static readonly type = 'embedding'
  embeddings!: Parameter
  readonly #checked

  constructor(options: EmbeddingOptions & { inputDim: number; outputDim: number }) {
    const checked = checkOptions('embedding', options, table)
    super(checked)
    this.#checked = checked
  }

  protected override build(): void {
    const { inputDim, outputDim } = this.#checked
    this.embeddings = makeWeight('embeddings', this.#checked, [inputDim, outputDim], 'uniform')
  }

  protected forward(ids: Tensor): Tensor {
    return gather(this.embeddings, ids)
  }

  protected override computeMask(ids: Tensor): Tensor | undefined {
    if (!this.#checked.maskZero) return undefined
    if (ids.rank !== 2)
      throw shapeError('embedding', `with maskZero expected ids [batch, t], got ${formatShape(ids.shape)}`)
    return notEqual(ids, 0)
  }

  override regularization() {
    return penaltiesOf(this.#checked, { embeddings: this.embeddings })
  }
}

/**
 * A row of a table for each id: ids [batch, ...], int32 from 0 to inputDim − 1, to [batch, ..., outputDim].
 *
 * The table, `embeddings` [inputDim, outputDim], is trained: the gradient of a row is the sum over the places where its id
 * stands. It costs what the batch holds, not the table; so does the update by an optimizer that leaves a row without
 * gradient as it is (`sgd` without momentum and decay, `adagrad`). Others, such as `adam`, move all rows in each step, as in
 * Keras and PyTorch. First values are Keras's; PyTorch's `nn.Embedding` begins with normal ones of deviation 1, and its
 * `padding_idx` keeps a row at zero, which `maskZero` does not.
 * @throws ERR_DATA for an id that the table does not have
 */
export function embedding(inputDim: number, outputDim: number, options: EmbeddingOptions = {}): Embedding {
  return new Embedding({ inputDim, outputDim, ...options })
}
