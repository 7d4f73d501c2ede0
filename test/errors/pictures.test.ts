/** Layers for pictures that do not fit what they are given: the error names the layer, both shapes, and what to do. */
import { describe, expect, test } from 'vitest'
import {
  averagePool1d,
  batchNormalization,
  cropping2d,
  globalMaxPool2d,
  groupNormalization,
  type Layer,
  layerNormalization,
  Model,
  maxPool2d,
  permute,
  repeatVector,
  reshape,
  upSampling2d,
  zeroPadding2d,
  zeros,
} from '../../src/index.ts'
import { errorOf, shown } from '../support/errors.ts'

const on = (layer: Layer, ...shape: number[]) => layer.apply(zeros(shape))
const inModel = (layer: Layer, ...shape: number[]) => new Model([layer], { seed: 1 }).build(shape)

const built = <L extends Layer>(layer: L, ...shape: number[]): L => {
  layer.apply(zeros(shape))
  return layer
}

const cases: [string, () => unknown][] = [
  ['a pool larger than its input', () => inModel(maxPool2d({ poolSize: [2, 5], name: 'halved' }), 4, 4, 3)],
  ['a pool on a sequence that is too short', () => on(averagePool1d({ poolSize: 4 }), 2, 3, 1)],
  ['a pool on vectors', () => inModel(maxPool2d(), 10)],
  ['a pool on pictures without channels', () => on(maxPool2d(), 8, 28, 28)],
  ['a global pool on sequences', () => on(globalMaxPool2d(), 8, 28, 3)],
  ['a pool size of 0', () => maxPool2d({ poolSize: 0 })],
  ['a pool size of three', () => maxPool2d({ poolSize: [2, 2, 2] as never })],
  ['strides of a fraction', () => maxPool2d({ strides: 1.5 })],
  ['an unknown padding', () => maxPool2d({ padding: 'causal' as never })],
  ['pool_size', () => maxPool2d({ pool_size: 2 } as never)],
  ['groups that do not divide the channels', () => inModel(groupNormalization({ name: 'norm' }), 4, 4, 12)],
  ['no groups', () => groupNormalization({ groups: 0 })],
  ['an axis out of range', () => inModel(layerNormalization({ axis: 3, name: 'norm' }), 5, 6)],
  ['the batch as axis', () => on(batchNormalization({ axis: 0 }), 4, 5)],
  ['an axis of no number', () => batchNormalization({ axis: 'last' as never })],
  ['several axes', () => layerNormalization({ axis: [1, 2] as never })],
  ['a momentum above 1', () => batchNormalization({ momentum: 1.5 })],
  ['an epsilon of 0', () => batchNormalization({ epsilon: 0 })],
  ['vectors without a batch', () => on(batchNormalization(), 4)],
  ['other features than before', () => on(built(batchNormalization(), 2, 5), 2, 6)],
  ['a cropping that leaves nothing', () => inModel(cropping2d({ cropping: [2, 0], name: 'cut' }), 4, 8, 3)],
  ['a negative padding', () => zeroPadding2d({ padding: -1 })],
  ['a padding of three axes', () => zeroPadding2d({ padding: [1, 2, 3] as never })],
  ['an upsampling of vectors', () => inModel(upSampling2d(), 10)],
  ['an unknown interpolation', () => upSampling2d({ interpolation: 'bicubic' as never })],
  ['a shape that does not fit', () => inModel(reshape([5, -1], { name: 'square' }), 4, 4)],
  ['two open sizes', () => reshape([-1, -1])],
  ['reshape as an operation', () => reshape(zeros([4]) as never, [2, 2] as never)],
  ['an order that is none', () => permute([2, 2])],
  ['an order from 0', () => permute([0, 1])],
  ['an order of other samples', () => inModel(permute([2, 1], { name: 'turned' }), 2, 3, 4)],
  ['a repetition of sequences', () => inModel(repeatVector(3), 4, 5)],
  ['keepDims', () => globalMaxPool2d({ keepDims: true } as never)],
]

describe('errors of layers for pictures', () => {
  test.each(cases)('%s', async (_, call) => {
    expect(shown(await errorOf(call))).toMatchSnapshot()
  })
})
