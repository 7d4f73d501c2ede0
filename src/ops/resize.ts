/** Pictures in another size. */
import { apply } from '../tensor/apply.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape } from '../tensor/shape.ts'

export type Interpolation = 'nearest' | 'bilinear'

interface Resize {
  readonly size: readonly [height: number, width: number]
  readonly interpolation: Interpolation
}
interface Back extends Resize {
  readonly into: Shape
}

const resized = ([n, , , c]: Shape, [height, width]: Resize['size']): Shape => [n!, height, width, c!]
const attributesOf = (x: Shape, { size, interpolation }: Resize) => [
  ...x,
  ...size,
  interpolation === 'bilinear' ? 1 : 0,
]

const resizeOperation: Operation<Resize> = defineOperation({
  name: 'resize',
  infer: ([x], { size }) => {
    if (x!.rank !== 4 || x!.shape.slice(1).includes(0))
      throw shapeError('resize', `expected pictures [batch, height, width, channels], got ${formatShape(x!.shape)}`)
    return [{ shape: resized(x!.shape, size), dtype: 'float32' }]
  },
  emit: ({ inputs: [x], attributes }) => ({ kernel: 'resize', attributes: attributesOf(x!.shape, attributes) }),
  flops: ({ outputs: [y], attributes }) => (attributes.interpolation === 'bilinear' ? 9 : 0) * y!.size(),
  gradient: ({ inputs: [x], attributes }, [dy]) => [apply(gradientOperation, [dy!], { ...attributes, into: x!.shape })],
})

const gradientOperation: Operation<Back> = defineOperation({
  name: 'resizeGradient',
  infer: (_, { into }) => [{ shape: into, dtype: 'float32' }],
  emit: ({ attributes }) => ({ kernel: 'resizeGradient', attributes: attributesOf(attributes.into, attributes) }),
  flops: ({ inputs: [dy], attributes }) => (attributes.interpolation === 'bilinear' ? 8 : 1) * dy!.size(),
  gradient: ({ attributes: { into: _, ...attributes } }, [ddx]) => [apply(resizeOperation, [ddx!], attributes)],
})

/**
 * Pictures [batch, height, width, channels] in another size. Pixels are squares, whose middles are compared; outside of the
 * picture its edge goes on. Nothing is smoothed: a much smaller picture leaves pixels out.
 * @param interpolation 'nearest' takes the pixel in which the new one's middle lies, 'bilinear' mixes the four around it
 */
export function resize(
  x: Tensor,
  size: readonly [height: number, width: number],
  interpolation: Interpolation,
): Tensor {
  return apply(resizeOperation, [x], { size, interpolation })
}
