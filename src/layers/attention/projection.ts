import { toFloat } from '../../ops/elementwise.ts'
import { linear, matmul } from '../../ops/matmul.ts'
import { reshape } from '../../ops/movement.ts'
import type { Parameter } from '../../parameters/parameter.ts'
import { shapeError } from '../../tensor/describing.ts'
import type { Tensor } from '../../tensor/graph.ts'
import { formatShape, type Shape, sizeOf } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'
import { makeWeight, penaltiesOf } from '../weights.ts'

/** A part of an attention layer: x·W + b along the last axes of x, to heads or from heads. */
export class Projection extends Layer {
  static readonly type = 'projection'
  kernel!: Parameter
  bias: Parameter | null = null
  readonly #from: number
  readonly #to: Shape
  readonly #weights: { readonly useBias: boolean }

  /** @param from how many of the last axes are multiplied @param to what stands in their place */
  constructor(name: string, from: number, to: Shape, weights: { readonly useBias: boolean }) {
    super({ name })
    this.#from = from
    this.#to = to
    this.#weights = weights
  }

  protected override build(shape: Shape): void {
    this.kernel = makeWeight('kernel', this.#weights, [...shape.slice(-this.#from), ...this.#to], 'glorotUniform')
    if (this.#weights.useBias) this.bias = makeWeight('bias', this.#weights, this.#to, 'zeros')
  }

  protected forward(input: Tensor): Tensor {
    const x = toFloat(input)
    const inner = this.kernel.shape.slice(0, this.#from)
    const own = x.shape.slice(-this.#from)
    if (`${own}` !== `${inner}`)
      throw shapeError(
        this.name,
        `expected inputs of shape ${formatShape(['batch', 't', ...inner])}, got ${formatShape(x.shape)}`,
      )
    const [k, n] = [sizeOf(inner), sizeOf(this.#to)]
    const rows = reshape(x, [-1, k])
    const w = reshape(this.kernel, [k, n])
    const y = this.bias ? linear(rows, w, reshape(this.bias, [n])) : matmul(rows, w)
    return reshape(y, [...x.shape.slice(0, x.rank - this.#from), ...this.#to])
  }

  override regularization() {
    return penaltiesOf(this.#weights, { kernel: this.kernel, bias: this.bias })
  }
}
