/** Pictures whose points come from elsewhere, by one affine map for all or one for each: turned, moved, cropped, resized. */
import { apply } from '../tensor/apply.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape } from '../tensor/shape.ts'

/** In the order in which the kernel counts them. */
export const fillModes = ['constant', 'nearest', 'reflect', 'wrap'] as const

export interface Sampling {
  /** Of the result. */
  readonly height: number
  readonly width: number
  readonly interpolation: 'nearest' | 'bilinear'
  /** What lies outside: a constant, the nearest point, the picture mirrored at its edges, or the picture again. */
  readonly fillMode: (typeof fillModes)[number]
  readonly fillValue: number
}

// Of both operations, from the picture's shape [n, height, width, c].
function numbersOf(shape: readonly number[], transforms: Tensor, s: Sampling): readonly number[] {
  const [n, height, width, c] = shape as [number, number, number, number]
  const one = transforms.shape[0] === 1 ? 1 : 0
  const bilinear = s.interpolation === 'bilinear' ? 1 : 0
  return [n, height, width, c, s.height, s.width, one, bilinear, fillModes.indexOf(s.fillMode), s.fillValue]
}

interface Back extends Sampling {
  readonly shape: readonly number[]
}

const flopsPerPoint = 8

const sampleOperation: Operation<Sampling> = defineOperation<Sampling>({
  name: 'sample',
  infer: ([x, transforms], { height, width }) => {
    const [n, , , c] = x!.shape as [number, number, number, number]
    const [maps, six] = transforms!.shape
    if (x!.rank !== 4 || transforms!.rank !== 2 || six !== 6 || (maps !== 1 && maps !== n))
      throw shapeError(
        'sample',
        `expected pictures [n, height, width, c] and maps [n, 6] or [1, 6], got ${formatShape(x!.shape)} and ` +
          `${formatShape(transforms!.shape)}`,
      )
    return [{ shape: [n, height, width, c], dtype: 'float32' }]
  },
  emit: ({ inputs: [x, transforms], attributes }) => ({
    kernel: 'sample',
    attributes: numbersOf(x!.shape, transforms!, attributes),
  }),
  flops: ({ outputs: [y] }) => flopsPerPoint * y!.size(),
  gradient: ({ inputs: [x, transforms], attributes }, [dy]) => [
    apply(sampleGradientOperation, [dy!, transforms!], { ...attributes, shape: x!.shape }),
    null,
  ],
})

const sampleGradientOperation: Operation<Back> = defineOperation<Back>({
  name: 'sampleGradient',
  infer: (_, { shape }) => [{ shape, dtype: 'float32' }],
  emit: ({ inputs: [, transforms], attributes }) => ({
    kernel: 'sampleGradient',
    attributes: numbersOf(attributes.shape, transforms!, attributes),
  }),
  flops: ({ inputs: [dy] }) => flopsPerPoint * dy!.size(),
  // It is linear in dy; what a constant adds falls away.
  gradient: ({ inputs: [, transforms], attributes: { shape: _, ...sampling } }, [d]) => [
    apply(sampleOperation, [d!, transforms!], { ...sampling, fillValue: 0 }),
    null,
  ],
})

/**
 * The result at (row, column) is x at (a0·column + a1·row + a2, b0·column + b1·row + b2) for the map
 * [a0, a1, a2, b0, b1, b2]: a column and a row, of points whose middles have whole numbers. Maps are constants: no gradient
 * goes to them.
 * @param x [n, height, width, c]
 * @param maps [n, 6], or [1, 6] for all
 */
export function sample(x: Tensor, maps: Tensor, sampling: Sampling): Tensor {
  return apply(sampleOperation, [x, maps], sampling)
}
